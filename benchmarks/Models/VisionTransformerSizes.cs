using Microsoft.ML.AudioTransformers;
using Microsoft.ML.AudioTransformers.Models;
using static TorchSharp.torch;

namespace AudioMLNet.Benchmarks.Models;

/// <summary>The sizes of a vision transformer over spectrograms.</summary>
internal sealed record VisionTransformerSizes(
    int Frequency, int Time, int Patch, int Stride, int Dim, int Depth, int Heads, int Classes, Func<AudioModel> Build)
{
    // Both papers' models have C and D tokens.
    private const int ExtraTokens = 2;

    public int Patches => (((Frequency - Patch) / Stride) + 1) * (((Time - Patch) / Stride) + 1);

    public int Tokens => Patches + ExtraTokens;

    /// <summary>A model as its paper has it: PaSST-B, and AST.</summary>
    public static VisionTransformerSizes Of(string name)
    {
        if (name == "ast")
        {
            AstConfig ast = new();
            return new VisionTransformerSizes(
                ast.InputFrequency, ast.InputTime, ast.PatchSize, ast.StrideTime, ast.EmbedDim, ast.Depth, ast.Heads,
                ast.Classes, () => new Ast(ast, new Generator(1)));
        }

        PasstConfig passt = PasstConfig.B;
        return new VisionTransformerSizes(
            passt.InputFrequency, passt.InputTime, passt.PatchSize, passt.StrideTime, passt.EmbedDim, passt.Depth,
            passt.Heads, passt.Classes, () => new Passt(passt, new Generator(1)));
    }
}
