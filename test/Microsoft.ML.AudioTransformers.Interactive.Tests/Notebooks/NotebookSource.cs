using System.Xml.Linq;
using AudioMLNet.TestSupport;

namespace Microsoft.ML.AudioTransformers.Interactive.Tests.Notebooks;

/// <summary>Cell of a notebook.</summary>
/// <param name="IsCode">Whether it is C#; otherwise Markdown.</param>
/// <param name="Text">Its text, in lines.</param>
internal sealed record NotebookCell(bool IsCode, string Text);

/// <summary>
/// Source of a notebook: a file-based program of samples/notebooks, in cells. A cell begins with a line <c>// %%</c>, as in
/// Jupytext's percent format; one of Markdown with <c>// %% [markdown]</c>, in lines of comment; one that the program alone
/// has with <c>// %% [program]</c>. What stands before the first cell names the libraries.
/// </summary>
internal sealed class NotebookSource
{
    private const string Mark = "// %%";
    private const string Project = "#:project ../../src/";

    private NotebookSource(string name, IReadOnlyList<string> libraries, IReadOnlyList<NotebookCell> cells) =>
        (Name, Libraries, Cells) = (name, libraries, cells);

    /// <summary>Folder of the sources and the notebooks.</summary>
    public static string Folder { get; } = Path.Combine(Checkout.Root, "samples", "notebooks");

    /// <summary>Names of all, in their order.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        .. Directory.GetFiles(Folder, "*.cs").Select(path => Path.GetFileNameWithoutExtension(path))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Name of the file, without its extension.</summary>
    public string Name { get; }

    /// <summary>Libraries of this repository that it references.</summary>
    public IReadOnlyList<string> Libraries { get; }

    /// <summary>Cells of the notebook, without that of the references.</summary>
    public IReadOnlyList<NotebookCell> Cells { get; }

    /// <summary>The notebook beside the source.</summary>
    public string NotebookPath => Path.Combine(Folder, Name + ".ipynb");

    /// <summary>Cells as they are published: packages by their names, before the first code.</summary>
    public IReadOnlyList<NotebookCell> Published => WithReferences(
        string.Join('\n', [.. Libraries.Select(library => $"#r \"nuget: {library}, {LibraryVersion()}\""), .. LibTorch()]));

    /// <summary>A source as a program, without the lines for the SDK.</summary>
    public static string Program(string name) => string.Join('\n', File.ReadLines(Path.Combine(Folder, name + ".cs"))
        .Where(line => !line.StartsWith("#:", StringComparison.Ordinal)));

    /// <summary>Reads a source.</summary>
    public static NotebookSource Read(string name)
    {
        string[] lines = File.ReadAllLines(Path.Combine(Folder, name + ".cs"));
        List<NotebookCell> cells = [];
        int first = Array.FindIndex(lines, line => line.StartsWith(Mark, StringComparison.Ordinal));
        for (int start = first, end; start < lines.Length; start = end)
        {
            end = Array.FindIndex(lines, start + 1, line => line.StartsWith(Mark, StringComparison.Ordinal));
            end = end < 0 ? lines.Length : end;
            string[] text = lines[(start + 1)..end];
            string kind = lines[start][Mark.Length..].Trim();
            if (kind != "[program]")
            {
                bool isCode = kind.Length == 0;
                cells.Add(new(isCode, Trim(isCode ? text : text.Select(line => line.TrimStart('/').TrimStart(' ')))));
            }
        }

        return new NotebookSource(
            name,
            [
                .. lines[..first].Where(line => line.StartsWith(Project, StringComparison.Ordinal))
                    .Select(line => line[Project.Length..]),
            ],
            cells);
    }

    /// <summary>Cells with one of references before the first code.</summary>
    /// <param name="references">Text of that cell.</param>
    public IReadOnlyList<NotebookCell> WithReferences(string references)
    {
        int first = Cells.TakeWhile(cell => !cell.IsCode).Count();
        return [.. Cells.Take(first), new NotebookCell(true, references), .. Cells.Skip(first)];
    }

    private static IEnumerable<string> LibTorch()
    {
        string version = Properties("Directory.Packages.props", "PackageVersion")
            .Single(element => (string?)element.Attribute("Include") == "libtorch-cpu-linux-x64")
            .Attribute("Version")!.Value;
        yield return "// LibTorch of this system; on Windows libtorch-cpu-win-x64, on a Mac libtorch-cpu-osx-arm64.";
        yield return $"#r \"nuget: libtorch-cpu-linux-x64, {version}\"";
    }

    private static string LibraryVersion() => Properties("Directory.Build.props", "Version").Single().Value;

    private static IEnumerable<XElement> Properties(string file, string name) =>
        XElement.Load(Path.Combine(Checkout.Root, file)).Descendants(name);

    private static string Trim(IEnumerable<string> lines) => string.Join('\n', lines).Trim('\n');
}
