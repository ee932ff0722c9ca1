namespace Microsoft.ML.Data;

/// <summary>Adds up what the metrics of a classifier with several classes are made of.</summary>
internal sealed class MulticlassCounters
{
    // The least probability that a row's class counts with, and what a class that has no score counts with.
    private const float Epsilon = 1e-15f;

    private readonly int _classCount;
    private readonly double[] _rowsOfClass;
    private readonly double[] _logLossOfClass;
    private readonly double[] _rowsOfRank;
    private double _rows;
    private double _logLoss;

    public MulticlassCounters(int classCount)
    {
        _classCount = classCount;
        _rowsOfClass = new double[classCount];
        _logLossOfClass = new double[classCount];
        _rowsOfRank = new double[classCount + 1];
        Confusions = Enumerable.Range(0, classCount).Select(_ => new double[classCount]).ToArray();
    }

    /// <summary>How often a class (first index) was predicted as a class (second index).</summary>
    public double[][] Confusions { get; }

    public double MicroAccuracy => _rows > 0 ? _rowsOfRank[0] / _rows : 0;

    public double MacroAccuracy
    {
        get
        {
            double[] accuracies = Enumerable.Range(0, _classCount)
                .Where(c => _rowsOfClass[c] > 0)
                .Select(c => Confusions[c][c] / _rowsOfClass[c])
                .ToArray();
            return accuracies.Length > 0 ? accuracies.Average() : 0;
        }
    }

    public double LogLoss => _rows > 0 ? _logLoss / _rows : 0;

    public double LogLossReduction
    {
        get
        {
            double entropy = -_rowsOfClass.Where(n => n != 0).Sum(n => n * Math.Log(n / _rows)) / _rows;
            return (entropy - LogLoss) / entropy;
        }
    }

    public double[] PerClassLogLoss
        => _logLossOfClass.Zip(_rowsOfClass, (loss, rows) => rows > 0 ? loss / rows : 0).ToArray();

    public double[] TopKAccuracies(int most)
    {
        double sum = 0;
        return _rowsOfRank.Take(most).Select(rows => sum += rows / _rows).ToArray();
    }

    /// <summary>Adds a row. Of equal scores the first class comes first.</summary>
    public void Add(int label, ReadOnlySpan<float> scores)
    {
        bool isKnown = label < _classCount;
        float own = isKnown ? scores[label] : 0;
        double loss = -Math.Log(isKnown ? Math.Clamp(own, Epsilon, 1) : Epsilon);
        int rank = 0;
        int predicted = 0;
        for (int i = 0; i < scores.Length; i++)
        {
            if (scores[i] > own || (scores[i] == own && i < label))
                rank++;
            if (scores[i] > scores[predicted])
                predicted = i;
        }

        _rows++;
        _logLoss += loss;
        _rowsOfRank[rank]++;
        if (!isKnown)
            return;
        _rowsOfClass[label]++;
        _logLossOfClass[label] += loss;
        Confusions[label][predicted]++;
    }
}
