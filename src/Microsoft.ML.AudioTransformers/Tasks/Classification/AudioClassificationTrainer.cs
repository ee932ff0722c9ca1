using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Tasks;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.AudioTransformers;

/// <summary>Trainer of audio classification: trains a network of any model on clips with one of several classes each.</summary>
/// <remarks>
/// The label column is a key, as <c>MapValueToKey</c> makes it; rows without a label are left out. The loss is the option
/// <see cref="AudioOptimizationOptions.Loss"/>.
/// </remarks>
public sealed class AudioClassificationTrainer
    : AudioTrainer<AudioClassificationTransformer>, ITrainerEstimator<AudioClassificationTransformer, AudioModelParameters>
{
    internal AudioClassificationTrainer(IHostEnvironment environment, AudioTrainerOptions options)
        : base(environment, "AudioClassification", CopyChecked(options))
    {
    }

    internal AudioClassificationTrainer(IHostEnvironment environment, RecipeChoice choice)
        : base(environment, "AudioClassification", choice.Draft()) => Choice = choice;

    private protected override AudioTrainer<AudioClassificationTransformer> With(AudioTrainerOptions options) =>
        new AudioClassificationTrainer(Host, options);

    private protected override ClipReader CreateReader(DataViewSchema schema, FeatureReader features, IChannel channel)
    {
        LabelKeys labels = LabelKeys.Read(SchemaChecks.GetColumn(schema, TrainerOptions.LabelColumnName, "Label"));
        return new ClassificationReader(TrainerOptions, CreateTask(labels), features, channel);
    }

    private protected override AudioClassificationTransformer CreateTransformer(TrainedModel model, IChannel channel) =>
        new(Host, model.ToParameters());

    private protected override void CheckLabels(SchemaShape inputSchema) =>
        CheckKeyColumn(inputSchema, TrainerOptions.LabelColumnName, "Label");

    private protected override DataViewSchema.DetachedColumn[] ColumnsOfAnyClasses() =>
        CreateTask(LabelKeys.Any).CreateColumns();

    private ClassificationTask CreateTask(LabelKeys labels) => new()
    {
        Labels = labels,
        ScoreColumnName = TrainerOptions.ScoreColumnName,
        PredictedLabelColumnName = TrainerOptions.PredictedLabelColumnName,
        Top = CreateTop(),
    };
}
