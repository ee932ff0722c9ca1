using System.Globalization;

namespace Microsoft.ML.AudioTransformers.Checkpoints;

/// <summary>One model's weights among the tensors of a checkpoint, without what its names start with.</summary>
internal sealed class WeightNames
{
    private WeightNames(
        string prefix, IReadOnlyDictionary<string, CheckpointTensor> weights, IReadOnlyList<CheckpointTensor> others)
    {
        Prefix = prefix;
        Weights = weights;
        Others = others;
    }

    /// <summary>Such as <c>module.</c> (DataParallel), <c>net.</c> (PaSST's Lightning module), or empty.</summary>
    public string Prefix { get; }

    /// <summary>The weights by the names that the model's own code has.</summary>
    public IReadOnlyDictionary<string, CheckpointTensor> Weights { get; }

    /// <summary>The tensors that do not have the prefix.</summary>
    public IReadOnlyList<CheckpointTensor> Others { get; }

    /// <summary>Finds the model by a name that each of its kind has.</summary>
    /// <param name="stateDict">The checkpoint's tensors.</param>
    /// <param name="anchor">A name of the model, such as <c>patch_embed.proj.weight</c>.</param>
    /// <param name="prefix">Which of several is wanted; null for the one of the shortest prefix.</param>
    /// <returns>Null if there is no such model.</returns>
    public static WeightNames? Find(IReadOnlyDictionary<string, CheckpointTensor> stateDict, string anchor, string? prefix = null)
    {
        string? found = stateDict.Keys
            .Where(name => name == anchor || name.EndsWith("." + anchor, StringComparison.Ordinal))
            .Select(name => name[..^anchor.Length])
            .Where(start => prefix == null || start == prefix)
            .MinBy(start => start.Length);
        if (found == null)
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

        return new WeightNames(found, weights, others);
    }

    /// <summary>Leaves all of the file's other tensors out of a map.</summary>
    public void LeaveOthersOut(WeightMap map)
    {
        foreach (CheckpointTensor other in Others)
        {
            map.LeaveOut(other, $"it is not of the model whose names start with '{Prefix}'");
        }
    }

    /// <summary>How many blocks names like <c>blocks.11.norm1.weight</c> count.</summary>
    public int CountBlocks() => 1 + Weights.Keys
        .Where(name => name.StartsWith("blocks.", StringComparison.Ordinal))
        .Select(name => int.TryParse(name.Split('.')[1], NumberStyles.None, CultureInfo.InvariantCulture, out int block) ? block : -1)
        .DefaultIfEmpty(-1)
        .Max();
}
