using System.Globalization;
using System.Text.RegularExpressions;
using TorchSharp.Modules;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>Parameters that are trained alike.</summary>
/// <param name="RateScale">By what the learning rate is multiplied.</param>
/// <param name="WeightDecay">Their weight decay.</param>
/// <param name="Parameters">The parameters with their names.</param>
internal sealed record ParameterGroup(
    double RateScale, double WeightDecay, IReadOnlyList<(string Name, Parameter Parameter)> Parameters);

/// <summary>Sorts a model's parameters by how they are trained; their official names tell what they are.</summary>
internal static partial class ParameterGroups
{
    // What stands after the blocks of its stage.
    private const int EndOfStage = int.MaxValue;

    /// <summary>The groups, those nearest to the input first.</summary>
    public static IReadOnlyList<ParameterGroup> Of(
        IEnumerable<(string Name, Parameter Parameter)> parameters,
        double weightDecay,
        WeightDecayExclusions exclusions,
        double layerDecay)
    {
        List<(string Name, Parameter Parameter)> all = [.. parameters];
        (int, int)[] blocks = [.. all.Select(item => BlockOf(item.Name)).OfType<(int, int)>().Distinct().Order()];

        // Layer 0 stands before the blocks, and the last one after them.
        int LayerOf(string name) =>
            BlockOf(name) is { } block ? Array.IndexOf(blocks, block) + 1
            : IsHead(name) || FirstSegment(name).Contains("norm", StringComparison.Ordinal) ? blocks.Length + 1
            : 0;

        return
        [
            .. all
                .GroupBy(item => (
                    Layer: layerDecay == 1 ? 0 : LayerOf(item.Name),
                    IsExcluded: (KindOf(item.Name, item.Parameter.shape.Length) & exclusions) != 0))
                .OrderBy(group => group.Key)
                .Select(group => new ParameterGroup(
                    layerDecay == 1 ? 1 : Math.Pow(layerDecay, blocks.Length + 1 - group.Key.Layer),
                    group.Key.IsExcluded ? 0 : weightDecay,
                    [.. group])),
        ];
    }

    /// <summary>Whether a parameter belongs to the classifier on top of the backbone.</summary>
    public static bool IsHead(string name)
    {
        string first = FirstSegment(name);
        return first.Contains("head", StringComparison.Ordinal) || first == "tscam_conv";
    }

    /// <summary>What a parameter is, as far as weight decay may leave it alone.</summary>
    public static WeightDecayExclusions KindOf(string name, int dimensions)
    {
        string[] segments = name.Split('.');
        string last = segments[^1];
        string module = segments.Length > 1 ? segments[^2] : "";
        bool isNorm = dimensions == 1 && (last == "weight" || NormalizationName().IsMatch(module));
        return isNorm ? WeightDecayExclusions.Normalizations
            : last == "bias" ? WeightDecayExclusions.Biases
            : PositionName().IsMatch(last) ? WeightDecayExclusions.Positions
            : last.EndsWith("_token", StringComparison.Ordinal) ? WeightDecayExclusions.Tokens
            : WeightDecayExclusions.None;
    }

    /// <summary>The first part of a name, past the prefix that AST's parameters share.</summary>
    private static string FirstSegment(string name) =>
        (name.StartsWith("v.", StringComparison.Ordinal) ? name[2..] : name).Split('.')[0];

    /// <summary>Stage and block of a parameter, or null outside of all blocks.</summary>
    private static (int Stage, int Block)? BlockOf(string name)
    {
        Match match = BlockName().Match(name);
        if (!match.Success)
        {
            return null;
        }

        int stage = match.Groups["stage"] is { Success: true } s ? int.Parse(s.Value, CultureInfo.InvariantCulture) : 0;
        Group block = match.Groups["block"];
        return (stage, block.Success ? int.Parse(block.Value, CultureInfo.InvariantCulture) : EndOfStage);
    }

    // PaSST and AST: blocks.3.; HTS-AT: layers.2.blocks.3. and layers.2.downsample.; DAT: stages.2. and down_projs.2.
    [GeneratedRegex(
        @"^(v\.)?((layers|stages|down_projs)\.(?<stage>\d+)\.(blocks\.(?<block>\d+)\.)?|blocks\.(?<block>\d+)\.)")]
    private static partial Regex BlockName();

    [GeneratedRegex("norm|^bn")]
    private static partial Regex NormalizationName();

    [GeneratedRegex("pos_embed|position_bias_table|rpe_table")]
    private static partial Regex PositionName();
}
