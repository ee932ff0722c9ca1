using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace AudioMLNet.Benchmarks;

/// <summary>What a benchmark measured: a table, row by row as it comes, and JSON at the end.</summary>
internal sealed class Report(string? jsonFile)
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly List<Entry> _entries = [];
    private bool _isInTable;

    /// <summary>Whether the table has a column of floors. Default: false.</summary>
    public bool HasFloors { get; set; }

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

    /// <summary>Prints a line that is no measurement, after which a further one begins a table of its own.</summary>
    public void Say(string line)
    {
        _isInTable = false;
        Console.WriteLine(line);
    }

    /// <param name="name">What was measured.</param>
    /// <param name="unit">In what.</param>
    /// <param name="value">How much.</param>
    /// <param name="peer">Beside what, measured in the same run, or null.</param>
    /// <param name="peerValue">How much that was.</param>
    /// <param name="floor">What is to be reached, or null.</param>
    public void Add(
        string name, string unit, Spread value, string? peer = null, Spread? peerValue = null, Floor? floor = null)
    {
        double? ratio = peerValue is { Median: > 0 } ? value.Median / peerValue.Median : null;
        double? reached = floor?.Reached(value, peerValue);
        bool? isMet = reached is { } number ? floor!.IsMet(number) : null;
        _entries.Add(new Entry(name, unit, value, peer, peerValue, ratio, floor?.Limit, reached, isMet));
        if (!_isInTable)
        {
            Console.WriteLine();
            Console.WriteLine(
                $"| what | unit | here, median (range) | beside | median (range) | here / beside |{(HasFloors ? " floor |" : "")}");
            Console.WriteLine($"| --- | --- | --- | --- | --- | --- |{(HasFloors ? " --- |" : "")}");
            _isInTable = true;
        }

        string ofFloor = reached is { } has ? $" {floor!.Describe(has)} |" : HasFloors ? " |" : "";

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {name} | {unit} | {value} | {(peerValue is null ? "" : peer)} | {peerValue} | {ratio:F2} |{ofFloor}"));
    }

    /// <param name="name">What was measured.</param>
    /// <param name="unit">In what.</param>
    /// <param name="value">How much, measured once or counted.</param>
    /// <param name="peer">Beside what, measured in the same run, or null.</param>
    /// <param name="peerValue">How much that was.</param>
    /// <param name="floor">What is to be reached, or null.</param>
    public void Add(
        string name, string unit, double value, string? peer = null, double? peerValue = null, Floor? floor = null) =>
        Add(name, unit, Spread.Of([value]), peer, peerValue is double other ? Spread.Of([other]) : null, floor);

    /// <summary>Keeps a number for the file without printing it.</summary>
    public void AddQuietly(string name, string unit, double value) =>
        _entries.Add(new Entry(name, unit, Spread.Of([value]), null, null, null, null, null, null));

    /// <summary>Writes the file that was asked for, if any.</summary>
    public void Write()
    {
        if (jsonFile is not null)
        {
            File.WriteAllText(jsonFile, JsonSerializer.Serialize(_entries, s_json));
        }
    }

    private sealed record Entry(
        string Name, string Unit, Spread Value, string? Peer, Spread? PeerValue, double? Ratio, double? Floor, double? Reached,
        bool? IsMet);
}
