using Microsoft.ML.AudioFeaturization.Files;

namespace Microsoft.ML.AudioTransformers;

/// <summary>SVG document of a chart, which browsers, notebooks and papers show at any size.</summary>
public sealed class SvgChart
{
    private readonly string _document;

    internal SvgChart(string document) => _document = document;

    /// <summary>SVG document, as text.</summary>
    public override string ToString() => _document;

    /// <summary>Writes the document to a file in UTF-8; a file that is there is replaced as a whole or not at all.</summary>
    /// <param name="path">The file, usually with the extension .svg.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        AtomicFile.RemoveAbandonedOnce(path);
        AtomicFile.WriteText(path, _document);
    }
}
