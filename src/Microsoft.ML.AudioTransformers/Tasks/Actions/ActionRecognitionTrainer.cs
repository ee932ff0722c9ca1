using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Tasks;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// Trains a network of any model, with one backbone and two heads, to recognize the action that is heard in a clip: a verb
/// and a noun, as EPIC-Kitchens has them.
/// </summary>
/// <remarks>
/// The loss is the sum of two cross-entropies, of the verb and of the noun; a clip counts as right in the training's
/// metrics where both are. Source: W. Zhu, "DATAR: Deformable Audio Transformer for Audio Event Recognition", 2024,
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
        LabelShapes.CheckKey(inputSchema, _options.VerbColumnName, "Verb");
        LabelShapes.CheckKey(inputSchema, _options.NounColumnName, "Noun");
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
        /// The model, its feature column and how it is trained: the options of any model's own trainer. Their loss and their
        /// columns of labels and scores are not used. Default: DATAR as its paper trains it on EPIC-Kitchens-100.
        /// </summary>
        public AudioTrainerOptions Model = new DatarOptions { Epochs = 100 };

        /// <summary>
        /// The column with the verb, a key as <c>MapValueToKey</c> makes it. Rows without a verb or a noun are left out of
        /// training. Default: "Verb".
        /// </summary>
        [Text]
        public string VerbColumnName = "Verb";

        /// <summary>The column with the noun, as <see cref="VerbColumnName"/>. Default: "Noun".</summary>
        [Text]
        public string NounColumnName = "Noun";

        /// <summary>The column that the model writes the verbs' probabilities to. Default: "VerbScore".</summary>
        [Text]
        public string VerbScoreColumnName = "VerbScore";

        /// <summary>The column that the model writes the nouns' probabilities to. Default: "NounScore".</summary>
        [Text]
        public string NounScoreColumnName = "NounScore";

        /// <summary>The column that the model writes the best verb to. Default: "PredictedVerb".</summary>
        [Text]
        public string PredictedVerbColumnName = "PredictedVerb";

        /// <summary>The column that the model writes the best noun to. Default: "PredictedNoun".</summary>
        [Text]
        public string PredictedNounColumnName = "PredictedNoun";

        /// <summary>
        /// What the names of the columns with the best actions begin with: Verbs, Nouns and Scores follow.
        /// Default: "Action".
        /// </summary>
        [Text]
        public string ActionColumnPrefix = "Action";

        /// <summary>How many of a clip's best actions are given, 1 or more. Default: 5 (EPIC-Kitchens has top-1 and top-5).
        /// </summary>
        [Whole(1)]
        public int TopActions = 5;

        void IOptionGroup.CheckTogether(string prefix)
        {
            string own = $"{nameof(Model)}.{nameof(Model.Optimization)}.";
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
