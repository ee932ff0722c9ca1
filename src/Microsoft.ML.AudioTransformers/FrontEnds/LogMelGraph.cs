using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.LogMel;
using Microsoft.ML.AudioTransformers.Onnx;

namespace Microsoft.ML.AudioTransformers.FrontEnds;

/// <summary>
/// Graph of a log-mel front end, the steps of <see cref="LogMelExtractor"/> in ONNX. What is linear in a frame (removal of its
/// mean, pre-emphasis, window and Fourier transform) is one matrix, and with the frames a strided convolution.
/// </summary>
/// <remarks>
/// With <see cref="LogMelOptions.DoublePrecision"/> the matrix is in float64 and multiplies gathered frames, since runtimes
/// convolve no float64. The graph computes the matrix of one period of a cosine: a session does that once, when it is loaded, and
/// the file is as small as the rest of it.
/// </remarks>
/// <param name="graph">Graph.</param>
/// <param name="options">Checked options, with the layout frames by bands.</param>
/// <param name="isLeast">
/// Whether the target length is the least: shorter waveforms are made longer to it, but longer ones are not cut. Default: false.
/// </param>
/// <param name="lengthens">
/// Whether waveforms are made longer to the target at all, which a graph computes: a vector of one int64, 1 or 0. Null for
/// always. Default: null.
/// </param>
internal sealed class LogMelGraph(
    OnnxGraph graph, LogMelOptions options, bool isLeast = false, OnnxValue? lengthens = null)
{
    private const TensorProto.Types.DataType Float64 = TensorProto.Types.DataType.Double;

    private readonly FrameGeometry _geometry = new(options);

    // Bins that a band has a weight for.
    private readonly (int First, int Count) _bins = UsedBins(options);

    /// <summary>Waveforms (B, samples), of any length that has a frame, to features (B, frames, bands).</summary>
    public OnnxValue Write(OnnxValue waveforms)
    {
        graph.Scope = "front_end";
        OnnxValue signal = Emphasized(Lengthened(waveforms));                  // (B, length)
        OnnxValue spectrum = Spectrum(Padded(signal));                         // (B, frames, bins)
        OnnxValue values = Compressed(Bands(spectrum));                        // (B, frames, bands)
        LogMelScaling scaling = LogMelScaling.Create(options);
        if (scaling.DynamicRange > 0)
        {
            values = values.Max(values.Maximum(true, 1, 2).Plus(-scaling.DynamicRange));
        }

        return options.TargetFrames == 0 ? values : Filled(values, scaling.PadValue);
    }

    /// <summary>Waveforms cut or made longer to their target, and freed of their mean.</summary>
    private OnnxValue Lengthened(OnnxValue waveforms)
    {
        OnnxValue signal = waveforms;
        int target = options.TargetSamples;
        if (target > 0 && !isLeast)
        {
            signal = signal.Slice(1, 0, target);
        }

        // A mean that is taken out of each frame anyway is out of the way of float32's rounding.
        bool isRemoved = options.RemoveDcOffset && target == 0
            && (options.Alignment == FrameAlignment.Inside || options.Padding != EdgePadding.Zero);
        if (options.NeedsWaveformMean || isRemoved)
        {
            signal = signal.Minus(signal.Mean(true, 1));
        }

        if (target == 0)
        {
            return signal;
        }

        OnnxValue length = signal.Size(1);
        if (options.ShortWaveforms == ShortWaveform.Pad)
        {
            return signal.Pad(OnnxValue.Concat(0, graph.Integers(0, 0, 0), Missing(target, length)));
        }

        // As often as it takes: (whole + length - 1) / length.
        OnnxValue whole = length.Plus(Missing(target, length));
        OnnxValue copies = whole.Plus(length).Plus(graph.Integers(-1)).Over(length);
        return graph.Add("Tile", [signal, OnnxValue.Concat(0, graph.Integers(1), copies)])
            .Slice(1, graph.Integers(0), whole);
    }

    private OnnxValue Missing(int target, OnnxValue there)
    {
        OnnxValue whole = graph.Integers(target);
        OnnxValue missing = (lengthens is null ? whole : whole.Times(lengthens)).Minus(there);
        return isLeast || lengthens is not null ? missing.Max(graph.Integers(0)) : missing;
    }

    private OnnxValue Emphasized(OnnxValue signal) =>
        options.PreEmphasis != 0 && options.PreEmphasisKind == PreEmphasisKind.Waveform
            ? signal.Slice(1, 1, long.MaxValue).Minus(signal.Slice(1, 0, -1).Times(options.PreEmphasis))
            : signal;

    /// <summary>
    /// Signal with what the first and last frames reach for beyond its ends, and without what no frame reaches, so that frames
    /// begin at its first sample.
    /// </summary>
    private OnnxValue Padded(OnnxValue signal)
    {
        int left = _geometry.LeftPadding;
        int right = options.Alignment switch
        {
            FrameAlignment.Inside => 0,
            FrameAlignment.Centered => options.WindowLength - left - (options.EffectiveFftSize % 2),
            _ => options.WindowLength - left - options.HopLength + (options.HopLength / 2),
        };
        OnnxValue padded = signal;
        if (left > 0 || right > 0)
        {
            List<OnnxValue> parts = [signal];
            if (left > 0)
            {
                parts.Insert(0, Edge(signal, [.. Enumerable.Range(0, left).Select(place => Mirrored(left - place))]));
            }

            if (right > 0)
            {
                parts.Add(Edge(signal, [.. Enumerable.Range(1, right).Select(place => -1 - Mirrored(place))]));
            }

            padded = OnnxValue.Concat(1, [.. parts]);
        }

        long start = Math.Max(0, -left);
        long last = options.TargetFrames > 0 && !isLeast
            ? start + ((long)(options.TargetFrames - 1) * options.HopLength) + options.WindowLength
            : long.MaxValue;
        return start == 0 && last == long.MaxValue && right >= 0 ? padded
            : padded.Slice(1, start, long.MaxValue).Slice(1, 0, right < 0 ? right : long.MaxValue)
                .Slice(1, 0, last == long.MaxValue ? last : last - start);
    }

    // Which sample stands so many places before the first one; behind the last one it is the same from the end.
    private long Mirrored(long distance) => options.Padding switch
    {
        EdgePadding.Reflect => distance,
        EdgePadding.Symmetric => distance - 1,
        _ => 0,
    };

    private OnnxValue Edge(OnnxValue signal, long[] places)
    {
        OnnxValue edge = signal.Gather(1, places);
        return options.Padding == EdgePadding.Zero ? edge.Times(0) : edge;
    }

    /// <summary>Power or magnitude spectra of the frames, (B, frames, bins).</summary>
    private OnnxValue Spectrum(OnnxValue signal)
    {
        (int bins, int window) = (_bins.Count, options.WindowLength);
        OnnxValue parts;                                                       // (B, frames, 2 bins)
        if (options.DoublePrecision)
        {
            OnnxValue frames = Range(0, signal.Size(1).Plus(graph.Integers(options.HopLength - window))
                    .Over(graph.Integers(options.HopLength)).Squeeze(0))
                .Times(graph.Integers(options.HopLength));                     // (frames)
            OnnxValue samples = frames.Unsqueeze(1).Plus(Range(0, graph.Integer(window)));
            parts = signal.Gather(1, samples).Cast(Float64).MatMul(FrameTransform());
        }
        else
        {
            OnnxValue kernels = FrameTransform().Transpose(1, 0).Cast(TensorProto.Types.DataType.Float)
                .Reshape(2 * bins, 1, window);
            parts = graph.Add(                                                 // (B, 2 bins, frames)
                    "Conv", [signal.Unsqueeze(1), kernels],
                    ("kernel_shape", (long[])[window]), ("strides", (long[])[options.HopLength]))
                .Transpose(0, 2, 1);
        }

        OnnxValue[] halves = parts.Times(parts).Split(2, 2, bins);
        OnnxValue power = halves[0].Plus(halves[1]);
        power = options.DoublePrecision ? power.Cast(TensorProto.Types.DataType.Float) : power;
        return options.Spectrum == SpectrumKind.Magnitude ? power.Apply("Sqrt") : power;
    }

    private OnnxValue Bands(OnnxValue spectrum)
    {
        if (options.MelScale == MelScale.Linear)
        {
            return spectrum;
        }

        return spectrum.MatMul(Filters(MelFilterBank.Create(options)));
    }

    /// <summary>
    /// Filters, (bins, bands). Of a bin two bands have a weight, or none: the file has the weights and their places, which is a
    /// tenth of the matrix, and a session puts them there once, when it is loaded.
    /// </summary>
    private OnnxValue Filters(MelFilterBank bank)
    {
        (int bins, int bands) = (_bins.Count, bank.Bands.Length);
        List<int> places = [];
        List<float> weights = [];
        for (int band = 0; band < bands; band++)
        {
            (int first, float[] parts) = (bank.Bands[band].FirstBin - _bins.First, [.. bank.Bands[band].Weights]);
            places.AddRange(Enumerable.Range(first, parts.Length).Select(bin => (bin * bands) + band));
            weights.AddRange(parts);
        }

        OnnxValue empty = graph.Number(0).Expand(graph.Integers((long)bins * bands));
        OnnxTensor indices = OnnxTensor.Of(
            graph.Unique("front_end/mel_places"), TensorProto.Types.DataType.Int32, [.. places], [places.Count]);
        return graph.Add(
                "ScatterElements",
                [empty, graph.Constant(indices), graph.Table("mel", [.. weights], weights.Count)], ("axis", 0L))
            .Reshape(bins, bands);
    }

    private OnnxValue Compressed(OnnxValue values)
    {
        LogMelScaling scaling = LogMelScaling.Create(options);
        if (options.Log != LogKind.None)
        {
            values = options.LogFloor > 0 ? values.Max(graph.Number(options.LogFloor)) : values;
            values = (options.LogOffset > 0 ? values.Plus(options.LogOffset) : values).Apply("Log");
        }

        return values.Times(scaling.Scale).Plus(scaling.Shift);
    }

    /// <summary>Features with frames added up to the target number.</summary>
    private OnnxValue Filled(OnnxValue values, double padValue)
    {
        OnnxValue missing = Missing(options.TargetFrames, values.Size(1));
        return values.Pad(OnnxValue.Concat(0, graph.Integers(0, 0, 0, 0), missing, graph.Integers(0)), padValue);
    }

    private static (int First, int Count) UsedBins(LogMelOptions options)
    {
        MelFilterBank.Band[] bands = [.. MelFilterBank.Create(options).Bands.Where(band => band.Weights.Length > 0)];
        int first = bands.Length == 0 ? 0 : bands.Min(band => band.FirstBin);
        int end = bands.Length == 0 ? 1 : bands.Max(band => band.FirstBin + band.Weights.Length);
        return (first, end - first);
    }

    /// <summary>
    /// Transform of a frame, (window, 2 bins) in float64, cosines first: its mean removed, pre-emphasized, windowed, and its
    /// Fourier transform. It is computed from the last of these to the first, each step transposed.
    /// </summary>
    private OnnxValue FrameTransform()
    {
        (int fft, int length) = (options.EffectiveFftSize, options.WindowLength);
        double[] period = [.. Enumerable.Range(0, fft).Select(i => Math.Cos(2 * Math.PI * i / fft))];
        double[] sine = [.. Enumerable.Range(0, fft).Select(i => -Math.Sin(2 * Math.PI * i / fft))];
        double[] window = WindowTable.Create(options.Window, length, options.PeriodicWindow, options.WindowExponent);
        OnnxValue bins = Range(_bins.First, graph.Integer(_bins.First + _bins.Count));
        OnnxValue angles = graph.Add(                                          // (window, bins), in parts of a period
            "Mod", [Range(0, graph.Integer(length)).Unsqueeze(1).Times(bins), graph.Integer(fft)]);
        OnnxValue rows = OnnxValue.Concat(1, Table("cosine", period).Gather(0, angles), Table("sine", sine).Gather(0, angles))
            .Times(Table("window", window).Unsqueeze(1));
        if (options.PreEmphasis != 0 && options.PreEmphasisKind == PreEmphasisKind.Frame)
        {
            // y[0] = x[0] - c x[0], y[i] = x[i] - c x[i - 1]
            OnnxValue none = rows.Slice(0, 0, 1).Times(graph.Double(0));
            OnnxValue behind = OnnxValue.Concat(0, rows.Slice(0, 1, long.MaxValue), none);
            OnnxValue first = OnnxValue.Concat(0, rows.Slice(0, 0, 1), rows.Slice(0, 1, long.MaxValue).Times(graph.Double(0)));
            rows = rows.Minus(behind.Plus(first).Times(graph.Double(options.PreEmphasis)));
        }

        return options.RemoveDcOffset ? rows.Minus(rows.Mean(true, 0)) : rows;
    }

    private OnnxValue Table(string name, double[] values) =>
        graph.Constant(OnnxTensor.Of(graph.Unique($"front_end/{name}"), Float64, values, [values.Length]));

    private OnnxValue Range(long start, OnnxValue end) => graph.Add("Range", [graph.Integer(start), end, graph.Integer(1)]);
}
