using AudioMLNet.Benchmarks;

if (args is ["metrics"])
{
    MetricsBenchmark.Run();
    return 0;
}

Console.Error.WriteLine("""
    usage: dotnet run -c Release --project benchmarks -- <benchmark>
      metrics   evaluators at the size of AudioSet's evaluation set
    """);
return 2;
