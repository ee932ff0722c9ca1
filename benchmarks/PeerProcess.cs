using System.Diagnostics;
using System.Globalization;

namespace AudioMLNet.Benchmarks;

/// <summary>
/// A process that measures when it is asked to, so that several sides run in turns on the same machine, and each has its
/// own memory. It answers each line that it is sent with one line; its first line it prints unasked.
/// </summary>
internal class PeerProcess : IDisposable
{
    private readonly Process _process;

    /// <param name="program">A program, which computes on one thread.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">Variables that it has beside those of this process.</param>
    /// <exception cref="InvalidOperationException">The process ended before it was ready.</exception>
    public PeerProcess(
        string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        OneThread.Set(start);
        foreach ((string variable, string value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[variable] = value;
        }

        _process = Process.Start(start)!;
        FirstLine = _process.StandardOutput.ReadLine()
            ?? throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended at once.");
    }

    /// <summary>What the process printed when it was ready.</summary>
    public string FirstLine { get; }

    /// <summary>The process's number.</summary>
    public int Id => _process.Id;

    /// <summary>This program as another process.</summary>
    public static PeerProcess Own(params IEnumerable<string> arguments) => new(
        Environment.ProcessPath!,
        OneThread.IsHost ? [Environment.GetCommandLineArgs()[0], .. arguments] : arguments);

    /// <summary>This program as another process, with variables of the environment.</summary>
    public static PeerProcess OwnWith(IReadOnlyDictionary<string, string> environment, params IEnumerable<string> arguments) =>
        new(
            Environment.ProcessPath!,
            OneThread.IsHost ? [Environment.GetCommandLineArgs()[0], .. arguments] : arguments,
            environment);

    /// <summary>This program as another process on several threads.</summary>
    public static PeerProcess OwnOnThreads(int threads, params IEnumerable<string> arguments) => OwnWith(
        new Dictionary<string, string> { ["OMP_NUM_THREADS"] = $"{threads}", ["MKL_NUM_THREADS"] = $"{threads}" },
        arguments);

    /// <summary>The numbers that a request is answered with.</summary>
    /// <exception cref="InvalidOperationException">The process ended instead.</exception>
    public double[] Ask(string request)
    {
        _process.StandardInput.WriteLine(request);
        _process.StandardInput.Flush();
        string answer = _process.StandardOutput.ReadLine()
            ?? throw new InvalidOperationException($"A process ended while it was asked for '{request}'.");
        return [.. answer.Split(' ').Select(number => double.Parse(number, CultureInfo.InvariantCulture))];
    }

    /// <summary>The seconds of one run of a case.</summary>
    public double Time(string name) => Ask(name)[0];

    /// <summary>The most memory that the process had, in 10^6 bytes.</summary>
    public double PeakMegabytes() => Ask("peak")[0] / 1e6;

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(TimeSpan.FromSeconds(10)))
        {
            _process.Kill();
        }

        _process.Dispose();
    }
}
