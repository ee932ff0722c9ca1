using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace AudioMLNet.Benchmarks;

/// <summary>What a benchmark measured, printed as it comes and written as JSON at the end.</summary>
internal sealed class Report(string? jsonFile)
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly List<Entry> _entries = [];

    /// <summary>Takes <c>--json FILE</c> out of a command's arguments.</summary>
    public static Report FromArguments(ref string[] arguments)
    {
        int place = Array.IndexOf(arguments, "--json");
        if (place < 0)
        {
            return new Report(null);
        }

        if (place + 1 == arguments.Length)
        {
            throw new ArgumentException("--json needs a file's name.");
        }

        string file = arguments[place + 1];
        arguments = [.. arguments[..place], .. arguments[(place + 2)..]];
        return new Report(file);
    }

    /// <summary>Prints a line that is no measurement.</summary>
    public static void Say(string line) => Console.WriteLine(line);

    /// <param name="name">What was measured.</param>
    /// <param name="unit">In what.</param>
    /// <param name="value">How much.</param>
    /// <param name="peer">Beside what, or null.</param>
    /// <param name="peerValue">How much that was.</param>
    public void Add(string name, string unit, double value, string? peer = null, double? peerValue = null)
    {
        double? ratio = peerValue is > 0 ? value / peerValue : null;
        _entries.Add(new Entry(name, unit, value, peer, peerValue, ratio));
        string line = string.Create(CultureInfo.InvariantCulture, $"{name}: {Digits(value)} {unit}");
        if (peer is not null && peerValue is double other)
        {
            line += string.Create(CultureInfo.InvariantCulture, $"; {peer}: {Digits(other)}, ratio {ratio:F2}");
        }

        Console.WriteLine(line);
    }

    /// <summary>Keeps a number for the file without printing it.</summary>
    public void AddQuietly(string name, string unit, double value) =>
        _entries.Add(new Entry(name, unit, value, null, null, null));

    /// <summary>Writes the file that was asked for, if any.</summary>
    public void Write()
    {
        if (jsonFile is not null)
        {
            File.WriteAllText(jsonFile, JsonSerializer.Serialize(_entries, s_json));
        }
    }

    private static string Digits(double value) =>
        value.ToString(Math.Abs(value) >= 100 ? "F0" : "G4", CultureInfo.InvariantCulture);

    private sealed record Entry(string Name, string Unit, double Value, string? Peer, double? PeerValue, double? Ratio);
}
