using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.AudioDatasets;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers;

namespace AudioMLNet.Reproduce;

/// <summary>Trains and measures the rows of a table on one data set.</summary>
/// <param name="settings">What is asked for.</param>
/// <param name="dataset">The data set.</param>
/// <param name="name">Its name in <see cref="Experiment.Dataset"/>.</param>
internal sealed class Study(Settings settings, AudioDataset dataset, string name)
{
    /// <summary>Loads a data set by its name in <see cref="Experiment.Dataset"/>.</summary>
    public static AudioDataset Load(string name, string folder)
    {
        DataOperationsCatalog data = new MLContext().Data;

        // Videos are gone from where everyone downloads them: the report counts those.
        var options = new AudioDatasetOptions { Problems = AudioFileProblems.Skip };
        return name switch
        {
            "audioset" => data.LoadAudioSet(folder, options),
            "esc50" => data.LoadEsc50(folder),
            "speechcommands" => data.LoadSpeechCommands(folder),
            "openmic" => data.LoadOpenMic2018(folder),
            "tau2020" => data.LoadTauUrban2020(folder),
            "desed" => data.LoadDesed(folder, options),
            "kinetics" => data.LoadKineticsSounds(folder, options: options),
            "vggsound" => data.LoadVggSound(folder, options),
            _ => data.LoadEpicKitchens(folder, options),
        };
    }

    /// <summary>Trains from a seed, and measures.</summary>
    /// <param name="options">The row's options.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="models">The path of the models' files, without number and extension; null to keep none.</param>
    /// <returns>A value for each column.</returns>
    public double[] Train(AudioTrainerOptions options, int seed, string? models)
    {
        options.Seed = seed;
        options.Epochs = settings.Epochs ?? options.Epochs;
        var values = new List<double[]>();
        foreach ((IDataView training, IDataView test) in Splits())
        {
            var mlContext = new MLContext(seed);
            IDataView prepared = Prepare(mlContext, options, training);
            long before = Environment.WorkingSet;
            var clock = Stopwatch.StartNew();
            ITransformer model = Trainer(mlContext, options).Fit(prepared);
            double clipsPerSecond = (training.GetRowCount() ?? 0) * options.Epochs / clock.Elapsed.TotalSeconds;
            double memory = PeakBytes() - before;
            if (models is not null)
            {
                mlContext.Model.SaveAudioModel(model, prepared.Schema, $"{models}-{values.Count}.zip");
            }

            values.Add(Measure(mlContext, model, Prepare(mlContext, options, test), clipsPerSecond, memory));
            (model as IDisposable)?.Dispose();
        }

        return Average(values);
    }

    /// <summary>Measures the models of several seeds together.</summary>
    /// <param name="options">The row's options.</param>
    /// <param name="models">The paths of each seed's models, as <see cref="Train"/> got them.</param>
    public double[] Combine(AudioTrainerOptions options, IReadOnlyList<string> models)
    {
        var values = new List<double[]>();
        foreach ((_, IDataView test) in Splits())
        {
            MLContext mlContext = new MLContext(1).RegisterAudioTransformers();
            string[] files = [.. models.Select(path => $"{path}-{values.Count}.zip")];
            ITransformer ensemble = name == "desed"
                ? mlContext.Model.CreateSoundEventEnsemble(
                    [.. files.Select(file => (SoundEventDetectionTransformer)Single(mlContext.Model.Load(file, out _)))])
                : mlContext.Model.LoadAudioEnsemble(files);
            values.Add(Measure(mlContext, ensemble, Prepare(mlContext, options, test), double.NaN, double.NaN));
        }

        return Average(values);
    }

    private static ITransformer Single(ITransformer model) =>
        model is IEnumerable<ITransformer> chain ? chain.Single() : model;

    private static double[] Average(List<double[]> values) =>
        [.. Enumerable.Range(0, values[0].Length).Select(column => values.Average(value => value[column]))];

