using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Scoring;
using Microsoft.ML.AudioTransformers.Tasks;
using Microsoft.ML.AudioTransformers.Training;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// Trains a network of any kind, with one backbone and two heads, to say of a clip which action is heard in it: a verb and a
/// noun, as EPIC-Kitchens has them.
/// </summary>
/// <remarks>
/// The loss is the sum of two cross-entropies, of the verb and of the noun; an answer counts as right in the training's
/// metrics where both are. Source: W. Zhu, "DATAR: Deformable Audio Transformer for Audio Event Recognition", 2024,
/// section 4; D. Damen et al., "Rescaling Egocentric Vision", IJCV, 2021.
/// </remarks>
public sealed partial class ActionRecognitionTrainer
    : ITrainerEstimator<ActionRecognitionTransformer, AudioModelParameters>
{
    private readonly IHost _host;
    private readonly Options _options;
    private readonly AudioTrainerOptions _model;

    internal ActionRecognitionTrainer(IHostEnvironment environment, Options options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        AudioTransformersLoaders.Register(environment);
        _host = environment.Register("ActionRecognition");
        _options = options;
        _model = options.Model.Clone();
        _model.Optimization.Loss = AudioLossFunction.CrossEntropy;
    }

    /// <summary>The trainer wants neither normalized features nor a cache: it keeps what it reads.</summary>
    public TrainerInfo Info { get; } = MlNetInternals.CreateTrainerInfo(
        normalization: false,
        calibration: false,
        caching: false,
        supportValid: true,
        supportIncrementalTrain: false,
        supportTest: false);

    /// <summary>Trains a model.</summary>
    /// <param name="input">Rows with verbs, nouns and features.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    /// <exception cref="FileNotFoundException">There are no pretrained weights where the options say.</exception>
    /// <exception cref="InvalidDataException">
    /// There are no rows, one verb or one noun only, a row holds what is not a number, the validation set has other classes
    /// than the training set, or nothing of the pretrained weights fits.
    /// </exception>
    public ActionRecognitionTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        _model.CheckFiles();
        using IChannel channel = _host.Start("Training");
        LabelKeys verbs = LabelKeys.Read(SchemaChecks.GetColumn(input.Schema, _options.VerbColumnName, "Verb"));
        LabelKeys nouns = LabelKeys.Read(SchemaChecks.GetColumn(input.Schema, _options.NounColumnName, "Noun"));
        DataViewSchema.Column features = SchemaChecks.GetColumn(input.Schema, _model.FeatureColumnName, "Feature");
        FeatureReader reader =
            _model.FrontEnd is { } frontEnd ? new WaveformReader(frontEnd) : LogMelReader.For(features);
        var clips = new ActionReader(
            _options.VerbColumnName, _options.NounColumnName, _model.FeatureColumnName, reader, verbs, nouns, channel)
        {
            IsStreamed = _model.Sampling.ShuffleBuffer > 0,
        };
        ClipDataset training = clips.ReadTraining(input);
        ClipDataset? validation = _model.ValidationSet is { } set ? clips.ReadValidation(set) : null;
        var run = new TrainingRun(_host, _model, channel)
        {
            Architecture = _model.CreateArchitecture().WithNouns(nouns.Count),
            HeadSizes = [verbs.Count, nouns.Count],
        };
        string[] classNames = [.. verbs.Names, .. nouns.Names];
        AudioModel network = run.Train(reader, classNames, training, validation);
        var description = new ModelDescription
        {
            Architecture = run.Architecture,
            Shape = reader.Shape,
            FrontEnd = _model.FrontEnd,
            Labels = new LabelKeys("Text", classNames),
            Actions = Describe(verbs, nouns),
            FeatureColumnName = _model.FeatureColumnName,
            ScoreColumnName = _model.ScoreColumnName,
            PredictedLabelColumnName = _model.PredictedLabelColumnName,
            ScoringBatchSize = _model.ScoringBatchSize,
            TimeShifts = _model.ScoringTimeShifts,
        };
        return new ActionRecognitionTransformer(
            _host, new AudioModelParameters(network, description, run.Device));
    }

    /// <summary>The input's columns with scores, predicted verb and noun, and the best actions.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        LabelShapes.CheckKey(inputSchema, _options.VerbColumnName, "Verb");
        LabelShapes.CheckKey(inputSchema, _options.NounColumnName, "Noun");
        LabelShapes.CheckFeatures(inputSchema, _model);

        // A shape knows that there are slot names and key values, not how many.
        var anyLabels = new LabelKeys("Text", ["", ""]);
        return SchemaChecks.With(
            inputSchema, SchemaChecks.ShapesOf(ActionColumns.Create(Describe(anyLabels, anyLabels))));
    }

    private ActionDescription Describe(LabelKeys verbs, LabelKeys nouns) => new()
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
}
