using AudioMLNet.TestSupport;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Interactive.Tests.Notebooks;

/// <summary>
/// The notebooks of samples/notebooks: each is what its source says, and runs by the real kernel. With
/// AUDIOML_WRITE_NOTEBOOKS=1 the run writes them instead.
/// </summary>
[TestClass]
public sealed class NotebookTests
{
    private static readonly bool s_isWriting = Environment.GetEnvironmentVariable("AUDIOML_WRITE_NOTEBOOKS") == "1";

    private static IEnumerable<object[]> Names => NotebookSource.Names.Select(name => new object[] { name });

    [TestMethod]
    public void ThereAreSix() => Assert.HasCount(6, NotebookSource.Names);

    [TestMethod, DynamicData(nameof(Names))]
    public void CodeIsThatOfTheSource(string name)
    {
        NotebookSource source = NotebookSource.Read(name);
        if (s_isWriting)
        {
            return;
        }

        (IReadOnlyList<NotebookCell> cells, _) = NotebookFile.Read(source.NotebookPath);

        CollectionAssert.AreEqual(
            source.Published.ToArray(),
            cells.ToArray(),
            $"{name}.ipynb is not as {name}.cs: run dotnet run build/audioml.cs -- notebooks.");
    }

    [TestMethod]
    public void ProgramsCompile()
    {
        string platform = (string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!;
        MetadataReference[] references =
            [.. platform.Split(Path.PathSeparator).Select(path => MetadataReference.CreateFromFile(path))];
        const string usings = "global using System; global using System.Collections.Generic; global using System.Linq;";
        CSharpCompilation program = CSharpCompilation.Create(
            "notebook",
            [CSharpSyntaxTree.ParseText(usings)],
            references,
            new CSharpCompilationOptions(OutputKind.ConsoleApplication));
        string[] errors =
        [
            .. NotebookSource.Names.SelectMany(name => program
                .AddSyntaxTrees(CSharpSyntaxTree.ParseText(NotebookSource.Program(name)))
                .GetDiagnostics()
                .Where(found => found.Severity == DiagnosticSeverity.Error)
                .Select(found => $"{name}: {found}")),
        ];

        Assert.AreEqual("", string.Join('\n', errors));
    }

    [TestMethod, DynamicData(nameof(Names))]
    public async Task RunsInTheKernel(string name)
    {
        NotebookSource source = NotebookSource.Read(name);
        IReadOnlyList<NotebookCell> cells = source.WithReferences(NotebookKernel.References());
        List<IReadOnlyList<CellOutput>> outputs = [];
        using var kernel = new NotebookKernel();
        string folder = Environment.CurrentDirectory;
        Environment.CurrentDirectory = NotebookSource.Folder;
        try
        {
            foreach (NotebookCell cell in cells)
            {
                outputs.Add(cell.IsCode ? await kernel.RunAsync(cell.Text) : []);
            }
        }
        finally
        {
            Environment.CurrentDirectory = folder;
        }

        if (s_isWriting)
        {
            File.WriteAllText(source.NotebookPath, NotebookFile.Write(source.Published, outputs));
        }

        (_, IReadOnlyList<IReadOnlyList<CellOutput>> stored) = NotebookFile.Read(source.NotebookPath);
        for (int i = 0; i < cells.Count; i++)
        {
            Assert.AreEqual(Kinds(stored[i]), Kinds(outputs[i]), $"Cell {i + 1} shows something else than what is stored.");
        }

        bool hasProgress = cells.Any(cell => cell.Text.Contains("Progress(", StringComparison.Ordinal));
        Assert.AreEqual(hasProgress, kernel.Updates > 0, "A training's progress updates what is shown.");
        Assert.AreNotEqual("", string.Concat(outputs.Select(Kinds)));
        Assert.DoesNotContain(Checkout.Root, File.ReadAllText(source.NotebookPath));
        Assert.DoesNotContain(Path.GetTempPath(), File.ReadAllText(source.NotebookPath));
        Assert.IsLessThan(1_500_000, new FileInfo(source.NotebookPath).Length);
    }

    private static string Kinds(IEnumerable<CellOutput> outputs) =>
        string.Join(',', outputs.Select(output => output.MimeType ?? "text"));
}