    private IEnumerable<(IDataView Training, IDataView Test)> Splits()
    {
        if (name == "esc50")
        {
            return dataset.Folds.Take(settings.Folds).Select(int.Parse)
                .Select(fold => (dataset.FoldTraining(fold), dataset.Fold(fold)));
        }

        bool isValidated = name is "kinetics" or "epic";
        IDataView training = name == "desed" ? dataset.Split("weak") : dataset.Train;
        return [(training, isValidated ? dataset.Validation : dataset.Test)];
    }

    /// <summary>Labels as keys in the official order, and waveforms at the front end's rate.</summary>
    private IDataView Prepare(MLContext mlContext, AudioTrainerOptions options, IDataView clips)
    {
        var conversion = mlContext.Transforms.Conversion;
        var loading = new AudioLoadingEstimator.Options
        {
            SampleRate = options.FrontEnd!.SampleRate,
            OffsetColumnName = "Start",
            DurationColumnName = "Duration",
        };
        IEstimator<ITransformer> pipeline = mlContext.Transforms.LoadAudio(options.FeatureColumnName, "Path", loading);
        foreach ((string column, AudioLabelSet labels) in dataset.LabelSets)
        {
            if (name != "openmic")
            {
                pipeline = pipeline.Append(conversion.MapLabelToKey(
                    column, column == "Noun" ? dataset.TrainedClasses(column) : labels));
            }
        }

        return pipeline.Fit(clips).Transform(clips);
    }

    private IEstimator<ITransformer> Trainer(MLContext mlContext, AudioTrainerOptions options) => name switch
    {
        "audioset" or "openmic" => mlContext.AudioTagging().Trainer(options),
        "epic" => mlContext.ActionRecognition().Trainer(new ActionRecognitionTrainer.Options { Model = options }),
        "desed" => mlContext.SoundEventDetection().Trainer(new SoundEventDetectionTrainer.Options { Model = options }),
        _ => mlContext.AudioClassification().Trainer(options),
    };

    private static long PeakBytes()
    {
        using Process process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }

    private double[] Measure(
        MLContext mlContext, ITransformer model, IDataView test, double clipsPerSecond, double memory)
    {
        IDataView scored = model.Transform(test);
        switch (name)
        {
            case "audioset":
                return [mlContext.AudioTagging().Evaluate(scored).MeanAveragePrecisionOfPresentClasses, clipsPerSecond, memory];
            case "openmic":
                return [mlContext.AudioTagging().Evaluate(scored).MeanAveragePrecisionOfPresentClasses];
            case "epic":
                ActionRecognitionMetrics actions = mlContext.ActionRecognition().Evaluate(scored);
                return [100 * actions.Verb.Accuracy, 100 * actions.Noun.Accuracy, 100 * actions.ActionAccuracy];
            case "desed":
                EventBasedMetrics events = mlContext.SoundEventDetection().Evaluate(
                    scored, scored, SoundEventDetectionCatalog.EvaluationOptions.ForDetector()).EventBased;
                double[] classes =
                [
                    .. dataset.Classes.Labels.Select(label =>
                        events.ClassNames.ToList().IndexOf(label) is >= 0 and int place
                            ? 100 * events.ByClass[place].F1
                            : double.NaN),
                ];
                return [.. classes, 100 * events.ClassAverage.F1];
            case "tau2020":
                GroupMetrics<AudioClassificationMetrics> devices =
                    mlContext.AudioClassification().EvaluateGroups(scored, "Device");
                ILookup<bool, string> groups =
                    devices.Groups.Select(group => group.Group).ToLookup(device => device is "s4" or "s5" or "s6");

                // Few synthetic clips are of no unseen device.
                double Of(bool isUnseen) =>
                    groups[isUnseen].Any() ? 100 * devices.Of(groups[isUnseen]).Accuracy : double.NaN;
                return [100 * devices.Overall.Accuracy, Of(isUnseen: false), Of(isUnseen: true)];
            default:
                AudioClassificationMetrics metrics = mlContext.AudioClassification().Evaluate(scored);
                return [100 * metrics.Accuracy, 100 * metrics.TopKAccuracy(5)];
        }
    }
}
