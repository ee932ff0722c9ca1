using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Models.Layers;
using Microsoft.ML.AudioTransformers.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tests.Training;

/// <summary>What each network says of its parameters, every one of them written down here.</summary>
[TestClass]
public sealed class ParameterGroupsTests
{
    private const double LayerDecay = 0.5;

    [TestMethod]
    public void Passt() => AssertGroups(
        new Passt(
            new PasstConfig { InputFrequency = 32, InputTime = 40, EmbedDim = 8, Depth = 2, Heads = 2, Classes = 3 }, new(1)),
        """
            0 Tokens -: cls_token dist_token
            0 Positions -: new_pos_embed freq_new_pos_embed time_new_pos_embed
            0 None -: patch_embed.proj.weight
            0 Biases -: patch_embed.proj.bias
            1 Normalizations -: blocks.0.norm1.weight blocks.0.norm1.bias blocks.0.norm2.weight blocks.0.norm2.bias
            1 None -: blocks.0.attn.qkv.weight blocks.0.attn.proj.weight blocks.0.mlp.fc1.weight blocks.0.mlp.fc2.weight
            1 Biases -: blocks.0.attn.qkv.bias blocks.0.attn.proj.bias blocks.0.mlp.fc1.bias blocks.0.mlp.fc2.bias
            2 Normalizations -: blocks.1.norm1.weight blocks.1.norm1.bias blocks.1.norm2.weight blocks.1.norm2.bias
            2 None -: blocks.1.attn.qkv.weight blocks.1.attn.proj.weight blocks.1.mlp.fc1.weight blocks.1.mlp.fc2.weight
            2 Biases -: blocks.1.attn.qkv.bias blocks.1.attn.proj.bias blocks.1.mlp.fc1.bias blocks.1.mlp.fc2.bias
            3 Normalizations -: norm.weight norm.bias
            3 Normalizations head: head.0.weight
            3 Biases head: head.0.bias head.1.bias head_dist.bias
            3 None head: head.1.weight head_dist.weight
            """);

    [TestMethod]
    public void Ast() => AssertGroups(
        new Ast(
            new AstConfig { InputFrequency = 32, InputTime = 40, EmbedDim = 8, Depth = 2, Heads = 2, Classes = 3 }, new(1)),
        """
            0 Tokens -: v.cls_token v.dist_token
            0 Positions -: v.pos_embed
            0 None -: v.patch_embed.proj.weight
            0 Biases -: v.patch_embed.proj.bias
            1 Normalizations -: v.blocks.0.norm1.weight v.blocks.0.norm1.bias v.blocks.0.norm2.weight v.blocks.0.norm2.bias
            1 None -: v.blocks.0.attn.qkv.weight v.blocks.0.attn.proj.weight v.blocks.0.mlp.fc1.weight
                v.blocks.0.mlp.fc2.weight
            1 Biases -: v.blocks.0.attn.qkv.bias v.blocks.0.attn.proj.bias v.blocks.0.mlp.fc1.bias v.blocks.0.mlp.fc2.bias
            2 Normalizations -: v.blocks.1.norm1.weight v.blocks.1.norm1.bias v.blocks.1.norm2.weight v.blocks.1.norm2.bias
            2 None -: v.blocks.1.attn.qkv.weight v.blocks.1.attn.proj.weight v.blocks.1.mlp.fc1.weight
                v.blocks.1.mlp.fc2.weight
            2 Biases -: v.blocks.1.attn.qkv.bias v.blocks.1.attn.proj.bias v.blocks.1.mlp.fc1.bias v.blocks.1.mlp.fc2.bias
            3 Normalizations -: v.norm.weight v.norm.bias
            3 None head: mlp_head.1.weight
            3 Biases head: mlp_head.0.bias mlp_head.1.bias
            3 Normalizations head: mlp_head.0.weight
            """);

