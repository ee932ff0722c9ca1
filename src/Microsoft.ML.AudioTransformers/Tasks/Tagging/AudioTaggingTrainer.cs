using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Tasks;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// Trainer of audio tagging (multi-label classification): trains a network of any model on clips with any number of classes
/// each (AudioSet).
/// </summary>
/// <remarks>
/// The label column is a vector of keys, as <c>MapValueToKey</c> makes of vectors of text, or a vector of Single or Boolean
/// with one slot a class: 1 positive, 0 negative, NaN unlabelled. The loss is the mean over the classes of a binary
/// cross-entropy each; the option <see cref="AudioOptimizationOptions.Loss"/> is not used.
/// </remarks>
public sealed class AudioTaggingTrainer
    : AudioTrainer<AudioTaggingTransformer>, ITrainerEstimator<AudioTaggingTransformer, AudioModelParameters>
{
    internal AudioTaggingTrainer(IHostEnvironment environment, AudioTrainerOptions options)
        : base(environment, "AudioTagging", CopyChecked(options))
    {
    }

    internal AudioTaggingTrainer(IHostEnvironment environment, RecipeChoice choice)
        : base(environment, "AudioTagging", choice.Draft()) => Choice = choice;

    private protected override AudioTrainer<AudioTaggingTransformer> With(AudioTrainerOptions options) =>
        new AudioTaggingTrainer(Host, options);

    private protected override ClipReader CreateReader(DataViewSchema schema, FeatureReader features, IChannel channel)
    {
        LabelKeys labels = LabelKeys.ReadMultiLabel(SchemaChecks.GetColumn(schema, TrainerOptions.LabelColumnName, "Label"));
        return new TaggingReader(TrainerOptions, CreateTask(labels), labels, features, channel);
    }

    private protected override AudioTaggingTransformer CreateTransformer(TrainedModel model, IChannel channel) =>
        new(Host, model.ToParameters());

    private protected override void CheckLabels(SchemaShape inputSchema) =>
        CheckMultiLabelColumn(inputSchema, TrainerOptions.LabelColumnName);

    private protected override DataViewSchema.DetachedColumn[] ColumnsOfAnyClasses() =>
        CreateTask(LabelKeys.Any).CreateColumns();

    private TaggingTask CreateTask(LabelKeys labels) => new()
    {
        Labels = labels,
        ScoreColumnName = TrainerOptions.ScoreColumnName,
        PredictedLabelColumnName = TrainerOptions.PredictedLabelColumnName,
        Top = CreateTop(),
    };
}
