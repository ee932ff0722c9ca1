using System.Text;

namespace Microsoft.ML.AudioTransformers;

/// <summary>A chart as an SVG document, which browsers, notebooks and papers show at any size.</summary>
public sealed class SvgChart
{
    private readonly string _document;

    internal SvgChart(string document) => _document = document;

    /// <summary>The SVG document.</summary>
    public override string ToString() => _document;

    /// <summary>Writes the document to a file, which is replaced as a whole or not at all.</summary>
    /// <param name="path">The file, usually with the extension .svg.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path)
    {
        string beside = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            File.WriteAllText(beside, _document, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
            File.Move(beside, path, overwrite: true);
        }
        finally
        {
            File.Delete(beside);
        }
    }
}
