using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Tasks;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// Trainer of action recognition: trains a network of any model, with one backbone and two heads, on clips with an action each,
/// a verb and a noun (EPIC-Kitchens).
/// </summary>
/// <remarks>
/// The loss is the sum of two cross-entropies, of the verb and of the noun; the accuracy counts the clips with both right.
/// Source: W. Zhu, "DATAR: Deformable Audio Transformer for Audio Event Recognition", 2024,
/// section 4; D. Damen et al., "Rescaling Egocentric Vision", IJCV, 2021.
/// </remarks>
public sealed class ActionRecognitionTrainer
    : AudioTrainer<ActionRecognitionTransformer>, ITrainerEstimator<ActionRecognitionTransformer, AudioModelParameters>
{
    private readonly Options _options;

    internal ActionRecognitionTrainer(IHostEnvironment environment, Options options)
        : this(environment, "ActionRecognition", CopyChecked(options))
    {
    }

    private ActionRecognitionTrainer(IHostEnvironment environment, string name, Options options)
        : base(environment, name, options.Model) => _options = options;

    private protected override AudioTrainer<ActionRecognitionTransformer> With(AudioTrainerOptions options)
    {
        Options own = OptionCheck.Copy(_options);
        own.Model = options;
        return new ActionRecognitionTrainer(Host, own);
    }

    private protected override ClipReader CreateReader(DataViewSchema schema, FeatureReader features, IChannel channel)
    {
        LabelKeys verbs = LabelKeys.Read(SchemaChecks.GetColumn(schema, _options.VerbColumnName, "Verb"));
        LabelKeys nouns = LabelKeys.Read(SchemaChecks.GetColumn(schema, _options.NounColumnName, "Noun"));
        return new ActionReader(_options, CreateTask(verbs, nouns), features, channel);
    }

    private protected override ActionRecognitionTransformer CreateTransformer(TrainedModel model, IChannel channel) =>
        new(Host, model.ToParameters());

    private protected override void CheckLabels(SchemaShape inputSchema)
    {
        CheckKeyColumn(inputSchema, _options.VerbColumnName, "Verb");
        CheckKeyColumn(inputSchema, _options.NounColumnName, "Noun");
    }

    private protected override DataViewSchema.DetachedColumn[] ColumnsOfAnyClasses() =>
        CreateTask(LabelKeys.Any, LabelKeys.Any).CreateColumns();

    private ActionTask CreateTask(LabelKeys verbs, LabelKeys nouns) => new()
    {
        Verbs = verbs,
        Nouns = nouns,
        VerbScoreColumnName = _options.VerbScoreColumnName,
        NounScoreColumnName = _options.NounScoreColumnName,
        PredictedVerbColumnName = _options.PredictedVerbColumnName,
        PredictedNounColumnName = _options.PredictedNounColumnName,
        ActionColumnPrefix = _options.ActionColumnPrefix,
        TopActions = _options.TopActions,
    };

    /// <summary>Options of the trainer.</summary>
    public sealed class Options : IOptionGroup
    {
        /// <summary>
        /// Model options: configuration, feature column and training of any model. The loss and the columns of labels, scores
        /// and predicted labels are not used. Default: DATAR as its paper trains it on EPIC-Kitchens-100.
        /// </summary>
        public AudioTrainerOptions Model = new DatarOptions { Epochs = 100 };

        /// <summary>
        /// Verb column: a key, as <c>MapValueToKey</c> makes it. Rows without a verb or a noun are left out of training.
        /// Default: "Verb".
        /// </summary>
        [Text]
        public string VerbColumnName = "Verb";

        /// <summary>Noun column, as <see cref="VerbColumnName"/>. Default: "Noun".</summary>
        [Text]
        public string NounColumnName = "Noun";

        /// <summary>Verb score column: the probabilities of the verbs. Default: "VerbScore".</summary>
        [Text]
        public string VerbScoreColumnName = "VerbScore";

        /// <summary>Noun score column: the probabilities of the nouns. Default: "NounScore".</summary>
        [Text]
        public string NounScoreColumnName = "NounScore";

        /// <summary>Predicted verb column: the verb with the highest probability. Default: "PredictedVerb".</summary>
        [Text]
        public string PredictedVerbColumnName = "PredictedVerb";

        /// <summary>Predicted noun column: the noun with the highest probability. Default: "PredictedNoun".</summary>
        [Text]
        public string PredictedNounColumnName = "PredictedNoun";

        /// <summary>
        /// Prefix of the names of the columns with the best actions, before Verbs, Nouns and Scores. Default: "Action".
        /// </summary>
        [Text]
        public string ActionColumnPrefix = "Action";

        /// <summary>Number of best actions of a clip, 1 or more. Default: 5 (EPIC-Kitchens has top-1 and top-5).</summary>
        [Whole(1)]
        public int TopActions = 5;

        void IOptionGroup.CheckTogether(string prefix)
        {
            string own = $"{prefix}{nameof(Model)}.{nameof(Model.Optimization)}.";
            AudioOptimizationOptions optimization = Model.Optimization;
            OptionCheck.That(
                optimization.ClassWeights is null, $"of {optimization.ClassWeights?.Length} numbers",
                own + nameof(optimization.ClassWeights), "null, for there are classes of two kinds");
            OptionCheck.That(
                optimization.EarlyStoppingMetric != AudioEarlyStoppingMetric.ValidationMeanAveragePrecision,
                optimization.EarlyStoppingMetric, own + nameof(optimization.EarlyStoppingMetric),
                "another, for a clip has one verb and one noun");
        }
    }
}
