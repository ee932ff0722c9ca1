using System.Text.Json.Nodes;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioFeaturization.EventDecoding;
using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models.Layers;
using Microsoft.ML.AudioTransformers.Onnx;
using Microsoft.ML.AudioTransformers.Options;
using TorchSharp;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>
/// Model family, PaSST for example: all that the rest of the library asks of a model before there is a network. Each has a
/// folder here and a line in <see cref="ModelFamilies"/>, which saving, sweeps, benchmarks and the contract tests go through.
/// </summary>
internal abstract class ModelFamily
{
    /// <summary>Name of the model in its paper; saved models hold it.</summary>
    public abstract string Name { get; }

    /// <summary>Type of the model's <see cref="AudioModelConfig"/>.</summary>
    public abstract Type ConfigType { get; }

    /// <summary>Trainer options with the model's defaults.</summary>
    public abstract AudioTrainerOptions CreateOptions();

    /// <summary>
    /// Trainer options of a small model, which learns hundreds of short clips within minutes on one processor core.
    /// </summary>
    /// <param name="sampleRate">Sample rate of the waveforms, in Hz.</param>
    public abstract AudioTrainerOptions CreateSmall(int sampleRate);

    /// <summary>Type of the model's <see cref="AudioTrainerOptions"/>.</summary>
    public abstract Type OptionsType { get; }

    /// <summary>Trainer options of a recipe that learns the clips of a plan from random weights.</summary>
    public abstract AudioTrainerOptions CreateFromScratch(ScratchPlan plan);

    /// <summary>Trainer options of the recipe that fine-tunes the authors' weights.</summary>
    /// <param name="config">Configuration of the weights; null for that of the recipe.</param>
    /// <param name="seconds">Length of a clip, in seconds.</param>
    /// <param name="sampleRate">Sample rate of the clips in Hz, for a model without one of its own.</param>
    public abstract AudioTrainerOptions CreateFineTuning(AudioModelConfig? config, double seconds, int sampleRate);

    /// <summary>Checks that a configuration fits the features and classes, before there is a network.</summary>
    /// <param name="config">Configuration, of <see cref="ConfigType"/>; it is not changed.</param>
    /// <param name="shape">Shape of the features of a clip.</param>
    /// <param name="headSizes">Classes of each task head.</param>
    /// <exception cref="ArgumentOutOfRangeException">It does not fit them.</exception>
    public void Check(AudioModelConfig config, FeatureShape shape, IReadOnlyList<int> headSizes) =>
        Size(config, shape, headSizes);

