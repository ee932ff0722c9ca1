using System.Globalization;

namespace Microsoft.ML.AudioTransformers.Checkpoints;

/// <summary>Weights of one model in a checkpoint, by their names without the model's prefix.</summary>
internal sealed class WeightNames
{
    private WeightNames(
        IReadOnlyList<string> prefixes,
        IReadOnlyDictionary<string, CheckpointTensor> weights,
        IReadOnlyList<CheckpointTensor> others)
    {
        (Prefixes, Prefix) = (prefixes, prefixes[0]);
        Weights = weights;
        Others = others;
    }

    /// <summary>Prefix: <c>module.</c> (DataParallel), <c>net.</c> (PaSST's Lightning module), or empty.</summary>
    public string Prefix { get; }

    /// <summary>Prefixes of all models that the state dict has, that of this one first.</summary>
    public IReadOnlyList<string> Prefixes { get; }

    /// <summary>Weights by their names in the model's code.</summary>
    public IReadOnlyDictionary<string, CheckpointTensor> Weights { get; }

    /// <summary>Tensors without the prefix.</summary>
    public IReadOnlyList<CheckpointTensor> Others { get; }

    /// <summary>Finds a model by a name that it has.</summary>
    /// <param name="stateDict">State dict of the checkpoint.</param>
    /// <param name="anchor">A name of the model, such as <c>patch_embed.proj.weight</c>.</param>
    /// <param name="prefix">Prefix of the model, if there are several; null for the shortest prefix.</param>
    /// <returns>The weights; null if there is no such model.</returns>
    public static WeightNames? Find(
        IReadOnlyDictionary<string, CheckpointTensor> stateDict, string anchor, string? prefix = null)
    {
        string[] prefixes =
        [
            .. stateDict.Keys
                .Where(name => name == anchor || name.EndsWith("." + anchor, StringComparison.Ordinal))
                .Select(name => name[..^anchor.Length])
                .Where(start => prefix == null || start == prefix)
                .OrderBy(start => start.Length),
        ];
        if (prefixes is not [var found, ..])
        {
            return null;
        }

        Dictionary<string, CheckpointTensor> weights = [];
        List<CheckpointTensor> others = [];
        foreach ((string name, CheckpointTensor tensor) in stateDict)
        {
            if (name.StartsWith(found, StringComparison.Ordinal))
            {
                weights.Add(name[found.Length..], tensor);
            }
            else
            {
                others.Add(tensor);
            }
        }

        return new WeightNames(prefixes, weights, others);
    }

    /// <summary>Reports the tensors without the prefix as left out of a map.</summary>
    public void LeaveOthersOut(WeightMap map)
    {
        foreach (CheckpointTensor other in Others)
        {
            map.LeaveOut(other, $"it is not of the model whose names start with '{Prefix}'");
        }
    }

    /// <summary>Number of blocks, from names such as <c>blocks.11.norm1.weight</c>.</summary>
    /// <param name="before">What stands before <c>blocks.</c> in the names. Default: nothing.</param>
    public int CountBlocks(string before = "") => CountParts(before + "blocks.");

    /// <summary>
    /// Number of parts that are counted from 0: the highest number after a start of names, such as <c>layers.</c>, and one; 0 for
    /// none.
    /// </summary>
    public int CountParts(string start) => 1 + Weights.Keys
        .Where(name => name.StartsWith(start, StringComparison.Ordinal))
        .Select(name => name[start.Length..].Split('.')[0])
        .Select(number => int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int part) ? part : -1)
        .DefaultIfEmpty(-1)
        .Max();
}
