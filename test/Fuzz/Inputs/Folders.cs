using System.Text;
using Microsoft.ML.AudioFeaturization.Transforms;
using Microsoft.ML.AudioShards.Parts;
using Microsoft.ML.AudioShards.Shards;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.AudioTransformers.Sweeps;

namespace AudioMLNet.Fuzz.Inputs;

/// <summary>Files that this library writes for itself, in folders that anybody may change.</summary>
internal static class Folders
{
    private static readonly byte[] s_key = [.. Enumerable.Range(1, FeatureCache.KeyLength).Select(i => (byte)i)];

    /// <summary>Whole inputs of <see cref="ReadCache"/>.</summary>
    public static byte[] Cached
    {
        get
        {
            var cache = new FeatureCache(Guard.Folder("cache"), maximumBytes: 0, warn: _ => { });
            cache.Write(s_key, [1, 2, 3, 4], samples: 320, isWhole: true);
            return File.ReadAllBytes(cache.PathOf(s_key));
        }
    }

    /// <summary>Reads features of a cache, a broken file of which is only told of.</summary>
    public static void ReadCache(byte[] bytes) => Guard.Read(bytes.Length, 1, () =>
    {
        string warning = Guard.Name;
        var cache = new FeatureCache(Guard.Folder("cache"), maximumBytes: 0, warn: text => warning = text);
        string path = cache.PathOf(s_key);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, Sums.OfFeatures(bytes));
        cache.Read(s_key);
        if (!warning.Contains(Guard.Name, StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"The warning does not name the file: {warning}");
        }
    });

    /// <summary>Reads a trial of a sweep, or a proposal of one as the first byte says, and draws what it read.</summary>
    public static void ReadSweep(byte[] bytes)
    {
        bool isProposal = bytes.Length > 0 && bytes[0] % 2 == 1;
        string folder = Guard.Folder("sweep");
        string path = Path.Combine(folder, isProposal ? "trial-0001.options.json" : "trial-0001.metrics.json");
        Array.ForEach(Directory.GetFiles(folder), File.Delete);
        File.WriteAllBytes(path, bytes.Length == 0 ? bytes : bytes[1..]);
        Guard.Read(bytes.Length, 4, () =>
        {
            if (isProposal)
            {
                _ = SweepFolder.ReadProposal(path).Parameters.ToString();
                return;
            }

            var sweep = new SweepFolder(new AudioSweep.Options { Folder = folder }, new SweepNames(pipeline: null));
            if (sweep.Best is { } best)
            {
                sweep.Find(best.Parameters);
                sweep.WriteReports();
            }
        });
    }

    /// <summary>Reads the journal of a shard, or as the first byte says the description of a part's rows.</summary>
    public static void ReadShards(byte[] bytes)
    {
        bool isHeader = bytes.Length > 0 && bytes[0] % 2 == 1;
        byte[] content = bytes.Length == 0 ? bytes : bytes[1..];
        string path = Path.Combine(Guard.Folder("shards"), "journal");
        Guard.Read(bytes.Length, 1, () =>
        {
            if (isHeader)
            {
                _ = PartHeader.Parse(path, Encoding.UTF8.GetString(content)).ToString();
                return;
            }

            File.WriteAllBytes(path, content);
            using ShardJournal journal = ShardJournal.Open(path);
            journal.Compact();
        });
    }
}
