using System.Runtime.InteropServices;
using System.Text;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>
/// The 256 bytes before every model. Positions count from the header's start: the model, its string table, the name
/// of the assembly that loads it, and a tail that shows that nothing is cut off.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
internal struct ModelHeader
{
    public const int Size = 0x100;

    private const ulong SignatureValue = 0x4C45444F4D004C4DUL; // "ML\0MODEL"
    private const ulong TailSignatureValue = 0x4D4C004D4F44454CUL; // the same from back to front
    private const uint VersionWritten = 0x00010002;
    private const uint OldestReadable = 0x00010001;
    private const uint VersionWithAssemblyName = 0x00010002;

    [FieldOffset(0x00)]
    public ulong Signature;
    [FieldOffset(0x08)]
    public uint VerWritten;
    [FieldOffset(0x0C)]
    public uint VerReadable;
    [FieldOffset(0x10)]
    public long FpModel;
    [FieldOffset(0x18)]
    public long CbModel;
    [FieldOffset(0x20)]
    public long FpStringTable;
    [FieldOffset(0x28)]
    public long CbStringTable;
    [FieldOffset(0x30)]
    public long FpStringChars;
    [FieldOffset(0x38)]
    public long CbStringChars;
    [FieldOffset(0x40)]
    public ulong ModelSignature;
    [FieldOffset(0x48)]
    public uint ModelVerWritten;
    [FieldOffset(0x4C)]
    public uint ModelVerReadable;
    [FieldOffset(0x50)]
    public SignatureText LoaderSignature;
    [FieldOffset(0x68)]
    public SignatureText LoaderSignatureAlt;
    [FieldOffset(0x80)]
    public long FpTail;
    [FieldOffset(0x88)]
    public long FpLim;
    [FieldOffset(0x90)]
    public long FpAssemblyName;
    [FieldOffset(0x98)]
    public uint CbAssemblyName;

    public static ulong PackSignature(ReadOnlySpan<char> text)
    {
        ulong packed = 0;
        for (int i = 0; i < Math.Min(8, text.Length); i++)
        {
            Contracts.Check(text[i] <= 0xFF, $"A signature holds Latin-1 characters, but has '{text[i]}'.");
            packed |= (ulong)text[i] << (i * 8);
        }

        return packed;
    }

    /// <summary>Leaves room for the header, which is known only when the model is written.</summary>
    public static void BeginWrite(BinaryWriter writer, out long fpMin, out ModelHeader header)
    {
        fpMin = writer.BaseStream.Position;
        header = new ModelHeader
        {
            Signature = SignatureValue,
            VerWritten = VersionWritten,
            VerReadable = VersionWritten,
            FpModel = Size,
        };
        writer.Write(new byte[Size]);
    }

    public static void SetVersionInfo(ref ModelHeader header, VersionInfo ver)
    {
        header.ModelSignature = ver.ModelSignature;
        header.ModelVerWritten = ver.VerWrittenCur;
        header.ModelVerReadable = ver.VerReadableCur;
        header.LoaderSignature = new SignatureText(ver.LoaderSignature);
        header.LoaderSignatureAlt = new SignatureText(ver.LoaderSignatureAlt);
    }

