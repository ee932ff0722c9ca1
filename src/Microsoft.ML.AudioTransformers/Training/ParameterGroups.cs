using Microsoft.ML.AudioTransformers.Models;
using TorchSharp.Modules;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>Parameter group: parameters with one learning rate and one weight decay.</summary>
/// <param name="RateScale">Factor of the learning rate.</param>
/// <param name="WeightDecay">Weight decay.</param>
/// <param name="Parameters">The parameters with their names.</param>
internal sealed record ParameterGroup(
    double RateScale, double WeightDecay, IReadOnlyList<(string Name, Parameter Parameter)> Parameters);

/// <summary>Parameter groups of a model, by learning rate and weight decay.</summary>
internal static class ParameterGroups
{
    /// <summary>Groups parameters; the groups nearest to the input come first.</summary>
    /// <param name="model">Model, which knows the block and the kind of each parameter.</param>
    /// <param name="parameters">Trainable parameters of the model.</param>
    /// <param name="weightDecay">Weight decay of the kinds that are not excluded.</param>
    /// <param name="exclusions">Kinds without weight decay.</param>
    /// <param name="layerDecay">Factor of the learning rate from each block to the one before it; 1 for equal rates.</param>
    public static IReadOnlyList<ParameterGroup> Of(
        AudioModel model,
        IEnumerable<(string Name, Parameter Parameter)> parameters,
        double weightDecay,
        WeightDecayExclusions exclusions,
        double layerDecay)
    {
        List<(string Name, Parameter Parameter)> all = [.. parameters];
        (int, int)[] blocks = [.. all.Select(item => model.BlockOf(item.Name)).OfType<(int, int)>().Distinct().Order()];

        // Layer 0 comes before the blocks, and the last one after them.
        int LayerOf(string name) =>
            model.BlockOf(name) is { } block ? Array.IndexOf(blocks, block) + 1
            : model.IsAfterBlocks(name) ? blocks.Length + 1
            : 0;

        return
        [
            .. all
                .GroupBy(item => (
                    Layer: layerDecay == 1 ? 0 : LayerOf(item.Name),
                    IsExcluded: (model.KindOf(item.Name, item.Parameter.shape.Length) & exclusions) != 0))
                .OrderBy(group => group.Key)
                .Select(group => new ParameterGroup(
                    layerDecay == 1 ? 1 : Math.Pow(layerDecay, blocks.Length + 1 - group.Key.Layer),
                    group.Key.IsExcluded ? 0 : weightDecay,
                    [.. group])),
        ];
    }
}
