using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using AudioMLNet.Reproduce;
using AudioMLNet.TestSupport;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Samples;

/// <summary>samples/Reproduce prints the papers' nine tables on small data, and goes on where a run was ended.</summary>
[TestClass]
public sealed class ReproduceTests
{
    // The papers' rows and numbers, from the papers.
    private static readonly (string Folder, string[] Rows)[] s_tables =
    [
        ("passt-1", ["Baseline|0.314", "PANNs|0.439", "AST|0.459", "AST-N|0.454", "CNN|0.438", "PaSST-B|0.462",
            "PaSST-U|0.466", "PaSST-S|0.471", "PaSST-S-L|0.459", "PaSST-S-N|0.466"]),
        ("passt-2", ["Baseline|0.795", "State of the art|0.831", "PaSST-B|0.837", "PaSST-U|0.843", "PaSST-S|0.843",
            "PaSST-S-L|0.841", "PaSST-S-N|0.840"]),
        ("htsat-1", ["Baseline|0.314", "DeepRes|0.392", "PANN|0.434", "PSLA (pretrained)|0.444",
            "AST (not pretrained)|0.366", "AST (pretrained)|0.459", "HTS-AT H|0.440", "HTS-AT HC|0.453",
            "HTS-AT HCP|0.471", "HTS-AT HCP, ensemble|0.487"]),
        ("htsat-2", ["PANN / RES-15|90.5", "AST|95.6", "ERANN / KWT-2|96.1", "HTS-AT|97.0"]),
        ("htsat-3", ["PANN|34.3", "HTS-AT|48.6", "HTS-AT, ensemble|47.5", "Zheng et al.|41.4", "Kim et al.|34.7",
            "Lu et al.|37.1"]),
        ("datar-1", ["AST|52.6", "DATAR|71.5"]),
        ("datar-2", ["AST|52.3", "Chen et al.|48.8", "AudioSlowFast|50.1", "DATAR|55.5"]),
        ("datar-3", ["AST|44.3", "Damen et al.|42.1", "AudioSlowFast|46.5", "DATAR|48.7"]),
        ("datar-4", ["without deformable|69.4", "with deformable|70.5", "Gaussian perturbation|70.2",
            "Laplacian perturbation|70.5", "deformable + adaptor, 0.2|70.5", "deformable + adaptor, 0.005|71.5"]),
    ];

    // Rows that other authors' models gave, or a training on data that is no table's.
    private static readonly string[] s_others =
    [
        "Baseline", "PANNs", "CNN", "State of the art", "DeepRes", "PANN", "PSLA (pretrained)", "AST (pretrained)",
        "PANN / RES-15", "ERANN / KWT-2", "Zheng et al.", "Kim et al.", "Lu et al.", "Chen et al.", "AudioSlowFast",
        "Damen et al.",
    ];

    [TestMethod]
    public void AllTablesArePrintedAndAnEndedRunGoesOn()
    {
        using var folder = new TemporaryFolder();
        string printed = Run(folder.Path, "all", "--seeds", "1");
        foreach ((string table, string[] rows) in s_tables)
        {
            string markdown = File.ReadAllText(folder.File($"{table}-synthetic/table.md"));
            StringAssert.Contains(printed, markdown, table);
            string[][] cells =
            [
                .. markdown.Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(2)
                    .Select(line => line.Trim('|', ' ').Split(" | ")),
            ];
            CollectionAssert.AreEqual(rows, cells.Select(row => $"{row[0]}|{row[1]}").ToArray(), table);
            foreach (string[] row in cells)
            {
                bool isOther = s_others.Contains(row[0]);
                Assert.AreEqual(isOther, row[2] == "not implemented", $"{table}, {row[0]}: {row[2]}");
                Assert.IsTrue(
                    isOther || row[2] == "-" || double.TryParse(row[2], CultureInfo.InvariantCulture, out _),
                    $"{table}, {row[0]}: {row[2]}");
            }

            Assert.HasCount(rows.Length + 1, File.ReadAllLines(folder.File($"{table}-synthetic/table.csv")));
        }

        // Paper's ratios of speed and memory: 184.2 / 23.1 and 0.202 / 2.33; ours stand beside them.
        string last = printed.Split('\n').Single(line => line.StartsWith("| PaSST-S-N | 0.466", StringComparison.Ordinal));
        StringAssert.Contains(last, "| 7.97 | ");
        StringAssert.Contains(last, "| 0.09 | ");
        string b = printed.Split('\n').Single(line => line.StartsWith("| PaSST-B | 0.462", StringComparison.Ordinal));
        StringAssert.EndsWith(b, "| 1.00 | 1.00 | 1.00 | 1.00 |");

        Continue(folder);
    }

    /// <summary>Two seeds after one: the first is not trained again, and there is a deviation.</summary>
    private static void Continue(TemporaryFolder folder)
    {
        string[] kept = Directory.GetFiles(folder.File("htsat-1-synthetic"), "*-1.json");
        foreach (string path in kept)
        {
            // A result that no training gives shows that it is read.
            File.WriteAllText(path, JsonSerializer.Serialize(new[] { 0.125, 1, 1 }));
        }

        string printed = Run(folder.Path, "htsat", "1", "--seeds", "2");
        Assert.HasCount(5, kept);
        Assert.DoesNotContain("seed 1,", printed);
        StringAssert.Contains(printed, "HTS-AT HCP on audioset, seed 2, from random weights");
        foreach (string line in printed.Split('\n').Where(line => line.StartsWith("| HTS-AT H", StringComparison.Ordinal)))
        {
            bool isEnsemble = line.Contains("ensemble", StringComparison.Ordinal);
            Assert.AreEqual(!isEnsemble, line.Contains(" +- ", StringComparison.Ordinal), line);
        }

        foreach (string path in kept)
        {
            Assert.AreEqual("[0.125,1,1]", File.ReadAllText(path));
        }

        // Results of other settings are not taken for those of this run.
        (int code, _, string error) = Start(folder.Path, "htsat", "1", "--seeds", "1", "--epochs", "2");
        Assert.AreEqual(2, code);
        StringAssert.Contains(error, "has results of");
        StringAssert.Contains(error, "epochs '2'");
    }

    private static string Run(string output, params string[] arguments)
    {
        (int code, string printed, string error) = Start(output, [.. arguments, "--epochs", "1"]);
        Assert.AreEqual(0, code, error);
        return printed.ReplaceLineEndings("\n");
    }

    private static (int Code, string Output, string Error) Start(string output, params string[] arguments)
    {
        string[] command =
            [typeof(PaperTable).Assembly.Location, .. arguments, "--synthetic", "--clips", "1", "--out", output];
        ProcessStartInfo start = new(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", command)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string printed = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, printed, error.Result);
    }
}
