using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.ML.AudioDatasets.LabelSets;

namespace Microsoft.ML.AudioDatasets;

/// <summary>
/// The label sets of public data sets, in their official order. <see cref="AudioLabelSet.Origin"/> says where each is from.
/// </summary>
public static class AudioLabelSets
{
    private static readonly ConcurrentDictionary<string, AudioLabelSet> s_sets = new();

    /// <summary>AudioSet: 527 classes by display name, with their MIDs.</summary>
    public static AudioLabelSet AudioSet => Get();

    /// <summary>ESC-50: 50 classes.</summary>
    public static AudioLabelSet Esc50 => Get();

    /// <summary>Speech Commands V2: 35 words in alphabetical order, as the data set has no indices of its own.</summary>
    public static AudioLabelSet SpeechCommands => Get();

    /// <summary>Speech Commands V2: 35 words in the order that AST's published model has.</summary>
    public static AudioLabelSet SpeechCommandsAst => Get();

    /// <summary>Speech Commands V2: 35 words in the order that HTS-AT's published model has.</summary>
    public static AudioLabelSet SpeechCommandsHtsAt => Get();

    /// <summary>OpenMIC-2018: 20 instruments.</summary>
    public static AudioLabelSet OpenMic2018 => Get();

    /// <summary>FSD50K: 200 classes.</summary>
    public static AudioLabelSet Fsd50k => Get();

    /// <summary>VGGSound: 309 classes.</summary>
    public static AudioLabelSet VggSound => Get();

    /// <summary>
    /// Kinetics-Sounds: the list of 32 classes of public loaders, by their names in Kinetics-400. The authors published none in
    /// these names.
    /// </summary>
    public static AudioLabelSet KineticsSounds => Get();

    /// <summary>Kinetics-Sounds: the list of 31 classes, which is that of 32 without strumming guitar.</summary>
    public static AudioLabelSet KineticsSounds31 => Get();

    /// <summary>TAU Urban Acoustic Scenes 2020 Mobile, of DCASE 2020's task 1a: 10 scenes.</summary>
    public static AudioLabelSet TauUrban2020 => Get();

    /// <summary>DESED: 10 sound events.</summary>
    public static AudioLabelSet Desed => Get();

    /// <summary>UrbanSound8K: 10 classes.</summary>
    public static AudioLabelSet UrbanSound8K => Get();

    /// <summary>EPIC-KITCHENS-100: 97 verbs.</summary>
    public static AudioLabelSet EpicKitchensVerbs => Get();

    /// <summary>EPIC-KITCHENS-100: 300 nouns, 293 of which have a training sample.</summary>
    public static AudioLabelSet EpicKitchensNouns => Get();

    /// <summary>EPIC-SOUNDS: 44 classes.</summary>
    public static AudioLabelSet EpicSounds => Get();

    /// <summary>All label sets.</summary>
    public static IReadOnlyList<AudioLabelSet> All =>
    [
        AudioSet, Esc50, SpeechCommands, SpeechCommandsAst, SpeechCommandsHtsAt, OpenMic2018, Fsd50k, VggSound,
        KineticsSounds, KineticsSounds31, TauUrban2020, Desed, UrbanSound8K, EpicKitchensVerbs, EpicKitchensNouns,
        EpicSounds,
    ];

    private static AudioLabelSet Get([CallerMemberName] string name = "") => s_sets.GetOrAdd(name, LabelSetFile.Read);
}
