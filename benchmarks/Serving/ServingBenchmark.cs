using System.Globalization;

namespace AudioMLNet.Benchmarks.Serving;

/// <summary>
/// The sample's listening server under load: 64 clients on the loopback beside the bare batch scorer, clients that do not
/// behave, and a stop under load.
/// </summary>
internal static class ServingBenchmark
{
    private const int Clients = 64;
    private const int BatchSize = 32;
    private const double DelayMilliseconds = 5;

    public static bool Accepts(string[] options) => options.All(
        option => option is "small" or "paper" or "abuse" or "stop"
            || double.TryParse(option, CultureInfo.InvariantCulture, out _));

    /// <param name="report">Takes what is measured.</param>
    /// <param name="options">Seconds of load; which of small, paper, abuse and stop, all if none.</param>
    public static async Task Run(Report report, string[] options)
    {
        double seconds = options.Select(option =>
            double.TryParse(option, CultureInfo.InvariantCulture, out double number) ? number : 0)
            .DefaultIfEmpty().Max();
        seconds = seconds > 0 ? seconds : 60;
        bool Has(string part) => options.Contains(part)
            || !options.Any(option => option is "small" or "paper" or "abuse" or "stop");
        string folder = Directory.CreateTempSubdirectory("serving").FullName;
        try
        {
            if (Has("paper"))
            {
                using ServedModel paper = ServedModel.Paper(folder, BatchSize);
                await Load(report, paper, seconds, bareBatches: 1);
            }

            using ServedModel small = ServedModel.Small(folder, BatchSize);
            if (Has("small"))
            {
                await Load(report, small, seconds, bareBatches: 40);
            }

            if (Has("abuse"))
            {
                await Abuse(report, small);
            }

            if (Has("stop"))
            {
                await Stop(report, small);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task Load(Report report, ServedModel model, double seconds, int bareBatches)
    {
        model.BareSpeed(1, BatchSize);
        double bare = model.BareSpeed(bareBatches, BatchSize);
        double speed, early, late;
        using (ServerProcess server = await Start(model))
        using (var clients = new LoadClients(server, model, Clients))
        {
            double warm = Math.Min(60, seconds / 3);
            await Task.Delay(TimeSpan.FromSeconds(warm));
            early = server.Memory();
            await Task.Delay(TimeSpan.FromSeconds(seconds - warm));
            speed = clients.Speed;
            late = server.Memory();
            await clients.End();
            bare = (bare + model.BareSpeed(bareBatches, BatchSize)) / 2;
            report.Say(FormattableString.Invariant(
                $"{model.Name}: {Clients} clients, {seconds} s, batches of {BatchSize}, delay {DelayMilliseconds} ms"));
            report.Add("recordings answered", "", clients.Answered);
            report.Add("wrong", "", clients.Wrong);
            report.Add("largest difference of a score", "", clients.Difference, "allowed", model.Tolerance);
            report.Add("equal to the bit", "", clients.Equal);
            report.Add("refused", "", clients.Refused);
            report.Add("lost", "", clients.Lost + clients.NotTaken);
            report.Add("throughput", "recordings/s", speed, "bare batch scorer", bare);
            report.Add("p50", "s", clients.Latency(0.5));
            double most = (3 * BatchSize / bare) + (DelayMilliseconds / 1000);
            report.Add("p99", "s", clients.Latency(0.99), "three batch times and the delay", most);
            report.Add(FormattableString.Invariant($"memory after {warm} s"), "MB", early);
            report.Add("memory at the end", "MB", late, "after the warm-up", early);
        }
    }

    private static async Task Abuse(Report report, ServedModel model)
    {
        using ServerProcess server = await Start(model);
        double before = server.Memory();
        report.Say("Clients that do not behave:");
        report.Say("| client | got |");
        report.Say("| --- | --- |");
        foreach ((string client, string got) in await new AbusiveClients(server, model).Run())
        {
            report.Say($"| {client} | {got} |");
        }

        report.Add("memory before and after them", "MB", server.Memory(), "before", before);
    }

    private static async Task Stop(Report report, ServedModel model)
    {
        using ServerProcess server = await Start(model);
        using var clients = new LoadClients(server, model, Clients);
        await Task.Delay(TimeSpan.FromSeconds(5));
        server.Terminate();
        int code = await server.Ended();
        await clients.End();
        report.Say("kill -TERM after five seconds of load:");
        report.Add("exit code", "", code);
        report.Add("requests begun", "", clients.Sent);
        report.Add("answered", "", clients.Answered);
        report.Add("wrong", "", clients.Wrong);
        report.Add("refused with a status", "", clients.Refused);
        report.Add("found no one listening", "", clients.NotTaken);
        report.Add("vanished", "", clients.Lost);
    }

    private static Task<ServerProcess> Start(ServedModel model) => ServerProcess.Start(
        new Dictionary<string, string> { ["model"] = model.Path },
        "--Listening:BatchSize", BatchSize.ToString(CultureInfo.InvariantCulture),
        "--Listening:DelayMilliseconds", DelayMilliseconds.ToString(CultureInfo.InvariantCulture),
        "--Listening:MaximumRecordings", "128", "--Listening:MaximumStreams", "32", "--Listening:IdleSeconds", "10");
}
