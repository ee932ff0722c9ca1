using System.Text;
using Microsoft.DotNet.Interactive;
using Microsoft.DotNet.Interactive.Commands;
using Microsoft.DotNet.Interactive.CSharp;
using Microsoft.DotNet.Interactive.Events;

namespace Microsoft.ML.AudioTransformers.Interactive.Tests.Notebooks;

/// <summary>The C# kernel of .NET Interactive, without an editor.</summary>
internal sealed class NotebookKernel : IDisposable
{
    private readonly CompositeKernel _kernel = new();

    public NotebookKernel()
    {
        var csharp = new CSharpKernel();
        _kernel.Add(csharp);
        _kernel.DefaultKernelName = csharp.Name;
    }

    /// <summary>Values that were updated in place.</summary>
    public int Updates { get; private set; }

    /// <summary>Cell that references libraries beside the tests, as their packages would, and does what the kernel does
    /// then. </summary>
    public static string References() => string.Join(
        '\n',
        [
            .. Directory.GetFiles(AppContext.BaseDirectory, "*.dll").Where(IsLibrary).Order(StringComparer.Ordinal)
                .Select(path => $"#r \"{path}\""),
            .. File.ReadLines(Path.Combine(Root, "extension.dib"))
                .Where(line => !line.StartsWith("#!", StringComparison.Ordinal)),
        ]);

    /// <summary>Runs a cell.</summary>
    /// <returns>What it shows.</returns>
    /// <exception cref="InvalidOperationException">It does not compile, or throws; the message has its code.</exception>
    public async Task<IReadOnlyList<CellOutput>> RunAsync(string code)
    {
        KernelCommandResult result = await _kernel.SendAsync(new SubmitCode(code));
        List<(string? Id, CellOutput Output)> shown = [];
        foreach (KernelEvent happened in result.Events)
        {
            switch (happened)
            {
                case CommandFailed failed:
                    throw new InvalidOperationException($"{failed.Message}\nin the cell\n{code}", failed.Exception);
                case StandardOutputValueProduced printed:
                    Print(shown, printed.FormattedValues.Single().Value);
                    break;
                case DisplayedValueUpdated updated:
                    Updates++;
                    int place = shown.FindIndex(item => item.Id == updated.ValueId);
                    shown[place] = (updated.ValueId, ToOutput(updated));
                    break;
                case DisplayedValueProduced or ReturnValueProduced:
                    shown.Add((((DisplayEvent)happened).ValueId, ToOutput((DisplayEvent)happened)));
                    break;
            }
        }

        return [.. shown.Select(item => item.Output)];
    }

    public void Dispose() => _kernel.Dispose();

    private static string Root => Path.Combine(
        AudioMLNet.TestSupport.Checkout.Root, "src", "Microsoft.ML.AudioTransformers.Interactive");

    private static bool IsLibrary(string path) => Path.GetFileName(path) is var name
        && (name.StartsWith("Microsoft.ML.", StringComparison.Ordinal) || name == "TorchSharp.dll")
        && !name.EndsWith(".Tests.dll", StringComparison.Ordinal);

    private static CellOutput ToOutput(DisplayEvent shown)
    {
        var value = shown.FormattedValues.First();
        return new CellOutput(value.MimeType, value.Value);
    }

    // Standard output comes in pieces.
    private static void Print(List<(string? Id, CellOutput Output)> shown, string text)
    {
        if (shown is [.., { Output.MimeType: null } last])
        {
            shown[^1] = (null, new CellOutput(null, last.Output.Text + text));
        }
        else
        {
            shown.Add((null, new CellOutput(null, text)));
        }
    }
}
