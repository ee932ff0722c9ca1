using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.Checks;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// Options of loading a model from a file of weights: what the file does not tell, and columns. With the defaults, everything
/// that the file, the files beside it, or the list of published files tell is taken from there.
/// </summary>
public sealed class AudioCheckpointOptions : IOptionGroup
{
    /// <summary>
    /// Configuration of the network, all of it: that of <see cref="AudioCheckpointInfo.Config"/> with what was missing filled in,
    /// for example. Null for the one that the file tells. Default: null.
    /// </summary>
    public AudioModelConfig? Config;

    /// <summary>Front end, with a target length; null for the one that the file tells. Default: null.</summary>
    public LogMelOptions? FrontEnd;

    /// <summary>
    /// Names of the classes, all of them, in the order of the file's scores; null for those that the file or the list of published
    /// files tells, or else numbers from 1. Names in another order than the file's own are refused. Default: null.
    /// </summary>
    public IReadOnlyList<string>? Labels;

    /// <summary>
    /// Task; null for the one that the file or the list of published files tells, or else tagging. Default: null.
    /// </summary>
    public AudioCheckpointTask? Task;

    /// <summary>Adaptation of the weights to another configuration, and prefix of one of several models in the file.</summary>
    public CheckpointAdaptation Adaptation = new();

    /// <summary>Waveform column: a vector of Single at the front end's sample rate. Default: "Waveform".</summary>
    [Text]
    public string FeatureColumnName = "Waveform";

    /// <summary>Output column of the scores. Default: "Score".</summary>
    [Text]
    public string ScoreColumnName = "Score";

    /// <summary>Output column of the predicted classes. Default: "PredictedLabel".</summary>
    [Text]
    public string PredictedLabelColumnName = "PredictedLabel";

    /// <summary>Batch size of scoring, in rows, 1 or more. Default: 16.</summary>
    [Whole(1)]
    public int ScoringBatchSize = 16;

    /// <summary>
    /// Precision of scoring. Default: <see cref="AudioPrecision.Auto"/>, bfloat16 where it is faster and right.
    /// </summary>
    public AudioPrecision ScoringPrecision;

    /// <summary>
    /// Number of time shifts, 1 or more: each clip is scored so many times, rolled over time by equal parts of its length, and
    /// the scores are averaged. Null for the number that the file tells, or else 1. Default: null. HTS-AT's AudioSet results use
    /// 10.
    /// </summary>
    [Whole(1)]
    public int? ScoringTimeShifts;

    void IOptionGroup.CheckTogether(string prefix)
    {
        if (Labels is not { } labels)
        {
            return;
        }

        OptionCheck.That(
            labels.Count > 0 && !labels.Any(string.IsNullOrWhiteSpace), $"of {labels.Count} names", prefix + nameof(Labels),
            "one name or more, none of them blank");
        string? twice = labels.GroupBy(label => label).FirstOrDefault(group => group.Count() > 1)?.Key;
        OptionCheck.That(twice is null, $"'{twice}' twice", prefix + nameof(Labels), "each name once");
    }
}

/// <summary>Task of a model in a file of weights: how its logits become scores.</summary>
public enum AudioCheckpointTask
{
    /// <summary>Tagging: any number of classes a clip, a sigmoid each (AudioSet).</summary>
    Tagging,

    /// <summary>Classification: one class a clip, a softmax over all (ESC-50).</summary>
    Classification,
}
