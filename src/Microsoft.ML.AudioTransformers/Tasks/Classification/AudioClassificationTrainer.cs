using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Tasks;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.AudioTransformers;

/// <summary>Trains a network of any model to classify clips: each has one of several classes.</summary>
/// <remarks>
/// The label column is a key, as <c>MapValueToKey</c> makes it; rows without a label are left out. The loss is the options'
/// <see cref="AudioOptimizationOptions.Loss"/>.
/// </remarks>
public sealed class AudioClassificationTrainer
    : AudioTrainer<AudioClassificationTransformer>, ITrainerEstimator<AudioClassificationTransformer, AudioModelParameters>
{
    private readonly AudioTrainerOptions _options;

    internal AudioClassificationTrainer(IHostEnvironment environment, AudioTrainerOptions options)
        : this(environment, "AudioClassification", CopyChecked(options))
    {
    }

    private AudioClassificationTrainer(IHostEnvironment environment, string name, AudioTrainerOptions options)
        : base(environment, name, options) => _options = options;

    private protected override ClipReader CreateReader(DataViewSchema schema, FeatureReader features, IChannel channel)
    {
        LabelKeys labels = LabelKeys.Read(SchemaChecks.GetColumn(schema, _options.LabelColumnName, "Label"));
        return new ClassificationReader(_options, CreateTask(labels), features, channel);
    }

    private protected override AudioClassificationTransformer CreateTransformer(TrainedModel model, IChannel channel) =>
        new(Host, model.ToParameters());

    private protected override void CheckLabels(SchemaShape inputSchema) =>
        LabelShapes.CheckKey(inputSchema, _options.LabelColumnName, "Label");

    private protected override DataViewSchema.DetachedColumn[] ColumnsOfAnyClasses() =>
        CreateTask(LabelKeys.Any).CreateColumns();

    private ClassificationTask CreateTask(LabelKeys labels) => new()
    {
        Labels = labels,
        ScoreColumnName = _options.ScoreColumnName,
        PredictedLabelColumnName = _options.PredictedLabelColumnName,
    };
}
