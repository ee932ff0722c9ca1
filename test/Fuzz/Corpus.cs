using System.Runtime.InteropServices;

namespace AudioMLNet.Fuzz;

/// <summary>Few small inputs of many, that together take the branches which all of them take.</summary>
internal static unsafe class Corpus
{
    private const int MapBytes = 1 << 16;

    private static byte* s_map;
    private const int MostBytes = 4 << 10;
    private const int MostInputs = 60;
    private const int MostBytesOfAll = 24 << 10;

    /// <summary>
    /// Gives the instrumented assemblies a map of this process's own, which they need where AFL++ does not give them one.
    /// </summary>
    public static void Trace()
    {
        s_map = (byte*)NativeMemory.AllocZeroed(MapBytes);
        SharpFuzz.Common.Trace.SharedMem = s_map;
    }

    /// <summary>Copies inputs that reach further than those before them, those that reach furthest for their size first.</summary>
    /// <param name="parse">The parser, of instrumented assemblies.</param>
    /// <param name="inputs">Paths of inputs.</param>
    /// <param name="folder">A folder, whose files are replaced.</param>
    /// <returns>How many inputs were kept, their bytes, the branches that they take, and those that all inputs take.</returns>
    public static (int Kept, long Bytes, int Branches, int All) Minimize(
        Action<byte[]> parse, IEnumerable<string> inputs, string folder)
    {
        List<(string Path, int Length, HashSet<int> Branches)> rest = [];
        HashSet<int> all = [];
        string[] paths = [.. inputs];
        long most = Math.Max(MostBytes, paths.Min(path => new FileInfo(path).Length));
        foreach (string path in paths)
        {
            byte[] bytes = File.ReadAllBytes(path);
            HashSet<int> branches = Taken(parse, bytes);
            all.UnionWith(branches);
            if (bytes.Length <= most)
            {
                rest.Add((path, bytes.Length, branches));
            }
        }

        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        Directory.CreateDirectory(folder);
        HashSet<int> taken = [];
        (int kept, long length) = (0, 0);
        while (rest.Count > 0 && kept < MostInputs && length < MostBytesOfAll)
        {
            rest.ForEach(input => input.Branches.ExceptWith(taken));
            rest.RemoveAll(input => input.Branches.Count == 0);
            if (rest.Count == 0)
            {
                break;
            }

            (string path, int bytes, HashSet<int> branches) = rest.MaxBy(input => input.Branches.Count / (64.0 + input.Length));
            taken.UnionWith(branches);
            File.Copy(path, Path.Combine(folder, $"{kept:000}"));
            kept++;
            length += bytes;
        }

        return (kept, length, taken.Count, all.Count);
    }

    private static HashSet<int> Taken(Action<byte[]> parse, byte[] bytes)
    {
        // Twice: what is made once in a process is not of an input.
        for (int i = 0; i < 2; i++)
        {
            NativeMemory.Clear(s_map, MapBytes);
            SharpFuzz.Common.Trace.PrevLocation = 0;
            try
            {
                parse([.. bytes]);
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                Console.WriteLine(exception.Message);
            }
        }

        HashSet<int> taken = [];
        for (int i = 0; i < MapBytes; i++)
        {
            if (s_map[i] != 0)
            {
                taken.Add(i);
            }
        }

        return taken;
    }
}
