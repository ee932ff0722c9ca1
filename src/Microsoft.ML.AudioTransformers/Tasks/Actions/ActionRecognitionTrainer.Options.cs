using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioTransformers.Core;

namespace Microsoft.ML.AudioTransformers;

public sealed partial class ActionRecognitionTrainer
{
    /// <summary>What the trainer can be told.</summary>
    public sealed class Options
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
        public string VerbColumnName = "Verb";

        /// <summary>The column with the noun, as <see cref="VerbColumnName"/>. Default: "Noun".</summary>
        public string NounColumnName = "Noun";

        /// <summary>The column that the model writes the verbs' probabilities to. Default: "VerbScore".</summary>
        public string VerbScoreColumnName = "VerbScore";

        /// <summary>The column that the model writes the nouns' probabilities to. Default: "NounScore".</summary>
        public string NounScoreColumnName = "NounScore";

        /// <summary>The column that the model writes the best verb to. Default: "PredictedVerb".</summary>
        public string PredictedVerbColumnName = "PredictedVerb";

        /// <summary>The column that the model writes the best noun to. Default: "PredictedNoun".</summary>
        public string PredictedNounColumnName = "PredictedNoun";

        /// <summary>
        /// What the names of the columns with the best actions begin with: Verbs, Nouns and Scores follow.
        /// Default: "Action".
        /// </summary>
        public string ActionColumnPrefix = "Action";

        /// <summary>How many of a clip's best actions are given, 1 or more. Default: 5 (EPIC-Kitchens has top-1 and top-5).
        /// </summary>
        public int TopActions = 5;

        /// <summary>Checks every value.</summary>
        /// <exception cref="ArgumentOutOfRangeException">A value is outside its range; the message names the option.
        /// </exception>
        internal void Check()
        {
            OptionCheck.That(Model is not null, "null", nameof(Model), "a trainer's options");
            Model.Check();
            OptionCheck.ColumnName(VerbColumnName, nameof(VerbColumnName));
            OptionCheck.ColumnName(NounColumnName, nameof(NounColumnName));
            OptionCheck.ColumnName(VerbScoreColumnName, nameof(VerbScoreColumnName));
            OptionCheck.ColumnName(NounScoreColumnName, nameof(NounScoreColumnName));
            OptionCheck.ColumnName(PredictedVerbColumnName, nameof(PredictedVerbColumnName));
            OptionCheck.ColumnName(PredictedNounColumnName, nameof(PredictedNounColumnName));
            OptionCheck.ColumnName(ActionColumnPrefix, nameof(ActionColumnPrefix));
            OptionCheck.AtLeast(1, TopActions, nameof(TopActions));
            AudioOptimizationOptions optimization = Model.Optimization;
            string prefix = $"{nameof(Model)}.{nameof(Model.Optimization)}.";
            OptionCheck.That(
                optimization.ClassWeights is null, $"of {optimization.ClassWeights?.Length} numbers",
                prefix + nameof(optimization.ClassWeights), "null, for there are classes of two kinds");
            OptionCheck.That(
                optimization.EarlyStoppingMetric != AudioEarlyStoppingMetric.ValidationMeanAveragePrecision, optimization.EarlyStoppingMetric,
                prefix + nameof(optimization.EarlyStoppingMetric), "another, for a clip has one verb and one noun");
        }
    }
}
