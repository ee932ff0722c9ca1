using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Tasks;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.AudioTransformers;

/// <summary>Trains a network of any model to tag clips: each has any number of classes, AudioSet's task.</summary>
/// <remarks>
/// The label column is a vector of keys, as <c>MapValueToKey</c> makes of vectors of text, or a vector of Single or Boolean
/// with one slot a class: 1 where the clip has it, 0 where not, NaN where it is unlabelled. The loss is the mean over the
/// classes of a binary cross-entropy each, whatever the options' <see cref="AudioOptimizationOptions.Loss"/> is.
/// </remarks>
public sealed class AudioTaggingTrainer
    : AudioTrainer<AudioTaggingTransformer>, ITrainerEstimator<AudioTaggingTransformer, AudioModelParameters>
{
    private readonly AudioTrainerOptions _options;

    internal AudioTaggingTrainer(IHostEnvironment environment, AudioTrainerOptions options)
        : this(environment, "AudioTagging", CopyChecked(options))
    {
    }

    private AudioTaggingTrainer(IHostEnvironment environment, string name, AudioTrainerOptions options)
        : base(environment, name, options) => _options = options;

    private protected override ClipReader CreateReader(DataViewSchema schema, FeatureReader features, IChannel channel)
    {
        LabelKeys labels = LabelKeys.ReadMultiLabel(SchemaChecks.GetColumn(schema, _options.LabelColumnName, "Label"));
        return new TaggingReader(_options, CreateTask(labels), labels, features, channel);
    }

    private protected override AudioTaggingTransformer CreateTransformer(TrainedModel model, IChannel channel) =>
        new(Host, model.ToParameters());

    private protected override void CheckLabels(SchemaShape inputSchema) =>
        LabelShapes.CheckMultiLabel(inputSchema, _options.LabelColumnName);

    private protected override DataViewSchema.DetachedColumn[] ColumnsOfAnyClasses() =>
        CreateTask(LabelKeys.Any).CreateColumns();

    private TaggingTask CreateTask(LabelKeys labels) => new()
    {
        Labels = labels,
        ScoreColumnName = _options.ScoreColumnName,
        PredictedLabelColumnName = _options.PredictedLabelColumnName,
    };
}