    /// <summary>A stage's patch merging is a layer of its own, after the stage's blocks.</summary>
    [TestMethod]
    public void HtsAt() => AssertGroups(
        new HtsAt(
            new HtsAtConfig
            {
                ImageSize = 32,
                MelBins = 8,
                EmbedDim = 8,
                Depths = [2, 1],
                Heads = [1, 2],
                WindowSize = 4,
                Classes = 3,
                AbsolutePositions = true,
            },
            new(1)),
        """
            0 Positions -: absolute_pos_embed
            0 Normalizations -: bn0.weight bn0.bias patch_embed.norm.weight patch_embed.norm.bias
            0 None -: patch_embed.proj.weight
            0 Biases -: patch_embed.proj.bias
            1 Normalizations -: layers.0.blocks.0.norm1.weight layers.0.blocks.0.norm1.bias layers.0.blocks.0.norm2.weight
                layers.0.blocks.0.norm2.bias
            1 Positions -: layers.0.blocks.0.attn.relative_position_bias_table
            1 None -: layers.0.blocks.0.attn.qkv.weight layers.0.blocks.0.attn.proj.weight layers.0.blocks.0.mlp.fc1.weight
                layers.0.blocks.0.mlp.fc2.weight
            1 Biases -: layers.0.blocks.0.attn.qkv.bias layers.0.blocks.0.attn.proj.bias layers.0.blocks.0.mlp.fc1.bias
                layers.0.blocks.0.mlp.fc2.bias
            2 Normalizations -: layers.0.blocks.1.norm1.weight layers.0.blocks.1.norm1.bias layers.0.blocks.1.norm2.weight
                layers.0.blocks.1.norm2.bias
            2 Positions -: layers.0.blocks.1.attn.relative_position_bias_table
            2 None -: layers.0.blocks.1.attn.qkv.weight layers.0.blocks.1.attn.proj.weight layers.0.blocks.1.mlp.fc1.weight
                layers.0.blocks.1.mlp.fc2.weight
            2 Biases -: layers.0.blocks.1.attn.qkv.bias layers.0.blocks.1.attn.proj.bias layers.0.blocks.1.mlp.fc1.bias
                layers.0.blocks.1.mlp.fc2.bias
            3 None -: layers.0.downsample.reduction.weight
            3 Normalizations -: layers.0.downsample.norm.weight layers.0.downsample.norm.bias
            4 Normalizations -: layers.1.blocks.0.norm1.weight layers.1.blocks.0.norm1.bias layers.1.blocks.0.norm2.weight
                layers.1.blocks.0.norm2.bias
            4 Positions -: layers.1.blocks.0.attn.relative_position_bias_table
            4 None -: layers.1.blocks.0.attn.qkv.weight layers.1.blocks.0.attn.proj.weight layers.1.blocks.0.mlp.fc1.weight
                layers.1.blocks.0.mlp.fc2.weight
            4 Biases -: layers.1.blocks.0.attn.qkv.bias layers.1.blocks.0.attn.proj.bias layers.1.blocks.0.mlp.fc1.bias
                layers.1.blocks.0.mlp.fc2.bias
            5 Normalizations -: norm.weight norm.bias
            5 None head: tscam_conv.weight head.weight
            5 Biases head: tscam_conv.bias head.bias
            """);

