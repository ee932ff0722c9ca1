#nullable disable

using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
#if !AUDIO_NOTEBOOK
using Microsoft.Build.Framework;

/// <summary>
/// A build task: copies libLibTorchSharp.so so that it also loads beside a libstdc++ older than GCC 13's; why and when
/// is told in the targets file beside. MSBuild compiles this file in the build of the app, for netstandard2.0.
/// </summary>
public sealed partial class PatchLibTorchSharp : Microsoft.Build.Utilities.Task
{
    /// <summary>The library as TorchSharp ships it; never written to.</summary>
    [Required]
    public string Library { get; set; }

    /// <summary>
    /// The file to write: the library with weak references in place of those that an old libstdc++ cannot meet, or just
    /// as it is where it has none. It is not written where the library cannot be helped, and a warning says so.
    /// </summary>
    [Required]
    public string Destination { get; set; }

    public override bool Execute()
    {
        try
        {
            // What an earlier build wrote may be of another version of TorchSharp.
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(Destination)));
            File.Delete(Destination);
            byte[] elf = File.ReadAllBytes(Library);
            Relax(elf);
            Write(elf);
        }
        catch (Exception e) when (e is IOException || e is UnauthorizedAccessException || e is InvalidDataException)
        {
            Log.LogWarning(
                null,
                "AUDIOML001",
                null,
                Library,
                0,
                0,
                0,
                0,
                "Where libstdc++ is older than GCC 13's, this library does not load, and it could not be changed: {0}",
                e.Message);
        }

        return true;
    }

    /// <summary>
    /// Writes beside the destination, with the library's file mode, and renames: no build finds half a file.
    /// </summary>
    private void Write(byte[] elf)
    {
        string beside = Destination + "." + Guid.NewGuid().ToString("N");
        try
        {
            File.Copy(Library, beside);
            File.SetAttributes(beside, FileAttributes.Normal);
            File.WriteAllBytes(beside, elf);
            try
            {
                File.Move(beside, Destination);
            }
            catch (IOException) when (File.Exists(Destination))
            {
                // Another build of this project, at the same time, has put the same there.
            }
        }
        finally
        {
            File.Delete(beside);
        }
    }
}

