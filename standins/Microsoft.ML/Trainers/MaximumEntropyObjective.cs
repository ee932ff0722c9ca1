namespace Microsoft.ML.Trainers;

/// <summary>
/// The mean log-loss of a linear softmax classifier, with a penalty on the squares of its weights. The variables are
/// the biases of all classes, then the weights of each class.
/// </summary>
internal sealed class MaximumEntropyObjective
{
    private readonly List<float[]> _features;
    private readonly List<int> _labels;
    private readonly List<float> _weights;
    private readonly int _classCount;
    private readonly int _featureCount;
    private readonly double _l2;
    private readonly double _weightSum;

    public MaximumEntropyObjective(
        List<float[]> features, List<int> labels, List<float> weights, int classCount, int featureCount, double l2)
    {
        _features = features;
        _labels = labels;
        _weights = weights;
        _classCount = classCount;
        _featureCount = featureCount;
        _l2 = l2;
        _weightSum = weights.Sum(weight => (double)weight);
    }

    public int VariableCount => _classCount * (1 + _featureCount);

    public double Compute(ReadOnlySpan<double> x, Span<double> gradient)
    {
        gradient.Clear();
        double loss = 0;
        var scores = new double[_classCount];
        for (int row = 0; row < _features.Count; row++)
            loss += AddRow(x, gradient, row, scores);
        for (int i = _classCount; i < x.Length; i++)
        {
            loss += 0.5 * _l2 * x[i] * x[i];
            gradient[i] += _l2 * x[i];
        }

        foreach (ref double slope in gradient)
            slope /= _weightSum;
        return loss / _weightSum;
    }

    private double AddRow(ReadOnlySpan<double> x, Span<double> gradient, int row, double[] scores)
    {
        float[] features = _features[row];
        for (int c = 0; c < _classCount; c++)
        {
            ReadOnlySpan<double> weights = x.Slice(_classCount + (c * _featureCount), _featureCount);
            double score = x[c];
            for (int i = 0; i < features.Length; i++)
                score += weights[i] * features[i];
            scores[c] = score;
        }

        double most = scores.Max();
        double logSum = most + Math.Log(scores.Sum(score => Math.Exp(score - most)));
        for (int c = 0; c < _classCount; c++)
        {
            double probability = Math.Exp(scores[c] - logSum);
            double slope = _weights[row] * (probability - (c == _labels[row] ? 1 : 0));
            gradient[c] += slope;
            Span<double> gradients = gradient.Slice(_classCount + (c * _featureCount), _featureCount);
            for (int i = 0; i < features.Length; i++)
                gradients[i] += slope * features[i];
        }

        return _weights[row] * (logSum - scores[_labels[row]]);
    }
}