    /// <summary>All kinds of attention; a stage is one layer.</summary>
    [TestMethod]
    public void Datar()
    {
        DatarStageConfig stage = new() { Dim = 8, Heads = 2, Blocks = "LS", WindowSize = 2 };
        AssertGroups(
            new Datar(
                new DatarConfig
                {
                    InputFrequency = 32,
                    InputTime = 64,
                    StemDim = 4,
                    Expansion = 2,
                    DropPath = 0,
                    Classes = 3,
                    NounClasses = 2,
                    Stages =
                    [
                        stage with { LayerScale = 0.1, ConvolutionalMlp = true, LocalPerception = true },
                        stage with { Blocks = "NEP", NeighborhoodKernel = 3 },
                        stage with
                        {
                            Blocks = "DX",
                            WindowSize = 3,
                            OffsetKernel = 3,
                            PositionBias = DeformablePositionBias.Interpolated,
                        },
                        stage with
                        {
                            Blocks = "D",
                            OffsetKernel = 1,
                            PositionBias = DeformablePositionBias.Convolutional,
                        },
                    ],
                },
                new(1)),
            """
            0 None -: adaptor.alpha adaptor.conv.weight patch_proj.0.weight
            0 Biases -: adaptor.conv.bias patch_proj.0.bias
            0 Normalizations -: patch_proj.1.norm.weight patch_proj.1.norm.bias
            1 None -: stages.0.proj.weight stages.0.mlps.0.linear1.weight stages.0.mlps.0.dwc.weight
                stages.0.mlps.0.linear2.weight stages.0.mlps.1.linear1.weight stages.0.mlps.1.dwc.weight
                stages.0.mlps.1.linear2.weight stages.0.attns.0.proj_qkv.weight stages.0.attns.0.proj_out.weight
                stages.0.attns.1.proj_qkv.weight stages.0.attns.1.proj_out.weight stages.0.local_perception_units.0.weight
                stages.0.local_perception_units.1.weight down_projs.0.0.weight
            1 Biases -: stages.0.proj.bias stages.0.mlps.0.linear1.bias stages.0.mlps.0.dwc.bias
                stages.0.mlps.0.linear2.bias stages.0.mlps.1.linear1.bias stages.0.mlps.1.dwc.bias
                stages.0.mlps.1.linear2.bias stages.0.attns.0.proj_qkv.bias stages.0.attns.0.proj_out.bias
                stages.0.attns.1.proj_qkv.bias stages.0.attns.1.proj_out.bias stages.0.local_perception_units.0.bias
                stages.0.local_perception_units.1.bias
            1 Normalizations -: stages.0.layer_norms.0.norm.weight stages.0.layer_norms.0.norm.bias
                stages.0.layer_norms.1.norm.weight stages.0.layer_norms.1.norm.bias stages.0.layer_norms.2.norm.weight
                stages.0.layer_norms.2.norm.bias stages.0.layer_norms.3.norm.weight stages.0.layer_norms.3.norm.bias
                stages.0.layer_scales.0.weight stages.0.layer_scales.1.weight stages.0.layer_scales.2.weight
                stages.0.layer_scales.3.weight down_projs.0.1.norm.weight down_projs.0.1.norm.bias
            1 Positions -: stages.0.attns.0.relative_position_bias_table stages.0.attns.1.relative_position_bias_table
            2 Normalizations -: stages.1.layer_norms.0.norm.weight stages.1.layer_norms.0.norm.bias
                stages.1.layer_norms.1.norm.weight stages.1.layer_norms.1.norm.bias stages.1.layer_norms.2.norm.weight
                stages.1.layer_norms.2.norm.bias stages.1.layer_norms.3.norm.weight stages.1.layer_norms.3.norm.bias
                stages.1.layer_norms.4.norm.weight stages.1.layer_norms.4.norm.bias stages.1.layer_norms.5.norm.weight
                stages.1.layer_norms.5.norm.bias down_projs.1.1.norm.weight down_projs.1.1.norm.bias
            2 None -: stages.1.mlps.0.chunk.linear1.weight stages.1.mlps.0.chunk.linear2.weight
                stages.1.mlps.1.chunk.linear1.weight stages.1.mlps.1.chunk.linear2.weight
                stages.1.mlps.2.chunk.linear1.weight stages.1.mlps.2.chunk.linear2.weight stages.1.attns.0.rpb
                stages.1.attns.0.qkv.weight stages.1.attns.0.proj.weight stages.1.attns.1.qkv.weight
                stages.1.attns.1.proj.weight stages.1.attns.1.dep_conv.weight stages.1.attns.1.dep_conv1.weight
                stages.1.attns.2.q.weight stages.1.attns.2.kv.weight stages.1.attns.2.proj.weight down_projs.1.0.weight
            2 Biases -: stages.1.mlps.0.chunk.linear1.bias stages.1.mlps.0.chunk.linear2.bias
                stages.1.mlps.1.chunk.linear1.bias stages.1.mlps.1.chunk.linear2.bias stages.1.mlps.2.chunk.linear1.bias
                stages.1.mlps.2.chunk.linear2.bias stages.1.attns.0.qkv.bias stages.1.attns.0.proj.bias
                stages.1.attns.1.qkv.bias stages.1.attns.1.proj.bias stages.1.attns.1.dep_conv.bias
                stages.1.attns.1.dep_conv1.bias stages.1.attns.2.q.bias stages.1.attns.2.kv.bias stages.1.attns.2.proj.bias
            2 Positions -: stages.1.attns.1.relative_position_bias_table
            3 Normalizations -: stages.2.ln_cnvnxt.1.norm.weight stages.2.ln_cnvnxt.1.norm.bias
                stages.2.layer_norms.0.norm.weight stages.2.layer_norms.0.norm.bias stages.2.layer_norms.1.norm.weight
                stages.2.layer_norms.1.norm.bias stages.2.attns.0.conv_offset.1.norm.weight
                stages.2.attns.0.conv_offset.1.norm.bias down_projs.2.1.norm.weight down_projs.2.1.norm.bias
            3 None -: stages.2.mlps.0.chunk.linear1.weight stages.2.mlps.0.chunk.linear2.weight
                stages.2.mlps.1.chunk.linear1.weight stages.2.mlps.1.chunk.linear2.weight
                stages.2.attns.0.conv_offset.0.weight stages.2.attns.0.conv_offset.3.weight stages.2.attns.0.proj_q.weight
                stages.2.attns.0.proj_k.weight stages.2.attns.0.proj_v.weight stages.2.attns.0.proj_out.weight
                stages.2.attns.1.weight down_projs.2.0.weight
            3 Biases -: stages.2.mlps.0.chunk.linear1.bias stages.2.mlps.0.chunk.linear2.bias
                stages.2.mlps.1.chunk.linear1.bias stages.2.mlps.1.chunk.linear2.bias stages.2.attns.0.conv_offset.0.bias
                stages.2.attns.0.proj_q.bias stages.2.attns.0.proj_k.bias stages.2.attns.0.proj_v.bias
                stages.2.attns.0.proj_out.bias stages.2.attns.1.bias
            3 Positions -: stages.2.attns.0.rpe_table
            4 Normalizations -: stages.3.layer_norms.0.norm.weight stages.3.layer_norms.0.norm.bias
                stages.3.layer_norms.1.norm.weight stages.3.layer_norms.1.norm.bias
                stages.3.attns.0.conv_offset.1.norm.weight stages.3.attns.0.conv_offset.1.norm.bias
            4 None -: stages.3.mlps.0.chunk.linear1.weight stages.3.mlps.0.chunk.linear2.weight
                stages.3.attns.0.rpe_table.weight stages.3.attns.0.conv_offset.0.weight
                stages.3.attns.0.conv_offset.3.weight stages.3.attns.0.proj_q.weight stages.3.attns.0.proj_k.weight
                stages.3.attns.0.proj_v.weight stages.3.attns.0.proj_out.weight
            4 Biases -: stages.3.mlps.0.chunk.linear1.bias stages.3.mlps.0.chunk.linear2.bias
                stages.3.attns.0.rpe_table.bias stages.3.attns.0.conv_offset.0.bias stages.3.attns.0.proj_q.bias
                stages.3.attns.0.proj_k.bias stages.3.attns.0.proj_v.bias stages.3.attns.0.proj_out.bias
            5 Normalizations -: cls_norm.norm.weight cls_norm.norm.bias
            5 None head: cls_head.weight noun_head.weight
            5 Biases head: cls_head.bias noun_head.bias
            """);
    }