public sealed partial class PatchLibTorchSharp
#else
/// <summary>The same for a notebook, which has no build: compiled into the package of the notebooks.</summary>
internal static class PatchLibTorchSharp
#endif
{
    private const string WantedVersion = "GLIBCXX_3.4.32";
    private const string DispensableSymbol = "_ZSt21ios_base_library_initv";

    /// <summary>
    /// Makes the need for <see cref="WantedVersion"/> and for its one symbol weak: the loader then does without. What is
    /// not an x86-64 library, or needs nothing of that version, or is changed already, stays as it is.
    /// </summary>
    /// <param name="elf">The library's bytes, changed in place.</param>
    /// <returns>Whether anything was changed.</returns>
    /// <exception cref="InvalidDataException">
    /// The file is damaged, or uses more of that version than can be done without.
    /// </exception>
    public static bool Relax(byte[] elf)
    {
        ElfFile file = ElfFile.Open(elf);
        VersionNeed need = file == null ? null : file.FindVersionNeed(WantedVersion);
        if (need == null || need.IsWeak)
        {
            return false;
        }

        var symbols = new HashSet<long>();
        foreach (long symbol in file.SymbolsOfVersion(need.Index))
        {
            if (file.SymbolName(symbol) != DispensableSymbol)
            {
                throw new InvalidDataException("It needs " + file.SymbolName(symbol) + " of " + WantedVersion + ".");
            }

            symbols.Add(symbol);
        }

        // A symbol that no relocation names is never called and has no address filled in: nothing misses it.
        if (file.AnyRelocationNames(symbols))
        {
            throw new InvalidDataException("It uses the address of " + DispensableSymbol + ".");
        }

        file.MakeWeak(need);
        foreach (long symbol in symbols)
        {
            file.MakeWeak(symbol);
        }

        return true;
    }

    /// <summary>A version of another library that the file asks for: an entry of its section .gnu.version_r.</summary>
    private sealed class VersionNeed
    {
        /// <summary>Where its two bytes of flags are in the file.</summary>
        public long Flags;

        /// <summary>The number by which symbols name it.</summary>
        public int Index;

        public bool IsWeak;
    }

    /// <summary>
    /// A dynamic library of 64-bit x86 in the Executable and Linkable Format. Every place that the file names is
    /// checked before it is read or written.
    /// </summary>
    private sealed class ElfFile
    {
        private const int HeaderSize = 64, SectionSize = 64, SymbolSize = 24, RelocationSize = 24, VersionSize = 16;
        private const int Relocations = 4, DynamicSymbols = 11, VersionNeeds = 0x6ffffffe, SymbolVersions = 0x6fffffff;
        private const byte WeakFlag = 2, WeakBinding = 2;

        private readonly byte[] _bytes;
        private readonly List<Section> _sections = new List<Section>();

        private ElfFile(byte[] bytes)
        {
            _bytes = bytes;
            long start = Int64(40);
            int count = UInt16(60);
            if (UInt16(58) != SectionSize && count > 0)
            {
                throw Damaged();
            }

            for (int i = 0; i < count; i++, start += SectionSize)
            {
                _sections.Add(new Section
                {
                    Type = Int32(start + 4),
                    Offset = Int64(start + 24),
                    Size = Int64(start + 32),
                    Link = Int32(start + 40),
                });
            }
        }

        /// <summary>Null for a file of another kind.</summary>
        public static ElfFile Open(byte[] bytes)
        {
            const int Bits64 = 2, LittleEndian = 1, X64 = 62;
            bool isElf = bytes.Length >= HeaderSize
                && bytes[0] == 0x7f && bytes[1] == 'E' && bytes[2] == 'L' && bytes[3] == 'F'
                && bytes[4] == Bits64 && bytes[5] == LittleEndian && BitConverter.ToUInt16(bytes, 18) == X64;
            return isElf ? new ElfFile(bytes) : null;
        }

        /// <summary>Null if the file asks for no such version.</summary>
        public VersionNeed FindVersionNeed(string version)
        {
            Section needs = Find(VersionNeeds);
            if (needs == null)
            {
                return null;
            }

            // Each library's entry is followed by those of its versions; none can hold more than there is room for.
            long room = needs.Size / VersionSize;
            for (long library = needs.Offset, next = 1; next != 0; library += next)
            {
                next = UInt32(library + 12);
                long entry = library + UInt32(library + 8);
                for (int left = UInt16(library + 2); left > 0; left--, entry += UInt32(entry + 12))
                {
                    if (--room < 0)
                    {
                        throw Damaged();
                    }

                    if (Text(needs, Int32(entry + 8)) == version)
                    {
                        return new VersionNeed
                        {
                            Flags = entry + 4,
                            Index = UInt16(entry + 6),
                            IsWeak = (UInt16(entry + 4) & WeakFlag) != 0,
                        };
                    }
                }
            }

            return null;
        }

        /// <summary>The numbers of the dynamic symbols that are of a version.</summary>
        public IEnumerable<long> SymbolsOfVersion(int index)
        {
            Section versions = Find(SymbolVersions);
            long count = versions == null ? 0 : versions.Size / 2;
            for (long symbol = 0; symbol < count; symbol++)
            {
                if (UInt16(versions.Offset + (2 * symbol)) == index)
                {
                    yield return symbol;
                }
            }
        }

        public string SymbolName(long symbol) => Text(Find(DynamicSymbols), Int32(Symbol(symbol)));

        public bool AnyRelocationNames(HashSet<long> symbols)
        {
            foreach (Section section in _sections)
            {
                for (long i = 0; section.Type == Relocations && i < section.Size / RelocationSize; i++)
                {
                    if (symbols.Contains(UInt32(section.Offset + (RelocationSize * i) + 12)))
                    {
                        return true;
                    }
                }
            }

            return false;
        }

        public void MakeWeak(VersionNeed need) => _bytes[Checked(need.Flags, 2)] |= WeakFlag;

        public void MakeWeak(long symbol)
        {
            int info = Checked(Symbol(symbol) + 4, 1);
            _bytes[info] = (byte)((_bytes[info] & 0x0f) | (WeakBinding << 4));
        }

        private static InvalidDataException Damaged() => new InvalidDataException("The file is damaged.");

        private long Symbol(long symbol)
        {
            Section symbols = Find(DynamicSymbols);
            return symbols == null ? throw Damaged() : symbols.Offset + (SymbolSize * symbol);
        }

        private Section Find(int type) => _sections.Find(section => section.Type == type);

        /// <summary>A text of the section of names that <paramref name="user"/> is linked to.</summary>
        private string Text(Section user, int start)
        {
            Section names = user.Link >= 0 && user.Link < _sections.Count ? _sections[user.Link] : throw Damaged();
            int first = Checked(names.Offset + start, 1);
            int end = Array.IndexOf(_bytes, (byte)0, first);
            return end < 0 ? throw Damaged() : Encoding.ASCII.GetString(_bytes, first, end - first);
        }

        private int UInt16(long offset) => BitConverter.ToUInt16(_bytes, Checked(offset, 2));

        private int Int32(long offset) => BitConverter.ToInt32(_bytes, Checked(offset, 4));

        private uint UInt32(long offset) => BitConverter.ToUInt32(_bytes, Checked(offset, 4));

        private long Int64(long offset) => BitConverter.ToInt64(_bytes, Checked(offset, 8));

        private int Checked(long offset, int size) =>
            offset >= 0 && offset <= _bytes.Length - size ? (int)offset : throw Damaged();
    }

    private sealed class Section
    {
        public int Type, Link;
        public long Offset, Size;
    }
}
