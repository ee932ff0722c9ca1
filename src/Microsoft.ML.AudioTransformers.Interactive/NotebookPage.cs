using System.Text;
using Microsoft.ML.AudioFeaturization.Files;
using Microsoft.ML.AudioTransformers.Interactive;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// HTML page in the place of a notebook: while it is open, a program's <see cref="AudioNotebook.Show"/> and
/// <see cref="AudioNotebook.Progress"/> put on it what they would show in cells. It is written when it is disposed.
/// </summary>
/// <remarks>One page can be open at a time. The page needs no network and no server.</remarks>
public sealed class NotebookPage : IDisposable
{
    private readonly string _path;
    private readonly TextWriter _text;
    private readonly List<string> _items = [];
    private readonly Lock _lock = new();
    private bool _isWritten;

    private NotebookPage(string path, TextWriter text) => (_path, _text) = (path, text);

    /// <summary>Opens a page.</summary>
    /// <param name="path">File of the page, usually with the extension .html; a file that is there is replaced, and a folder that
    /// is not there is made.</param>
    /// <param name="text">Writer that takes the same as text, such as <c>Console.Out</c>; null for none.</param>
    /// <exception cref="InvalidOperationException">A page is open already.</exception>
    /// <exception cref="IOException">The folder cannot be made.</exception>
    public static NotebookPage Open(string path, TextWriter? text = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var page = new NotebookPage(Path.GetFullPath(path), text ?? TextWriter.Null);
        Directory.CreateDirectory(Path.GetDirectoryName(page._path)!);
        AudioNotebook.Begin(page);
        return page;
    }

    /// <summary>Closes the page and writes its file, once.</summary>
    /// <exception cref="IOException">The file cannot be written; a further call tries again.</exception>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_isWritten)
            {
                return;
            }

            AudioNotebook.End(this);
            var page = new StringBuilder()
                .Append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>")
                .Append(HtmlText.Encode(Path.GetFileNameWithoutExtension(_path)))
                .Append("</title>\n<style>body { font-family: sans-serif; margin: 24px; max-width: 1100px }\n")
                .Append("section { margin: 16px 0; overflow-x: auto }\n")
                .Append("td, th { padding: 2px 10px; text-align: left }</style>\n</head>\n<body>\n");
            foreach (string item in _items)
            {
                page.Append("<section>").Append(item).Append("</section>\n");
            }

            AtomicFile.RemoveAbandoned(_path);
            AtomicFile.WriteText(_path, page.Append("</body>\n</html>\n").ToString());
            _isWritten = true;
            _text.WriteLine($"page: {_path}");
        }
    }

    /// <summary>Adds an item.</summary>
    /// <param name="html">The item.</param>
    /// <param name="text">The same as text.</param>
    /// <returns>Its index, to replace it.</returns>
    internal int Add(string html, string text)
    {
        lock (_lock)
        {
            _text.WriteLine(text);
            _items.Add(html);
            return _items.Count - 1;
        }
    }

    /// <summary>Replaces an item.</summary>
    /// <param name="index">Its index.</param>
    /// <param name="html">What takes its place.</param>
    /// <param name="text">What is new of it, as text; null for nothing.</param>
    internal void Replace(int index, string html, string? text)
    {
        lock (_lock)
        {
            if (text is not null)
            {
                _text.WriteLine(text);
            }

            _items[index] = html;
        }
    }
}
