using System.Globalization;

namespace AudioMLNet.Reproduce;

/// <summary>What the command line asks for.</summary>
/// <param name="Tables">The tables.</param>
/// <param name="Data">The folder with a folder a data set; made where the data are synthetic.</param>
/// <param name="Weights">The folder with files of weights to start from, or null.</param>
/// <param name="Output">The folder of the results.</param>
/// <param name="IsSynthetic">Whether small data are made.</param>
/// <param name="Seeds">The number of trainings of each row.</param>
/// <param name="Epochs">Epochs in place of the recipes', or null.</param>
/// <param name="Clips">Synthetic clips of each class in a split.</param>
/// <param name="Only">The one training to do, as <see cref="Results.NameOf"/> calls it; no table is printed. Or null.</param>
internal sealed record Settings(
    IReadOnlyList<PaperTable> Tables,
    string Data,
    string? Weights,
    string Output,
    bool IsSynthetic,
    int Seeds,
    int? Epochs,
    int Clips,
    string? Only)
{
    /// <summary>How many of ESC-50's folds are trained.</summary>
    public int Folds => IsSynthetic ? 2 : 5;

    /// <summary>The command line without the names of tables.</summary>
    public IReadOnlyList<string> Arguments { get; private init; } = [];

    /// <summary>What decides a training's result: results of others are not taken for those of this run.</summary>
    public string Decisive => FormattableString.Invariant(
        $"data '{(IsSynthetic ? $"synthetic, {Clips} clips a class" : Data)}', weights '{Weights}', epochs '{Epochs}'");

    /// <summary>Reads the command line.</summary>
    /// <exception cref="ArgumentException">It asks for something else.</exception>
    public static Settings Read(string[] args)
    {
        List<string> names = [];
        Dictionary<string, string> values = [];
        bool isSynthetic = false;
        for (int i = 0; i < args.Length; i++)
        {
            if (args[i] == "--synthetic")
            {
                isSynthetic = true;
            }
            else if (args[i] is "--data" or "--weights" or "--out" or "--seeds" or "--epochs" or "--clips"
                or "--only")
            {
                values[args[i]] = i + 1 < args.Length ? args[++i] : throw new ArgumentException($"{args[i]} needs a value.");
            }
            else
            {
                names.Add(args[i]);
            }
        }

        PaperTable[] tables = names is ["all"] ? [.. PaperTables.All] :
        [
            .. PaperTables.All.Where(table => names.Count == 2 && table.Paper == names[0]
                && table.Number.ToString(CultureInfo.InvariantCulture) == names[1]),
        ];
        if (tables.Length == 0 || (!isSynthetic && !values.ContainsKey("--data")))
        {
            throw new ArgumentException("expected a table, and --data or --synthetic.");
        }

        string output = Path.GetFullPath(values.GetValueOrDefault("--out", "artifacts/reproduced"));
        return new Settings(
            tables,
            Path.GetFullPath(values.GetValueOrDefault("--data", Path.Combine(output, "synthetic"))),
            values.GetValueOrDefault("--weights"),
            output,
            isSynthetic,
            Number("--seeds") ?? (isSynthetic ? 2 : 3),
            Number("--epochs") ?? (isSynthetic ? 8 : null),
            Number("--clips") ?? 6,
            values.GetValueOrDefault("--only"))
        {
            Arguments =
            [
                .. isSynthetic ? new[] { "--synthetic" } : [],
                .. values.SelectMany(pair => new[] { pair.Key, pair.Value }),
            ],
        };

        int? Number(string name) => !values.TryGetValue(name, out string? text) ? null
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0 ? number
            : throw new ArgumentException($"{name} is '{text}'; expected a whole number, 1 or more.");
    }
}
