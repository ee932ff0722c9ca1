using AudioMLNet.Reproduce.Synthetic;

namespace Microsoft.ML.AudioDatasets.Tests;

/// <summary>The loader of each synthetic data set; the fuzzer has it, too.</summary>
internal static class SyntheticLoaders
{
    /// <summary>Loads a data set by its name in <see cref="SyntheticDatasets.Makers"/>.</summary>
    public static AudioDataset Load(DataOperationsCatalog data, string name, string folder, AudioDatasetOptions options) =>
        name switch
        {
            "audioset" => data.LoadAudioSet(folder, options),
            "esc50" => data.LoadEsc50(folder, options),
            "speechcommands" => data.LoadSpeechCommands(folder, options),
            "openmic" => data.LoadOpenMic2018(folder, options),
            "tau2020" => data.LoadTauUrban2020(folder, options),
            "fsd50k" => data.LoadFsd50k(folder, options),
            "desed" => data.LoadDesed(folder, options),
            "kinetics" => data.LoadKineticsSounds(folder, options: options),
            "vggsound" => data.LoadVggSound(folder, options),
            _ => data.LoadEpicKitchens(folder, options),
        };
}
