using System.Globalization;
using System.Text;
using System.Xml;

namespace Microsoft.ML.AudioTransformers.Drawing;

/// <summary>Writer of an SVG document: shapes in their order, lengths in pixels, from the top left.</summary>
internal sealed class SvgWriter : IDisposable
{
    private const string Namespace = "http://www.w3.org/2000/svg";

    private readonly StringBuilder _document = new();
    private readonly XmlWriter _xml;

    /// <summary>Begins a document with a white background.</summary>
    public SvgWriter(double width, double height, string title)
    {
        _xml = XmlWriter.Create(_document, new XmlWriterSettings
        {
            Indent = true,
            NewLineChars = "\n",
            OmitXmlDeclaration = true,
            CheckCharacters = false,
        });
        _xml.WriteStartElement("svg", Namespace);
        Attribute("width", width);
        Attribute("height", height);
        _xml.WriteAttributeString("viewBox", string.Create(CultureInfo.InvariantCulture, $"0 0 {width:0.##} {height:0.##}"));
        _xml.WriteAttributeString("font-family", "sans-serif");
        _xml.WriteAttributeString("font-size", "12");
        _xml.WriteElementString("title", Namespace, Printable(title));
        Rectangle(0, 0, width, height, "white");
    }

    /// <summary>Colour of a series, counted from 0: ten distinct ones (Tableau 10, matplotlib's default), in turn.</summary>
    public static string Color(int index) => s_colors[index % s_colors.Length];

    private static readonly string[] s_colors =
        ["#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f", "#bcbd22", "#17becf"];

    /// <summary>A filled rectangle; <paramref name="hint"/> is its tooltip, <paramref name="opacity"/> 0 to 1.</summary>
    public void Rectangle(double x, double y, double width, double height, string fill, string? hint = null, double opacity = 1)
    {
        _xml.WriteStartElement("rect", Namespace);
        Attribute("x", x);
        Attribute("y", y);
        Attribute("width", width);
        Attribute("height", height);
        _xml.WriteAttributeString("fill", fill);
        if (opacity < 1)
        {
            Attribute("fill-opacity", opacity);
        }

        if (hint is not null)
        {
            _xml.WriteElementString("title", Namespace, Printable(hint));
        }

        _xml.WriteEndElement();
    }

    /// <summary>A line from one point to another, 1 pixel wide.</summary>
    public void Line(double x1, double y1, double x2, double y2, string stroke)
    {
        _xml.WriteStartElement("line", Namespace);
        Attribute("x1", x1);
        Attribute("y1", y1);
        Attribute("x2", x2);
        Attribute("y2", y2);
        _xml.WriteAttributeString("stroke", stroke);
        _xml.WriteEndElement();
    }

    /// <summary>A disc with a white rim, visible on any background; <paramref name="hint"/> is its tooltip.</summary>
    public void Circle(double x, double y, double radius, string fill, string hint)
    {
        _xml.WriteStartElement("circle", Namespace);
        Attribute("cx", x);
        Attribute("cy", y);
        Attribute("r", radius);
        _xml.WriteAttributeString("fill", fill);
        Attribute("fill-opacity", 0.8);
        _xml.WriteAttributeString("stroke", "white");
        Attribute("stroke-width", 0.75);
        _xml.WriteElementString("title", Namespace, Printable(hint));
        _xml.WriteEndElement();
    }

    /// <summary>Points joined by lines, 1.5 pixels wide.</summary>
    public void Polyline(IEnumerable<(double X, double Y)> points, string stroke)
    {
        _xml.WriteStartElement("polyline", Namespace);
        _xml.WriteAttributeString("points", string.Join(' ', points.Select(
            point => string.Create(CultureInfo.InvariantCulture, $"{point.X:0.##},{point.Y:0.##}"))));
        _xml.WriteAttributeString("fill", "none");
        _xml.WriteAttributeString("stroke", stroke);
        _xml.WriteAttributeString("stroke-width", "1.5");
        _xml.WriteEndElement();
    }

    /// <summary>A text; <paramref name="anchor"/> is start, middle or end, <paramref name="angle"/> is in degrees, clockwise.
    /// </summary>
    public void Text(double x, double y, string text, string anchor = "start", string fill = "black", double angle = 0)
    {
        _xml.WriteStartElement("text", Namespace);
        Attribute("x", x);
        Attribute("y", y);
        _xml.WriteAttributeString("text-anchor", anchor);
        _xml.WriteAttributeString("fill", fill);
        if (angle != 0)
        {
            _xml.WriteAttributeString(
                "transform", string.Create(CultureInfo.InvariantCulture, $"rotate({angle:0.##} {x:0.##} {y:0.##})"));
        }

        _xml.WriteString(Printable(text));
        _xml.WriteEndElement();
    }

    /// <summary>A PNG image, stretched to the given size.</summary>
    public void Image(double x, double y, double width, double height, byte[] png)
    {
        _xml.WriteStartElement("image", Namespace);
        Attribute("x", x);
        Attribute("y", y);
        Attribute("width", width);
        Attribute("height", height);
        _xml.WriteAttributeString("preserveAspectRatio", "none");
        _xml.WriteAttributeString("href", "data:image/png;base64," + Convert.ToBase64String(png));
        _xml.WriteEndElement();
    }

    /// <summary>Ends the document; nothing can be written after.</summary>
    public SvgChart ToChart()
    {
        _xml.WriteEndElement();
        _xml.Flush();
        return new SvgChart(_document.ToString());
    }

    public void Dispose() => _xml.Dispose();

    private void Attribute(string name, double value)
        => _xml.WriteAttributeString(name, value.ToString("0.##", CultureInfo.InvariantCulture));

    /// <summary>Text with a replacement character for each that XML does not allow, such as control characters.</summary>
    private static string Printable(string text)
    {
        var printable = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            bool isAllowed = !rune.IsBmp || XmlConvert.IsXmlChar((char)rune.Value);
            printable.Append((isAllowed ? rune : Rune.ReplacementChar).ToString());
        }

        return printable.ToString();
    }
}
