namespace Microsoft.ML.AudioFeaturization;

/// <summary>Alignment of frames to the waveform, which also decides their number.</summary>
public enum FrameAlignment
{
    /// <summary>
    /// Frame t begins at sample t * hop; only frames that lie wholly inside are taken (Kaldi's <c>snip_edges=True</c>).
    /// </summary>
    Inside,

    /// <summary>
    /// Frame t is centred on sample t * hop of the waveform padded by half an FFT on each side (<c>torch.stft</c> and
    /// librosa with <c>center=True</c>).
    /// </summary>
    Centered,

    /// <summary>
    /// One frame a hop, frame t centred on the middle of hop t (Kaldi's <c>snip_edges=False</c>).
    /// </summary>
    HopCentered,
}

/// <summary>Padding before the first and after the last sample, where a frame reaches beyond them.</summary>
public enum EdgePadding
{
    /// <summary>The waveform mirrored at its end sample, which is not repeated: d c b | a b c d | c b a.</summary>
    Reflect,

    /// <summary>
    /// The waveform mirrored behind its end sample, which is repeated: c b a | a b c d | d c b (Kaldi).
    /// </summary>
    Symmetric,

    /// <summary>Zeros.</summary>
    Zero,

    /// <summary>The end sample.</summary>
    Edge,
}

/// <summary>Treatment of edges by pre-emphasis with coefficient c.</summary>
public enum PreEmphasisKind
{
    /// <summary>In each frame, y[0] = x[0] - c x[0] and y[i] = x[i] - c x[i - 1] (Kaldi).</summary>
    Frame,

    /// <summary>
    /// Over the whole waveform, y[i] = x[i + 1] - c x[i]: one sample fewer (PaSST's convolution without padding).
    /// </summary>
    Waveform,
}

/// <summary>The scale on which the centres of the bands lie equally spaced.</summary>
public enum MelScale
{
    /// <summary>1127 ln(1 + f / 700), triangles over mel, nothing at the Nyquist frequency (Kaldi).</summary>
    Kaldi,

    /// <summary>2595 log10(1 + f / 700), triangles over Hz (HTK in librosa and torchaudio).</summary>
    Htk,

    /// <summary>
    /// Linear up to 1000 Hz and logarithmic above, triangles over Hz (Slaney's Auditory Toolbox, librosa's default).
    /// </summary>
    Slaney,

    /// <summary>No bands: the FFT's own bins, a linear spectrogram.</summary>
    Linear,
}

/// <summary>Weighting of bands of different widths.</summary>
public enum MelNormalization
{
    /// <summary>Every triangle has the height 1.</summary>
    None,

    /// <summary>Every triangle has the area 1 over Hz: the height is 2 / (upper edge - lower edge).</summary>
    Slaney,
}

/// <summary>Spectrum that is summed in the bands.</summary>
public enum SpectrumKind
{
    /// <summary>The squared magnitude of the spectrum.</summary>
    Power,

    /// <summary>The magnitude of the spectrum.</summary>
    Magnitude,
}

/// <summary>The compression of a band's value.</summary>
public enum LogKind
{
    /// <summary>None.</summary>
    None,

    /// <summary>The natural logarithm.</summary>
    Natural,

    /// <summary>10 log10 of the value.</summary>
    Decibel,
}

/// <summary>Extension of a waveform that is too short.</summary>
public enum ShortWaveform
{
    /// <summary>Zeros are appended.</summary>
    Pad,

    /// <summary>It is repeated from its start, the last time cut.</summary>
    Repeat,
}

/// <summary>The order of the values in a feature vector.</summary>
public enum FeatureLayout
{
    /// <summary>(frames, bands): all bands of the first frame, then of the second.</summary>
    FramesByBands,

    /// <summary>(bands, frames): all frames of the lowest band, then of the second, as in PaSST's tensors.</summary>
    BandsByFrames,
}
