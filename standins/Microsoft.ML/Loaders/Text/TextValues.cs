using System.Globalization;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Reads values out of fields of text.</summary>
internal static class TextValues
{
    /// <summary>Reads a field that is not empty. Where it fails the value is the type's missing or default one.</summary>
    public delegate bool Parser<T>(ReadOnlyMemory<char> text, out T value);

    public static Parser<T> ParserOf<T>(PrimitiveDataViewType type)
    {
        Delegate parser = type is KeyDataViewType key ? KeyParser(key) : Plain(type.RawType);
        return (Parser<T>)parser;
    }

    /// <summary>Whether a value of the type can be missing; of any other type a field must be well formed.</summary>
    public static bool CanBeMissing(PrimitiveDataViewType type)
        => type is KeyDataViewType || type == NumberDataViewType.Single || type == NumberDataViewType.Double;

    private static Delegate Plain(Type type)
    {
        if (type == typeof(ReadOnlyMemory<char>))
            return (Parser<ReadOnlyMemory<char>>)Text;
        if (type == typeof(bool))
            return (Parser<bool>)Boolean;
        if (type == typeof(float))
            return (Parser<float>)Single;
        if (type == typeof(double))
            return (Parser<double>)Double;
        if (type == typeof(DateTime))
            return (Parser<DateTime>)Time;
        if (type == typeof(DateTimeOffset))
            return (Parser<DateTimeOffset>)TimeWithOffset;
        if (type == typeof(TimeSpan))
            return (Parser<TimeSpan>)Span;
        return RuntimeGeneric.Call<Delegate>(Integer<int>, type);
    }

    private static bool Text(ReadOnlyMemory<char> text, out ReadOnlyMemory<char> value)
    {
        value = text;
        return true;
    }

    private static bool Boolean(ReadOnlyMemory<char> text, out bool value)
    {
        switch (text.ToString().ToLowerInvariant())
        {
            case "1" or "t" or "y" or "+" or "+1" or "on" or "yes" or "true":
                value = true;
                return true;
            case "0" or "f" or "n" or "-" or "-1" or "no" or "off" or "false":
                value = false;
                return true;
            default:
                value = false;
                return false;
        }
    }

    private static bool Single(ReadOnlyMemory<char> text, out float value)
    {
        if (float.TryParse(text.Span, NumberStyles.Float, CultureInfo.InvariantCulture, out value))
            return true;
        value = float.NaN;
        return IsMissing(text);
    }

    private static bool Double(ReadOnlyMemory<char> text, out double value)
    {
        if (double.TryParse(text.Span, NumberStyles.Float, CultureInfo.InvariantCulture, out value))
            return true;
        value = double.NaN;
        return IsMissing(text);
    }

    private static bool Time(ReadOnlyMemory<char> text, out DateTime value)
        => DateTime.TryParse(
            text.Span,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out value);

    private static bool TimeWithOffset(ReadOnlyMemory<char> text, out DateTimeOffset value)
        => DateTimeOffset.TryParse(
            text.Span, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out value);

    private static bool Span(ReadOnlyMemory<char> text, out TimeSpan value)
        => TimeSpan.TryParse(text.Span, CultureInfo.InvariantCulture, out value);

    private static Delegate Integer<T>()
        where T : System.Numerics.IBinaryInteger<T>
        => (Parser<T>)((ReadOnlyMemory<char> text, out T value)
            => T.TryParse(text.Span, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value));

    /// <summary>A file counts the categories of a key from 0.</summary>
    private static Delegate KeyParser(KeyDataViewType type)
    {
        if (type.RawType == typeof(byte))
            return Key<byte>(type.Count);
        if (type.RawType == typeof(ushort))
            return Key<ushort>(type.Count);
        return type.RawType == typeof(uint) ? Key<uint>(type.Count) : Key<ulong>(type.Count);
    }

    private static Parser<T> Key<T>(ulong count)
        where T : System.Numerics.IBinaryInteger<T>
        => (ReadOnlyMemory<char> text, out T value) =>
        {
            bool isIndex = ulong.TryParse(
                text.Span, NumberStyles.None, CultureInfo.InvariantCulture, out ulong index) && index < count;
            value = isIndex ? T.CreateChecked(index + 1) : T.Zero;
            return isIndex || IsMissing(text);
        };

    private static bool IsMissing(ReadOnlyMemory<char> text)
        => text.Span is "?"
            || text.Span.Equals("NA", StringComparison.OrdinalIgnoreCase)
            || text.Span.Equals("N/A", StringComparison.OrdinalIgnoreCase)
            || text.Span.Equals("NaN", StringComparison.OrdinalIgnoreCase);
}
