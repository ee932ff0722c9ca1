namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Mpeg;

/// <summary>Decodes frames of layer III (MP3), which share their main data with the frames after them.</summary>
internal sealed class LayerThreeDecoder : IMpegLayerDecoder
{
    // A frame's data start at most this many bytes before it.
    private const int MaximumReservoir = 511;

    private readonly byte[] _main = new byte[MaximumReservoir + MpegFrameHeader.MaximumFrameBytes];
    private readonly LayerThreeGranule[] _granules = [new(), new(), new(), new()];
    private readonly LayerThreeSpectrum[] _spectra = [new(), new()];
    private readonly HybridSynthesis[] _hybrids = [new(), new()];
    private readonly PolyphaseSynthesis[] _polyphases = [new(), new()];
    private readonly float[] _subbands = new float[PolyphaseSynthesis.Bands * PolyphaseSynthesis.Stride];
    private int _reservoir;

    /// <inheritdoc/>
    public void Forget()
    {
        _reservoir = 0;
        for (int channel = 0; channel < 2; channel++)
        {
            _hybrids[channel].Reset();
            _polyphases[channel].Reset();
        }
    }

    /// <inheritdoc/>
    public void Pass(MpegFrameHeader header, ReadOnlySpan<byte> frame) => Append(header, frame);

    /// <inheritdoc/>
    public string? Decode(MpegFrameHeader header, ReadOnlySpan<byte> frame, Span<float> samples)
    {
        int channels = header.Channels;
        int granules = header.Version == 0 ? 2 : 1;
        string? wrong = frame.Length < header.BodyStart + header.SideInfoBytes
            ? $"a frame has {frame.Length} bytes, fewer than its side information"
            : MpegCrc.Check(header, frame, 8 * header.SideInfoBytes);
        var side = new BitCursor(wrong is null ? frame.Slice(header.BodyStart, header.SideInfoBytes) : []);
        int begin = side.Read(header.Version == 0 ? 9 : 8);
        side.Position += header.Version == 0 ? (channels == 1 ? 5 : 3) : channels;
        Span<int> shared = [0, 0];
        if (header.Version == 0)
        {
            for (int channel = 0; channel < channels; channel++)
            {
                shared[channel] = side.Read(4);
            }
        }

        for (int i = 0; i < granules * channels && wrong is null; i++)
        {
            wrong = _granules[i].ReadSideInfo(ref side, header.Version > 0);
        }

        // Main data that lie before the first frame, or in frames that are lost, leave this one silent.
        Keep();
        int reservoir = _reservoir;
        Append(header, frame);
        bool isThere = wrong is null && begin <= reservoir;
        var main = new BitCursor(isThere ? _main.AsSpan(reservoir - begin, _reservoir - reservoir + begin) : []);
        for (int granule = 0; granule < granules; granule++)
        {
            for (int channel = 0; channel < channels; channel++)
            {
                LayerThreeSpectrum spectrum = _spectra[channel];
                if (isThere && wrong is null)
                {
                    wrong = ReadGranule(ref main, header, granule, channel, shared[channel]);
                }

                if (!isThere || wrong is not null)
                {
                    spectrum.Clear();
                }
            }

            if (header.Mode == 1 && isThere && wrong is null)
            {
                LayerThreeStereo.Process(header, _granules[(granule * channels) + 1], _spectra[0], _spectra[1]);
            }

            Synthesize(granule, channels, samples[(granule * LayerThreeSpectrum.Lines * channels)..]);
        }

        return wrong;
    }

    private string? ReadGranule(ref BitCursor main, MpegFrameHeader header, int granule, int channel, int shared)
    {
        LayerThreeGranule own = _granules[(granule * header.Channels) + channel];
        int end = main.Position + own.MainBits;
        if (end > main.Length)
        {
            return $"a granule has {own.MainBits} bits, expected at most the {main.Length - main.Position} that are there";
        }

        if (header.Version == 0)
        {
            own.ReadFactors(ref main, granule == 0 ? null : _granules[channel], shared);
        }
        else
        {
            own.ReadLowRateFactors(ref main, channel == 1 && header.Mode == 1 && (header.ModeExtension & 1) == 1);
        }

        if (main.Position > end)
        {
            return "a granule's scale factors are longer than its data";
        }

        string? wrong = _spectra[channel].Read(ref main, end, own, LayerThreeBands.Of(header));
        main.Position = end;
        return wrong;
    }

    private void Synthesize(int granule, int channels, Span<float> samples)
    {
        for (int channel = 0; channel < channels; channel++)
        {
            LayerThreeGranule own = _granules[(granule * channels) + channel];
            LayerThreeSpectrum spectrum = _spectra[channel];
            _hybrids[channel].Process(spectrum.Values, spectrum.Used, own.BlockType, own.IsMixed, _subbands);
            _polyphases[channel].Process(_subbands, PolyphaseSynthesis.MaximumSlots, samples[channel..], channels);
        }
    }

    // Puts a frame's main data behind those of the frames before.
    private void Append(MpegFrameHeader header, ReadOnlySpan<byte> frame)
    {
        Keep();
        ReadOnlySpan<byte> data = frame[Math.Min(header.BodyStart + header.SideInfoBytes, frame.Length)..];
        data.CopyTo(_main.AsSpan(_reservoir));
        _reservoir += data.Length;
    }

    private void Keep()
    {
        int excess = _reservoir - MaximumReservoir;
        if (excess > 0)
        {
            _main.AsSpan(excess, MaximumReservoir).CopyTo(_main);
            _reservoir = MaximumReservoir;
        }
    }
}
