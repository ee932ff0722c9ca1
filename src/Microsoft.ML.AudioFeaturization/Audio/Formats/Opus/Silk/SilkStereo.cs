namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Opus.Silk;

/// <summary>Makes left and right of mid and side, which is predicted from mid (RFC 6716, sections 4.2.7.1 and 4.2.8).</summary>
/// <param name="range">From which weights are read.</param>
internal sealed class SilkStereo(RangeDecoder range)
{
    private const int CrossingMilliseconds = 8;

    private readonly short[] _mid = new short[2];
    private readonly short[] _side = new short[2];
    private (int Near, int Own) _weights;
    private (int Near, int Own) _lastWeights;

    /// <summary>Forgets the past.</summary>
    public void Reset()
    {
        Array.Clear(_mid);
        ForgetSide();
    }

    /// <summary>Forgets the past of the side.</summary>
    public void ForgetSide()
    {
        Array.Clear(_side);
        _lastWeights = _weights = default;
    }

    /// <summary>Reads the weights of a frame.</summary>
    public void ReadWeights() => _weights = Read();

    /// <summary>Reads weights that are not used.</summary>
    public void SkipWeights() => Read();

    /// <summary>Reads whether a frame has no side.</summary>
    public bool ReadMidOnly() => range.ReadSymbol(SilkTables.MidOnlySymbols) != 0;

    /// <summary>Takes the last samples of a frame of one channel to the next one's front.</summary>
    /// <param name="samples">The frame, behind room for two samples.</param>
    /// <param name="count">How many it has.</param>
    public void KeepMid(short[] samples, int count) => Exchange(_mid, samples, count);

    /// <summary>Turns mid and side into left and right, a sample late.</summary>
    /// <param name="mid">A frame, behind room for two samples; its samples from the second on become left.</param>
    /// <param name="side">A frame likewise, which becomes right.</param>
    /// <param name="count">How many samples it has.</param>
    /// <param name="kilohertz">Sampling rate.</param>
    public void Part(short[] mid, short[] side, int count, int kilohertz)
    {
        Exchange(_mid, mid, count);
        Exchange(_side, side, count);
        int crossing = CrossingMilliseconds * kilohertz;
        int share = 65536 / crossing;
        int nearStep = SilkMath.Round((short)(_weights.Near - _lastWeights.Near) * (short)share, 16);
        int ownStep = SilkMath.Round((short)(_weights.Own - _lastWeights.Own) * (short)share, 16);
        (int near, int own) = _lastWeights;
        for (int i = 0; i < count; i++)
        {
            (near, own) = i < crossing ? (near + nearStep, own + ownStep) : _weights;
            int around = (mid[i] + mid[i + 2] + (mid[i + 1] << 1)) << 9;
            int sum = (side[i + 1] << 8) + SilkMath.Scale(around, near) + SilkMath.Scale(mid[i + 1] << 11, own);
            side[i + 1] = SilkMath.Saturate(SilkMath.Round(sum, 8));
        }

        _lastWeights = _weights;
        for (int i = 1; i <= count; i++)
        {
            int left = mid[i] + side[i];
            int right = mid[i] - side[i];
            mid[i] = SilkMath.Saturate(left);
            side[i] = SilkMath.Saturate(right);
        }
    }

    private static void Exchange(short[] kept, short[] samples, int count)
    {
        (samples[0], samples[1], kept[0], kept[1]) = (kept[0], kept[1], samples[count], samples[count + 1]);
    }

    private (int Near, int Own) Read()
    {
        int both = range.ReadSymbol(SilkTables.StereoSymbols);
        int near = ReadWeight(both / 5);
        int own = ReadWeight(both % 5);
        return (near - own, own);
    }

    private int ReadWeight(int high)
    {
        int place = (3 * high) + range.ReadSymbol(SilkTables.Of3);
        int part = range.ReadSymbol(SilkTables.Of5);
        int low = SilkTables.StereoWeights[place];
        int step = SilkMath.Scale(SilkTables.StereoWeights[place + 1] - low, 6554);
        return low + (step * ((2 * part) + 1));
    }
}
