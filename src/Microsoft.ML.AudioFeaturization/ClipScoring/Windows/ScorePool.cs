using Microsoft.ML.AudioFeaturization;

namespace Microsoft.ML.AudioFeaturization.ClipScoring.Windows;

/// <summary>Pool of the scores of a recording's windows, class by class. Not safe for use by several threads at once.</summary>
/// <param name="classes">Number of classes.</param>
/// <param name="options">Pooling and its sharpness.</param>
internal sealed class ScorePool(int classes, WindowOptions options)
{
    private readonly double[] _sums = new double[classes];
    private readonly float[] _highest = new float[classes];
    private readonly float[] _pooled = new float[classes];
    private readonly WindowPooling _pooling = options.Pooling;
    private readonly double _sharpness = options.Sharpness;
    private int _windows;

    /// <summary>Scores of the recording, from the windows added so far, of which there is one at least.</summary>
    public ReadOnlySpan<float> Pooled
    {
        get
        {
            for (int label = 0; label < _pooled.Length; label++)
            {
                _pooled[label] = _pooling switch
                {
                    WindowPooling.Mean => (float)(_sums[label] / _windows),
                    WindowPooling.Maximum => _highest[label],
                    _ => (float)(_highest[label] + (Math.Log(_sums[label] / _windows) / _sharpness)),
                };
            }

            return _pooled;
        }
    }

    /// <summary>Begins a recording.</summary>
    public void Clear()
    {
        Array.Clear(_sums);
        Array.Fill(_highest, float.NegativeInfinity);
        _windows = 0;
    }

    /// <summary>Adds a window.</summary>
    /// <param name="scores">Its score of each class.</param>
    public void Add(ReadOnlySpan<float> scores)
    {
        _windows++;
        for (int label = 0; label < _sums.Length; label++)
        {
            float score = scores[label];
            if (_pooling == WindowPooling.LogMeanExp)
            {
                AddExponential(label, score);
            }
            else
            {
                _sums[label] += score;
            }

            _highest[label] = Math.Max(_highest[label], score);
        }
    }

    // The sum is that of exp(r (s - highest)): no sharpness makes it overflow.
    private void AddExponential(int label, float score)
    {
        double difference = _sharpness * ((double)score - _highest[label]);
        _sums[label] = difference > 0 ? (_sums[label] * Math.Exp(-difference)) + 1 : _sums[label] + Math.Exp(difference);
    }
}
