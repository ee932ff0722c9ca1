using Microsoft.ML.AudioTransformers;

namespace AudioMLNet.Reproduce;

/// <summary>The options of the rows that are implemented: the papers' recipes, or small models for synthetic data.</summary>
internal static class Models
{
    private const int SampleRate = 16_000;

    /// <summary>PaSST: B, U, S, S-L or S-N.</summary>
    public static Func<Recipe, AudioTrainerOptions> Passt(string variant) => recipe =>
    {
        if (recipe.IsSynthetic)
        {
            PasstOptions small = PasstOptions.Small(SampleRate);
            small.Config = small.Config with
            {
                EmbedDim = 64,
                Depth = variant == "S-L" ? 2 : 3,
                StrideTime = variant == "S-N" ? 16 : 8,
                StrideFrequency = variant == "S-N" ? 16 : 8,
                PatchoutTime = variant[0] == 'S' ? (variant == "S-N" ? 1 : 3) : 0,
                PatchoutFrequency = variant[0] == 'S' ? 1 : 0,
                PatchoutUnstructured = variant == "U" ? 20 : 0,
            };
            return small;
        }

        PasstOptions options = recipe.Dataset switch
        {
            "audioset" => PasstOptions.AudioSet(),
            "openmic" => PasstOptions.OpenMic(),
            "esc50" => PasstOptions.Esc50(),
            _ => PasstOptions.Dcase20(),
        };

        // A fine-tuning's recipe has the patchout of PaSST-S for its clips.
        PasstConfig recipeConfig = options.Config;
        options.Config = variant switch
        {
            "B" => PasstConfig.B,
            "U" => PasstConfig.U,
            "S" => recipeConfig,
            "S-L" => recipeConfig with { CutDepth = PasstConfig.L.CutDepth },
            _ => PasstConfig.SN,
        };
        return options;
    };

    /// <summary>AST, with patches that overlap or not.</summary>
    public static Func<Recipe, AudioTrainerOptions> Ast(bool overlap) => recipe =>
    {
        AstOptions options = recipe.IsSynthetic ? AstOptions.Small(SampleRate) : recipe.Dataset switch
        {
            "esc50" => AstOptions.Esc50(),
            "speechcommands" => AstOptions.SpeechCommands(),
            _ => AstOptions.AudioSet(),
        };
        if (recipe.IsSynthetic)
        {
            options.Config = options.Config with { EmbedDim = 64, Depth = 3 };
        }

        if (!overlap)
        {
            options.Config = options.Config with { StrideTime = 16, StrideFrequency = 16 };
        }

        if (recipe.Dataset is "kinetics" or "vggsound" or "epic" && !recipe.IsSynthetic)
        {
            // One class a clip: what AudioSet's recipe has for several does not fit.
            options.Optimization = new();
            options.Augmentation.WaveformMixupProbability = 0;
            options.Sampling = new();
        }

        return options;
    };

    /// <summary>HTS-AT: H, HC, or HCP, which is HC from pretrained weights.</summary>
    public static Func<Recipe, AudioTrainerOptions> HtsAt(string variant) => recipe =>
    {
        HtsAtOptions options = recipe.IsSynthetic ? HtsAtOptions.Small(SampleRate) : recipe.Dataset switch
        {
            "esc50" => HtsAtOptions.Esc50(),
            "speechcommands" => HtsAtOptions.SpeechCommands(),
            _ => HtsAtOptions.AudioSet(),
        };
        options.Config = options.Config with { TokenSemantic = variant != "H" };
        if (recipe.IsSynthetic)
        {
            options.Config = options.Config with { EmbedDim = 24, Depths = [1, 1, 1] };
        }

        return options;
    };

    /// <summary>
    /// DATAR: local (without deformable attention), deformable, Gaussian, Laplacian, or an adaptor with its strength.
    /// </summary>
    public static Func<Recipe, AudioTrainerOptions> Datar(string variant) => recipe =>
    {
        DatarOptions options = recipe.IsSynthetic ? DatarOptions.Small(SampleRate) : recipe.Dataset switch
        {
            "vggsound" => DatarOptions.VggSound(),
            "epic" => DatarOptions.EpicKitchens100(),
            _ => DatarOptions.KineticsSounds(),
        };
        options.Config = options.Config with
        {
            Adaptor = variant switch
            {
                "local" or "deformable" => DatarAdaptor.None,
                "Gaussian" => DatarAdaptor.Gaussian,
                "Laplacian" => DatarAdaptor.Laplacian,
                _ => DatarAdaptor.Learnable,
            },
            AdaptorStrength = variant == "adaptor 0.2" ? 0.2 : 0.005,
            Stages = variant != "local"
                ? options.Config.Stages
                : [.. options.Config.Stages.Select(stage => stage with { Blocks = stage.Blocks.Replace('D', 'S') })],
        };
        return options;
    };
}