    /// <param name="model">A network, which this disposes.</param>
    /// <param name="expected">
    /// "layer kind head-or-not: names", the layers counted from the input; lines that begin with spaces go on with names.
    /// </param>
    private static void AssertGroups(AudioModel model, string expected)
    {
        using (model)
        {
            IReadOnlyList<ParameterGroup> groups = ParameterGroups.Of(
                model, model.named_parameters(), 0.1, WeightDecayExclusions.Positions, LayerDecay);
            int last = -Power(groups[0]);
            List<string> actual = [.. groups.SelectMany(group => group.Parameters.Select(item =>
                $"{last + Power(group)} {Describe(model, item.Name, item.Parameter.shape.Length)}: {item.Name}"))];

            CollectionAssert.AreEquivalent(Lines(expected), actual);
            foreach (ParameterGroup group in groups)
            {
                bool isPosition = group.Parameters.All(item =>
                    model.KindOf(item.Name, item.Parameter.shape.Length) == WeightDecayExclusions.Positions);
                Assert.AreEqual(isPosition ? 0 : 0.1, group.WeightDecay);
            }
        }
    }

    private static string Describe(AudioModel model, string name, int dimensions) =>
        $"{model.KindOf(name, dimensions)} {(model.IsHead(name) ? "head" : "-")}";

    private static int Power(ParameterGroup group) => (int)Math.Round(Math.Log(group.RateScale, 1 / LayerDecay));

    private static string[] Lines(string expected)
    {
        List<string> lines = [];
        string description = "";
        foreach (string line in expected.ReplaceLineEndings("\n").Split('\n'))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            description = colon < 0 ? description : line[..colon];
            lines.AddRange(line[(colon + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select(name => $"{description}: {name}"));
        }

        return [.. lines];
    }
}
