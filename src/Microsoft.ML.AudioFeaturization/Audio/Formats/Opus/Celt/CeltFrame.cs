namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Opus.Celt;

/// <summary>What is known of a frame of the CELT layer before its bands are read.</summary>
internal sealed class CeltFrame
{
    /// <summary>Logarithm of the frame's length in 2.5 ms: 0 to 3.</summary>
    public int Level { get; set; }

    /// <summary>1 or 2.</summary>
    public int Channels { get; set; }

    /// <summary>The first band: 0, or 17 above the SILK layer.</summary>
    public int Start { get; set; }

    /// <summary>The band after the last one, up to <see cref="CeltTables.Bands"/>.</summary>
    public int End { get; set; }

    /// <summary>Whether the frame is blocks of 2.5 ms, whose lines alternate.</summary>
    public bool IsTransient { get; set; }

    /// <summary>How far pulses are spread: 0 none, to 3 most.</summary>
    public int Spread { get; set; }

    /// <summary>The band from which on both channels have one spectrum.</summary>
    public int Intensity { get; set; }

    /// <summary>Whether channels are coded alone in place of mid and side.</summary>
    public bool IsDualStereo { get; set; }

    /// <summary>The band after the last one that has pulses.</summary>
    public int CodedBands { get; set; }

    /// <summary>Eighths of bits that the allocation left over.</summary>
    public int Balance { get; set; }

    /// <summary>For each band, its row's entry in <see cref="CeltTables.Resolutions"/>.</summary>
    public int[] Resolutions { get; } = new int[CeltTables.Bands];

    /// <summary>For each band, eighths of bits that it has in addition.</summary>
    public int[] Boosts { get; } = new int[CeltTables.Bands];

    /// <summary>For each band, eighths of bits for its shape.</summary>
    public int[] ShapeBits { get; } = new int[CeltTables.Bands];

    /// <summary>For each band, bits of each channel for its fine energy.</summary>
    public int[] FineBits { get; } = new int[CeltTables.Bands];

    /// <summary>For each band, whether it is among the last to get one more bit of energy.</summary>
    public bool[] IsLast { get; } = new bool[CeltTables.Bands];

    /// <summary>For each band and channel, which of its blocks have any energy.</summary>
    public byte[] Filled { get; } = new byte[2 * CeltTables.Bands];

    /// <summary>The first line of a band.</summary>
    public int Edge(int band) => CeltTables.BandEdges[band] << Level;

    /// <summary>How many lines a band has.</summary>
    public int Width(int band) => (CeltTables.BandEdges[band + 1] - CeltTables.BandEdges[band]) << Level;
}
