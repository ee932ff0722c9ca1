using System.Text;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioTransformers.Models;

namespace Microsoft.ML.AudioTransformers;

/// <summary>What a file of weights tells of its model, and what it does not.</summary>
public sealed class AudioCheckpointInfo
{
    private readonly ModelFamily _family;
    private readonly string _path;

    internal AudioCheckpointInfo(string path, CheckpointDescription described)
    {
        _family = described.Family;
        _path = path;
        Layout = described.Layout.Name;
        Config = OptionCheck.Copy(described.Config);
        FrontEnd = described.FrontEnd?.Clone();
        ClassCount = described.Classes;
        Labels = described.Labels;
        Task = described.IsSingleLabel is { } isSingle
            ? isSingle ? AudioCheckpointTask.Classification : AudioCheckpointTask.Tagging
            : null;
        Missing = described.Missing;
        Assumed = described.Assumed;
    }

    /// <summary>Name of the architecture, such as "PaSST".</summary>
    public string ArchitectureName => _family.Name;

    /// <summary>Layout of the file in words, such as "PaSST, the authors' names".</summary>
    public string Layout { get; }

    /// <summary>
    /// Configuration of the network: a copy that may be changed. What the file does not tell has its default here, and a line in
    /// <see cref="Missing"/>.
    /// </summary>
    public AudioModelConfig Config { get; }

    /// <summary>Front end, a copy that may be changed; null if it is not known.</summary>
    public LogMelOptions? FrontEnd { get; }

    /// <summary>Classes of the scores; 0 for an image model, which can be trained, but scores no sounds.</summary>
    public int ClassCount { get; }

    /// <summary>Names of the classes; null if they are not known.</summary>
    public IReadOnlyList<string>? Labels { get; }

    /// <summary>Task; null if it is not known.</summary>
    public AudioCheckpointTask? Task { get; }

    /// <summary>The file in the list of published ones, if its name and sizes are those of one; else null.</summary>
    public PublishedCheckpoint? Published { get; internal init; }

    /// <summary>What is not known, a sentence each that begins with the option which decides it.</summary>
    public IReadOnlyList<string> Missing { get; }

    /// <summary>What was taken for granted, a sentence each: published settings that no number in the file confirms.</summary>
    public IReadOnlyList<string> Assumed { get; }

    /// <summary>
    /// Creates options of a trainer that starts from the file: its configuration, front end and path, else the defaults of the
    /// model.
    /// </summary>
    /// <returns>New options, to be changed as needed.</returns>
    public AudioTrainerOptions CreateTrainerOptions()
    {
        AudioTrainerOptions options = _family.CreateOptions();
        options.ModelConfig = OptionCheck.Copy(Config);
        options.FrontEnd = FrontEnd?.Clone();
        options.PretrainedWeights = _path;
        return options;
    }

    /// <summary>All of it, a line each.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        string classes = ClassCount > 0 ? FormattableString.Invariant($"{ClassCount} classes") : "no classes of sounds";
        text.AppendLine($"'{_path}': {Layout}; {ArchitectureName}, {classes}.");
        if (Published is not null)
        {
            text.AppendLine($"Published as {Published}.");
        }

        text.AppendLine(Values(Config, nameof(Config)));
        if (FrontEnd is not null)
        {
            text.AppendLine(Values(FrontEnd, nameof(FrontEnd)));
        }

        foreach (string line in Assumed)
        {
            text.AppendLine($"Taken for granted: {line}");
        }

        foreach (string line in Missing)
        {
            text.AppendLine($"Not in the file: {line}");
        }

        return text.ToString().TrimEnd();
    }

    private static string Values(IOptionGroup options, string name) =>
        string.Join(", ", OptionCheck.Values(options).Select(option => $"{name}.{option.Name} = {option.Value}"));
}