    public static void EndWrite(
        BinaryWriter writer, long fpMin, ref ModelHeader header, List<string> strings, string loaderAssemblyName)
    {
        writer.Flush();
        long Here() => writer.BaseStream.Position - fpMin;
        header.CbModel = Here() - header.FpModel;
        if (strings.Count > 0)
        {
            header.FpStringTable = Here();
            long end = 0;
            foreach (string text in strings)
                writer.Write(end += text.Length * sizeof(char));
            header.FpStringChars = Here();
            header.CbStringTable = header.FpStringChars - header.FpStringTable;
            foreach (string text in strings)
                writer.Write(Encoding.Unicode.GetBytes(text));
            header.CbStringChars = Here() - header.FpStringChars;
        }

        if (!string.IsNullOrEmpty(loaderAssemblyName))
        {
            header.FpAssemblyName = Here();
            writer.Write(Encoding.Unicode.GetBytes(loaderAssemblyName));
            header.CbAssemblyName = (uint)(Here() - header.FpAssemblyName);
        }

        header.FpTail = Here();
        writer.Write(TailSignatureValue);
        header.FpLim = Here();
        writer.BaseStream.Position = fpMin;
        writer.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<ModelHeader>(in header)));
        writer.BaseStream.Position = fpMin + header.FpLim;
    }

    /// <exception cref="FormatException">What the reader holds is not a whole model.</exception>
    public static void BeginRead(
        BinaryReader reader,
        out long fpMin,
        out ModelHeader header,
        out string[] strings,
        out string loaderAssemblyName)
    {
        fpMin = reader.BaseStream.Position;
        byte[] bytes = reader.ReadBytes(Size);
        Contracts.CheckDecode(bytes.Length == Size, "Corrupt model file: the header is cut short.");
        header = MemoryMarshal.Read<ModelHeader>(bytes);
        header.Validate(reader.BaseStream.Length - fpMin);

        strings = [];
        if (header.FpStringTable != 0)
        {
            strings = new string[header.CbStringTable / sizeof(long)];
            reader.BaseStream.Position = fpMin + header.FpStringTable;
            var ends = new long[strings.Length];
            for (int i = 0; i < ends.Length; i++)
                ends[i] = reader.ReadInt64();
            byte[] chars = reader.ReadBytes(checked((int)header.CbStringChars));
            long start = 0;
            for (int i = 0; i < strings.Length; i++)
            {
                Contracts.CheckDecode(
                    ends[i] >= start && ends[i] <= chars.Length, "Corrupt model file: the string table is broken.");
                strings[i] = Encoding.Unicode.GetString(chars, (int)start, (int)(ends[i] - start));
                start = ends[i];
            }
        }

        loaderAssemblyName = null;
        if (header.FpAssemblyName != 0 && header.VerWritten >= VersionWithAssemblyName)
        {
            reader.BaseStream.Position = fpMin + header.FpAssemblyName;
            loaderAssemblyName = Encoding.Unicode.GetString(reader.ReadBytes(checked((int)header.CbAssemblyName)));
        }

        reader.BaseStream.Position = fpMin + header.FpTail;
        Contracts.CheckDecode(reader.ReadUInt64() == TailSignatureValue, "Corrupt model file tail");
        reader.BaseStream.Position = fpMin + header.FpModel;
    }

    /// <exception cref="FormatException">The loader did not read the model to its end.</exception>
    public static void EndRead(long fpMin, ref ModelHeader header, BinaryReader reader)
    {
        Contracts.CheckDecode(
            header.FpModel + header.CbModel == reader.BaseStream.Position - fpMin,
            "Corrupt model file: its loader did not read it to the end.");
        reader.BaseStream.Position = header.FpLim + fpMin;
    }

    /// <exception cref="FormatException">The model is of another kind, or of a version that cannot be read.</exception>
    public static void CheckVersionInfo(ref ModelHeader header, VersionInfo ver)
    {
        Contracts.CheckDecode(header.ModelSignature == ver.ModelSignature, "Unknown file type");
        Contracts.CheckDecode(header.ModelVerReadable <= header.ModelVerWritten, "Corrupt file header");
        Contracts.CheckDecode(
            header.ModelVerReadable <= ver.VerWrittenCur,
            $"The model of '{ver.LoaderSignature}' is too new: it needs version {header.ModelVerReadable:x8}, " +
            $"this is {ver.VerWrittenCur:x8}.");
        Contracts.CheckDecode(
            header.ModelVerWritten >= ver.VerWeCanReadBack,
            $"The model of '{ver.LoaderSignature}' is too old: it has version {header.ModelVerWritten:x8}, " +
            $"the oldest that can be read is {ver.VerWeCanReadBack:x8}.");
    }

    private readonly void Validate(long available)
    {
        Contracts.CheckDecode(Signature == SignatureValue, "Wrong file type");
        Contracts.CheckDecode(VerReadable <= VerWritten, "Corrupt file header");
        Contracts.CheckDecode(VerReadable <= VersionWritten, "File is too new");
        Contracts.CheckDecode(VerWritten >= OldestReadable, "File is too old");

        const string broken = "Corrupt file header: its parts do not follow one another.";
        long here = Size;
        Contracts.CheckDecode(FpModel == here && CbModel >= 0 && CbModel <= available, broken);
        here += CbModel;
        if (FpStringTable != 0)
        {
            Contracts.CheckDecode(
                FpStringTable == here && CbStringTable > 0 && CbStringTable <= available
                    && CbStringTable % sizeof(long) == 0,
                broken);
            here += CbStringTable;
            Contracts.CheckDecode(
                FpStringChars == here && CbStringChars >= 0 && CbStringChars <= available
                    && CbStringChars % sizeof(char) == 0,
                broken);
            here += CbStringChars;
        }

        if (FpAssemblyName != 0 && VerWritten >= VersionWithAssemblyName)
        {
            Contracts.CheckDecode(FpAssemblyName == here && CbAssemblyName % sizeof(char) == 0, broken);
            here += CbAssemblyName;
        }

        Contracts.CheckDecode(FpTail == here && FpLim == here + sizeof(ulong) && FpLim <= available, broken);
    }

    /// <summary>Up to 24 characters, one byte each.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct SignatureText
    {
        private readonly ulong _first;
        private readonly ulong _second;
        private readonly ulong _third;

        public SignatureText(string text)
        {
            text ??= string.Empty;
            Contracts.Check(text.Length <= 24, $"A loader signature has at most 24 characters, but this is '{text}'.");
            _first = PackSignature(text);
            _second = PackSignature(text.AsSpan(Math.Min(8, text.Length)));
            _third = PackSignature(text.AsSpan(Math.Min(16, text.Length)));
        }

        public override readonly string ToString()
        {
            ReadOnlySpan<ulong> words = [_first, _second, _third];
            return Encoding.Latin1.GetString(MemoryMarshal.AsBytes(words)).TrimEnd('\0');
        }
    }
}
