namespace Microsoft.ML.AutoML;

public static class AutoMLExperimentExtension
{
    public static AutoMLExperiment SetDataset(
        this AutoMLExperiment experiment,
        IDataView train,
        IDataView validation,
        bool subSamplingTrainDataset = false)
    {
        if (subSamplingTrainDataset)
        {
            throw new NotSupportedException("The stand-in trains on the whole training set.");
        }

        experiment.Dataset = new TrainValidateDatasetManager(train, validation);
        return experiment;
    }

    public static AutoMLExperiment SetDataset(
        this AutoMLExperiment experiment, DataOperationsCatalog.TrainTestData trainValidationSplit) =>
        experiment.SetDataset(trainValidationSplit.TrainSet, trainValidationSplit.TestSet);

    public static AutoMLExperiment SetDataset(
        this AutoMLExperiment experiment, IDataView dataset, int fold = 10, string samplingKeyColumnName = null)
    {
        experiment.Dataset = new CrossValidateDatasetManager
        {
            Dataset = dataset,
            Fold = fold,
            SamplingKeyColumnName = samplingKeyColumnName,
        };
        return experiment;
    }

    public static AutoMLExperiment SetMulticlassClassificationMetric(
        this AutoMLExperiment experiment,
        MulticlassClassificationMetric metric,
        string labelColumn = "label",
        string predictedColumn = "PredictedLabel")
    {
        experiment.Metric = new MulticlassMetricManager(metric, labelColumn, predictedColumn);
        return experiment;
    }

    /// <summary>Sets the pipeline, its search space, and what runs, reports and proposes its trials unless told later.
    /// </summary>
    public static AutoMLExperiment SetPipeline(this AutoMLExperiment experiment, SweepablePipeline pipeline)
    {
        experiment.AddSearchSpace(AutoMLExperiment.PipelineSearchSpaceName, pipeline.SearchSpace);
        experiment.Pipeline = pipeline;
        return experiment.SetCostFrugalTuner();
    }

    public static AutoMLExperiment SetCostFrugalTuner(this AutoMLExperiment experiment)
    {
        experiment.TunerFactory = settings => new CostFrugalTuner(settings.SearchSpace, settings.Seed);
        return experiment;
    }

    public static AutoMLExperiment SetRandomSearchTuner(this AutoMLExperiment experiment, int? seed = null)
    {
        experiment.TunerFactory = settings => new RandomSearchTuner(settings.SearchSpace, seed ?? settings.Seed);
        return experiment;
    }

    public static AutoMLExperiment SetGridSearchTuner(this AutoMLExperiment experiment, int step = 10)
    {
        experiment.TunerFactory = settings => new GridSearchTuner(settings.SearchSpace, step);
        return experiment;
    }

    /// <summary>Numbers this run's trials after those of an earlier run in the folder, whose results are kept there.
    /// </summary>
    public static AutoMLExperiment SetCheckpoint(this AutoMLExperiment experiment, string folder)
    {
        Directory.CreateDirectory(folder);
        experiment.CheckpointFolder = folder;
        return experiment;
    }
}
