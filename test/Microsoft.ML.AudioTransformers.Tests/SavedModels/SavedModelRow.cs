using System.Buffers.Binary;
using Microsoft.ML.AudioFeaturization.Audio;
using Microsoft.ML.AudioTransformers.Tests.WrongInput;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioTransformers.Tests.SavedModels;

/// <summary>
/// What the models in this folder take: every column that one of them reads. All values follow from the row's number by
/// whole numbers and single divisions, so they are the same to the bit everywhere.
/// </summary>
internal class SavedModelRow
{
    public const int Count = 6;
    public const int Frames = 32;
    public const int Mels = 8;
    public const int SampleRate = 8000;
    private const int WavHeader = 44;

    public static readonly string[] Classes = ["low", "middle", "high"];

    /// <summary>The sound: which mel bins are loud, or how high the waveform is.</summary>
    public string Label { get; set; } = "";

    /// <summary>Loud in a third of the mel bins, for the first half of the frames or the second.</summary>
    [VectorType(Frames, Mels)]
    public float[] Features { get; set; } = [];

    /// <summary>A tone of a third of a pitch range in noise, for the first eighth of a second or the second.</summary>
    public float[] Waveform { get; set; } = [];

    /// <summary>The waveform and its negative as a stereo WAV file of 16 bits.</summary>
    public byte[] Content { get; set; } = [];

    /// <summary>Seconds, from which a part of the file is read.</summary>
    public double Start { get; set; }

    /// <summary>How many seconds are read.</summary>
    public float Length { get; set; }

    public static SavedModelRow[] Make() =>
        [.. Enumerable.Range(0, Count).Select(row => Fill(row, new SavedModelRow()))];

    /// <summary>Which of <see cref="Classes"/> a row is.</summary>
    public static int ClassOf(int row) => row % Classes.Length;

    /// <summary>In which half of a row its sound is heard, 0 or 1.</summary>
    public static int HalfOf(int row) => row / Classes.Length % 2;

    public static T Fill<T>(int row, T filled)
        where T : SavedModelRow
    {
        filled.Label = Classes[ClassOf(row)];
        filled.Features = MakeFeatures(row);
        filled.Waveform = MakeWaveform(row);
        filled.Content = MakeWav(filled.Waveform);
        filled.Start = row / 64.0;
        filled.Length = 1 / 32f;
        return filled;
    }

    private static float[] MakeFeatures(int row)
    {
        var features = new float[Frames * Mels];
        for (int i = 0; i < features.Length; i++)
        {
            (int frame, int mel) = (i / Mels, i % Mels);
            bool isLoud = mel * Classes.Length / Mels == ClassOf(row) && frame * 2 / Frames == HalfOf(row);
            features[i] = (256 * (isLoud ? 1 : 0) + Noise(row, i) / 4) / 256f;
        }

        return features;
    }

    private static float[] MakeWaveform(int row)
    {
        var waveform = new float[2000 + (97 * (row % 6))];
        int period = 64 >> (2 * ClassOf(row));
        for (int i = 0; i < waveform.Length; i++)
        {
            int triangle = i / 1000 == HalfOf(row) ? (Math.Abs((2 * (i % period)) - period) * 256 / period) - 128 : 0;
            waveform[i] = ((64 * triangle) + Noise(row, i)) / 16384f;
        }

        return waveform;
    }

    /// <summary>A whole number from -128 to 127.</summary>
    private static int Noise(int row, int place) =>
        ((((row * 7919) + (place * place * 31) + (place * 1009)) % 65521) & 255) - 128;

    private static byte[] MakeWav(float[] samples)
    {
        var wav = new byte[WavHeader + (4 * samples.Length)];
        Span<byte> header = wav;
        "RIFF"u8.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], wav.Length - 8);
        "WAVEfmt "u8.CopyTo(header[8..]);
        BinaryPrimitives.WriteInt32LittleEndian(header[16..], 16);
        BinaryPrimitives.WriteInt16LittleEndian(header[20..], 1);
        BinaryPrimitives.WriteInt16LittleEndian(header[22..], 2);
        BinaryPrimitives.WriteInt32LittleEndian(header[24..], SampleRate);
        BinaryPrimitives.WriteInt32LittleEndian(header[28..], 4 * SampleRate);
        BinaryPrimitives.WriteInt16LittleEndian(header[32..], 4);
        BinaryPrimitives.WriteInt16LittleEndian(header[34..], 16);
        "data"u8.CopyTo(header[36..]);
        BinaryPrimitives.WriteInt32LittleEndian(header[40..], wav.Length - WavHeader);
        for (int i = 0; i < samples.Length; i++)
        {
            short sample = (short)(samples[i] * 16384);
            BinaryPrimitives.WriteInt16LittleEndian(header[(WavHeader + (4 * i))..], sample);
            BinaryPrimitives.WriteInt16LittleEndian(header[(WavHeader + (4 * i) + 2)..], (short)-sample);
        }

        return wav;
    }
}
