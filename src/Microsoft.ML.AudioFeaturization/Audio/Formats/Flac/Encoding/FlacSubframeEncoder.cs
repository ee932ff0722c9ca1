namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Flac.Encoding;

/// <summary>
/// Codes one channel of a block in the shortest way that it finds: constant, fixed or linear predictor, or plain.
/// </summary>
internal sealed class FlacSubframeEncoder
{
    private const int MaximumFixed = 4;
    private const long MaximumResidual = 1L << 30;

    private readonly FlacLinearFit _fit = new();
    private readonly FlacRiceChoice[] _rices = [new(), new()];
    private readonly int[][] _residuals = [[], []];
    private int[] _samples = [];
    private int _length;
    private int _bitsOfSample;

    // The best so far is in one place of each pair; the other is for the next candidate.
    private int _best;
    private Kind _kind;
    private int _order;
    private int[] _coefficients = [];
    private int _shift;

    private enum Kind
    {
        Constant,
        Verbatim,
        Fixed,
        Linear,
    }

    /// <summary>Bits of the subframe, at most.</summary>
    public long Bits { get; private set; }

    /// <summary>Finds the shortest code of a block.</summary>
    /// <param name="samples">The samples; they must stay until they are written.</param>
    /// <param name="length">How many.</param>
    /// <param name="bits">Bits of a sample.</param>
    public void Choose(int[] samples, int length, int bits)
    {
        _samples = samples;
        _length = length;
        _bitsOfSample = bits;
        if (!samples.AsSpan(0, length).ContainsAnyExcept(samples[0]))
        {
            _kind = Kind.Constant;
            Bits = 8 + bits;
            return;
        }

        _kind = Kind.Verbatim;
        Bits = 8 + ((long)length * bits);
        int order = BestFixed(samples.AsSpan(0, length));
        int[] target = Room();
        bool fits = true;
        for (int i = order; i < length; i++)
        {
            long value = FixedResidual(samples, i, order);
            fits &= Math.Abs(value) < MaximumResidual;
            target[i - order] = (int)value;
        }

        Try(fits, Kind.Fixed, order, 8 + ((long)order * bits));
        TryLinear(samples.AsSpan(0, length));
    }

    /// <summary>Writes the code that was found.</summary>
    public void Write(FlacBitWriter writer)
    {
        int kind = _kind switch
        {
            Kind.Constant => 0,
            Kind.Verbatim => 1,
            Kind.Fixed => 8 + _order,
            _ => 32 + _order - 1,
        };
        writer.Write(kind << 1, 8);
        int plain = _kind switch
        {
            Kind.Constant => 1,
            Kind.Verbatim => _length,
            _ => _order,
        };
        for (int i = 0; i < plain; i++)
        {
            writer.Write(_samples[i], _bitsOfSample);
        }

        if (_kind == Kind.Linear)
        {
            writer.Write(FlacLinearFit.CoefficientBits - 1, 4);
            writer.Write(_shift, 5);
            foreach (int coefficient in _coefficients)
            {
                writer.Write(coefficient, FlacLinearFit.CoefficientBits);
            }
        }

        if (_kind is Kind.Fixed or Kind.Linear)
        {
            _rices[_best].Write(writer, _residuals[_best].AsSpan(0, _length - _order), _order);
        }
    }

    private static long FixedResidual(ReadOnlySpan<int> x, int i, int order) => order switch
    {
        0 => x[i],
        1 => (long)x[i] - x[i - 1],
        2 => (long)x[i] - (2L * x[i - 1]) + x[i - 2],
        3 => (long)x[i] - (3L * x[i - 1]) + (3L * x[i - 2]) - x[i - 3],
        _ => (long)x[i] - (4L * x[i - 1]) + (6L * x[i - 2]) - (4L * x[i - 3]) + x[i - 4],
    };

    // The order whose residuals are the smallest.
    private static int BestFixed(ReadOnlySpan<int> samples)
    {
        int highest = Math.Min(MaximumFixed, samples.Length - 1);
        Span<long> sums = stackalloc long[MaximumFixed + 1];
        for (int i = highest; i < samples.Length; i++)
        {
            for (int order = 0; order <= highest; order++)
            {
                sums[order] += Math.Abs(FixedResidual(samples, i, order));
            }
        }

        int best = 0;
        for (int order = 1; order <= highest; order++)
        {
            best = sums[order] < sums[best] ? order : best;
        }

        return best;
    }

    private void TryLinear(ReadOnlySpan<int> samples)
    {
        int order = _fit.Fit(samples);
        if (order == 0 || !_fit.Quantize(order))
        {
            return;
        }

        int[] target = Room();
        int[] coefficients = _fit.Coefficients;
        bool fits = true;
        for (int i = order; i < samples.Length; i++)
        {
            long sum = 0;
            for (int j = 0; j < order; j++)
            {
                sum += (long)coefficients[j] * samples[i - 1 - j];
            }

            long value = samples[i] - (sum >> _fit.Shift);
            fits &= Math.Abs(value) < MaximumResidual;
            target[i - order] = (int)value;
        }

        long head = 8 + ((long)order * _bitsOfSample) + 9 + (order * FlacLinearFit.CoefficientBits);
        if (Try(fits, Kind.Linear, order, head))
        {
            _coefficients = coefficients[..order];
            _shift = _fit.Shift;
        }
    }

    // Room for the residuals of the next candidate.
    private int[] Room()
    {
        int place = 1 - _best;
        if (_residuals[place].Length < _length)
        {
            _residuals[place] = new int[_length];
        }

        return _residuals[place];
    }

    private bool Try(bool fits, Kind kind, int order, long head)
    {
        int place = 1 - _best;
        if (!fits)
        {
            return false;
        }

        _rices[place].Choose(_residuals[place].AsSpan(0, _length - order), order);
        if (head + _rices[place].Bits >= Bits)
        {
            return false;
        }

        Bits = head + _rices[place].Bits;
        _best = place;
        _kind = kind;
        _order = order;
        return true;
    }
}
