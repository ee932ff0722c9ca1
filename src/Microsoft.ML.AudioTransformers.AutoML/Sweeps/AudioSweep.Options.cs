using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Sweeps;

namespace Microsoft.ML.AudioTransformers;

/// <summary>How a sweep chooses what to try next.</summary>
public enum AudioSweepTuner
{
    /// <summary>The defaults of each way through the pipeline, and then points drawn uniformly; trials know nothing of
    /// each other.</summary>
    Random,

    /// <summary>All combinations of each option's values, way by way; trials know nothing of each other.</summary>
    Grid,

    /// <summary>
    /// AutoML's cost-frugal tuner: from the defaults, steps in random directions that are kept where they help.
    /// </summary>
    CostFrugal,
}

public sealed partial class AudioSweep
{
    /// <summary>What a sweep can be told.</summary>
    public sealed class Options
    {
        /// <summary>What is optimized. Default: accuracy over the columns "Label" and "Score".</summary>
        public AudioSweepMetric Metric = AudioSweepMetric.Accuracy();

        /// <summary>
        /// The folder of trials, models, table and chart; made where it is missing. A sweep whose folder has trials
        /// resumes. Each sweep needs one of its own. Default: "sweep".
        /// </summary>
        public string Folder = "sweep";

        /// <summary>Trials, those of earlier runs counted, 1 or more. Default: 20.</summary>
        public int Trials = 20;

        /// <summary>How points are chosen. Default: random.</summary>
        public AudioSweepTuner Tuner = AudioSweepTuner.Random;

        /// <summary>Values of a range on a grid, its ends among them, 2 or more. Default: 5.</summary>
        public int GridSteps = 5;

        /// <summary>What the tuner's choices and every trial's training follow from. Default: 1.</summary>
        public int Seed = 1;

        /// <summary>Ends the sweep after so many seconds, 1 or more; null for no limit but AutoML's day. Default: null.
        /// </summary>
        public int? TrainingTimeInSeconds;

        /// <summary>
        /// Whether hopeless trials end early: those whose validation accuracy after an epoch has never been as good as
        /// the median of what completed trials had on average by then, among those that take the same way through the
        /// pipeline. Trials over folds always go to their end. Default: true.
        /// </summary>
        /// <remarks>Source: Golovin et al., "Google Vizier", KDD 2017, section 3.2.2.</remarks>
        public bool Pruning = true;

        /// <summary>Trials of the same way that must be completed before any is ended early, 1 or more. Default: 5.
        /// </summary>
        public int PruningMinimumTrials = 5;

        /// <summary>The first epoch after which a trial may be ended early, 1 or more. Default: 1.</summary>
        public int PruningFirstEpoch = 1;

        /// <summary>Whether the models of trials that are not the best stay in the folder. Default: false.</summary>
        public bool KeepModels;

        internal Options Clone() => (Options)MemberwiseClone();

        /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
        internal void Check()
        {
            ArgumentNullException.ThrowIfNull(Metric);
            OptionCheck.That(!string.IsNullOrWhiteSpace(Folder), $"'{Folder}'", nameof(Folder), "a folder's path");
            OptionCheck.AtLeast(1, Trials, nameof(Trials));
            OptionCheck.That(Enum.IsDefined(Tuner), Tuner, nameof(Tuner), "a tuner");
            OptionCheck.AtLeast(2, GridSteps, nameof(GridSteps));
            OptionCheck.AtLeast(1, TrainingTimeInSeconds ?? 1, nameof(TrainingTimeInSeconds));
            OptionCheck.AtLeast(1, PruningMinimumTrials, nameof(PruningMinimumTrials));
            OptionCheck.AtLeast(1, PruningFirstEpoch, nameof(PruningFirstEpoch));
        }

        internal MedianPruning? CreatePruning(SweepData data, IEnumerable<AudioSweepTrial> earlier)
        {
            if (!Pruning || data is not SweepData.Split)
            {
                return null;
            }

            var pruning = new MedianPruning(PruningMinimumTrials, PruningFirstEpoch);
            foreach (AudioSweepTrial trial in earlier.Where(trial => trial.State == AudioSweepTrialState.Completed))
            {
                pruning.Of(trial.Parameters).Add(trial.ValidationAccuracies);
            }

            return pruning;
        }
    }
}
