namespace Microsoft.ML.Data;

/// <summary>How well a classifier with several classes does.</summary>
public sealed class MulticlassClassificationMetrics
{
    internal MulticlassClassificationMetrics(MulticlassCounters counters, ConfusionMatrix confusionMatrix, int topK)
    {
        MicroAccuracy = counters.MicroAccuracy;
        MacroAccuracy = counters.MacroAccuracy;
        LogLoss = counters.LogLoss;
        LogLossReduction = counters.LogLossReduction;
        PerClassLogLoss = counters.PerClassLogLoss;
        TopKPredictionCount = topK;
        TopKAccuracyForAllK = topK > 0 ? counters.TopKAccuracies(topK) : null;
        ConfusionMatrix = confusionMatrix;
    }

    /// <summary>The mean of -log(p) over the rows, p being the score of the row's class.</summary>
    public double LogLoss { get; }

    /// <summary>The part of the classes' entropy that the scores take away: 1 is perfect, 0 no better than the classes' frequencies.</summary>
    public double LogLossReduction { get; }

    /// <summary>The mean, over the classes that occur, of the part of their rows that is predicted right.</summary>
    public double MacroAccuracy { get; }

    /// <summary>The part of all rows that is predicted right.</summary>
    public double MicroAccuracy { get; }

    /// <summary>The part of the rows whose class is among the <see cref="TopKPredictionCount"/> best scores; 0 if not asked for.</summary>
    public double TopKAccuracy => TopKAccuracyForAllK is { Count: > 0 } all ? all[^1] : 0;

    public int TopKPredictionCount { get; }

    /// <summary>The top-k accuracies for k from 1 on, or null if not asked for.</summary>
    public IReadOnlyList<double> TopKAccuracyForAllK { get; }

    /// <summary>The log-loss over the rows of each class; 0 for a class that does not occur.</summary>
    public IReadOnlyList<double> PerClassLogLoss { get; }

    public ConfusionMatrix ConfusionMatrix { get; }
}