    /// <summary>Builds a network with initial weights that follow from the seed.</summary>
    /// <param name="config">Configuration, of <see cref="ConfigType"/>; it is not changed.</param>
    /// <param name="shape">Shape of the features of a clip.</param>
    /// <param name="headSizes">Classes of each task head; a model with a single head has one for all of them.</param>
    /// <param name="seed">Seed of the weights, and of what is random in training until that is seeded anew.</param>
    /// <exception cref="ArgumentOutOfRangeException">The configuration does not fit the features.</exception>
    /// <exception cref="DllNotFoundException">LibTorch does not load here.</exception>
    public AudioModel Build(AudioModelConfig config, FeatureShape shape, IReadOnlyList<int> headSizes, int seed)
    {
        LibTorch.Load();
        var generator = new torch.Generator((ulong)(uint)seed);
        try
        {
            return Build(Size(config, shape, headSizes), generator);
        }
        catch
        {
            generator.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Builds a network for saved weights, which <see cref="AudioModel.ReadWeights"/> must read before anything else: they are not
    /// drawn, and hold what memory held.
    /// </summary>
    /// <inheritdoc cref="Build(AudioModelConfig, FeatureShape, IReadOnlyList{int}, int)"/>
    public AudioModel BuildUnread(AudioModelConfig config, FeatureShape shape, IReadOnlyList<int> headSizes)
    {
        using Initialization.Section section = Initialization.LeaveOut();
        return Build(config, shape, headSizes, seed: 0);
    }

    /// <summary>Layouts of files that <see cref="Describe"/> knows.</summary>
    public abstract IReadOnlyList<CheckpointLayout> Layouts { get; }

    /// <summary>
    /// Describes the network of a file of weights, from the names and shapes of its tensors, its settings and the files beside
    /// it; null if it is not of this family, nor of the image model that the family starts from.
    /// </summary>
    /// <param name="checkpoint">File of weights.</param>
    /// <param name="prefix">Prefix of the model's names, if the file has several; null for the shortest.</param>
    /// <exception cref="InvalidDataException">A file beside the weights is damaged, or contradicts them.</exception>
    public abstract CheckpointDescription? Describe(Checkpoint checkpoint, string? prefix);

    /// <summary>Weight map: which tensor of an official checkpoint becomes which of a network of this family.</summary>
    /// <exception cref="InvalidDataException">The checkpoint is of another model.</exception>
    public abstract WeightMap MapCheckpoint(Checkpoint checkpoint, AudioModel network, CheckpointAdaptation adaptation);

    /// <summary>Loads the tensors of an official checkpoint that fit a network of this family.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file cannot be read, or nothing of it fits.</exception>
    public CheckpointReport LoadCheckpoint(string path, AudioModel network, CheckpointAdaptation adaptation)
    {
        using Checkpoint checkpoint = Checkpoint.Open(path);
        return LoadCheckpoint(checkpoint, network, adaptation);
    }

    /// <inheritdoc cref="LoadCheckpoint(string, AudioModel, CheckpointAdaptation)"/>
    public CheckpointReport LoadCheckpoint(Checkpoint checkpoint, AudioModel network, CheckpointAdaptation adaptation)
    {
        try
        {
            WeightMap map = MapCheckpoint(checkpoint, network, adaptation);
            map.LeaveOut(checkpoint.Unreadable);
            return map.Apply(network) with { Differences = Differences(checkpoint, network, adaptation.Prefix) };
        }
        catch (InvalidDataException exception) when (Explain(checkpoint, network, adaptation.Prefix) is { } explanation)
        {
            throw new InvalidDataException($"{exception.Message} {explanation}", exception);
        }
    }

    /// <summary>
    /// Options of the configuration that a file of weights tells and that a network can differ in without an error, by their
    /// names or, in a list of groups, the end of their paths.
    /// </summary>
    /// <param name="described">Description of the file.</param>
    protected abstract IReadOnlyList<string> OptionsInFile(CheckpointDescription described);

    private IReadOnlyList<string> Differences(Checkpoint checkpoint, AudioModel network, string? prefix)
    {
        if (Describe(checkpoint, prefix) is not { } described)
        {
            return [];
        }

        AudioModelConfig? recorded = ModelConfigConverter.Recorded(checkpoint, ConfigType);
        HashSet<string> compared = [.. OptionsInFile(described).Where(name => recorded is not null
            || !described.Missing.Any(line => line.Split(':')[0].Contains($"Config.{name}", StringComparison.Ordinal)))];
        Dictionary<string, string> ours = OptionCheck.Values(network.Config).ToDictionary();
        return
        [
            .. OptionCheck.Values(recorded ?? described.Config)
                .Where(option => compared.Contains(option.Name.Split('.')[^1])
                    && ours.TryGetValue(option.Name, out string? value) && value != option.Value)
                .Select(option => $"Option Config.{option.Name} is {ours[option.Name]}; "
                    + $"the weights in '{checkpoint.Path}' are of a model with {option.Value}."),
        ];
    }

    /// <summary>What a file that did not fit a network is of; null if it is of no known layout.</summary>
    private string? Explain(Checkpoint checkpoint, AudioModel network, string? prefix)
    {
        if (Describe(checkpoint, prefix) is { } own)
        {
            AudioModelConfig config = ModelConfigConverter.Recorded(checkpoint, ConfigType) ?? own.Config;
            IEnumerable<string> sizes = OptionCheck.Values(config).Select(option => $"Config.{option.Name} {option.Value}");
            string differences = string.Concat(Differences(checkpoint, network, prefix).Select(line => line + " "));
            return $"{differences}The file is of {own.Layout.Name}: {string.Join(", ", sizes)}; "
                + "mlContext.Model.DescribeAudioCheckpoint makes "
                + "options of a trainer of it.";
        }

        CheckpointDescription? other = ModelFamilies.All.Select(family => family.Describe(checkpoint, prefix)).FirstOrDefault(
            each => each is not null);
        return other is null ? null : $"The file is of {other.Layout.Name}, a start for {other.Family.Name}.";
    }

    /// <summary>
    /// Whether the model has a presence map, the probability of each class over time, and so can detect sound events.
    /// </summary>
    public virtual bool HasPresenceMap => false;

    /// <summary>Sizes of the model's presence map.</summary>
    /// <param name="config">Configuration.</param>
    /// <param name="shape">Shape of the features of a clip.</param>
    /// <param name="classCount">Classes.</param>
    /// <exception cref="ArgumentOutOfRangeException">The configuration does not fit the features.</exception>
    /// <exception cref="NotSupportedException">The model has no presence map.</exception>
    public virtual PresenceMapGeometry PresenceMap(AudioModelConfig config, FeatureShape shape, int classCount) =>
        throw new NotSupportedException($"{Name} gives no presence map.");

    /// <summary>
    /// Writes the graph of a network outside of training to an ONNX model, in the order of the network's forward pass.
    /// </summary>
    /// <param name="network">Network of this family.</param>
    /// <param name="module">The network's weights in the graph.</param>
    /// <param name="features">Features of clips, (B, frames, mels).</param>
    /// <param name="frames">
    /// Frames of the features; null if they may differ from run to run, which only a model with a
    /// <see cref="AudioModel.ShortestInput"/> takes.
    /// </param>
    public abstract ModelGraph WriteGraph(AudioModel network, OnnxModule module, OnnxValue features, int? frames);

    /// <summary>
    /// Checks that a network can be trained on labels with times: that its presence map keeps places in time, for short clips,
    /// too.
    /// </summary>
    /// <param name="config">Configuration.</param>
    /// <param name="prefix">Path before the options' names in messages.</param>
    /// <exception cref="ArgumentOutOfRangeException">It does not keep them.</exception>
    public virtual void CheckKeepsTimes(AudioModelConfig config, string prefix)
    {
    }

    /// <summary>Upgrades a configuration that an earlier version saved: removes options that no longer exist.</summary>
    /// <param name="config">Options by name; it is changed.</param>
    public virtual void Upgrade(JsonObject config)
    {
    }

    /// <summary>A checked copy of a configuration with the sizes of the features and the heads.</summary>
    /// <inheritdoc cref="Check"/>
    protected abstract AudioModelConfig Size(AudioModelConfig config, FeatureShape shape, IReadOnlyList<int> headSizes);

    /// <summary>Builds a network of a configuration that has its sizes.</summary>
    protected abstract AudioModel Build(AudioModelConfig sized, torch.Generator generator);
}
