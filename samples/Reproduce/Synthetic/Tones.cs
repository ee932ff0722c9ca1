using Microsoft.ML.AudioFeaturization;

namespace AudioMLNet.Reproduce.Synthetic;

/// <summary>
/// Writes recordings of tones: each class has a pitch of its own, in noise, so that a small model can tell them.
/// </summary>
/// <param name="folder">The folder that names start from.</param>
/// <param name="seed">Seed of the noise.</param>
/// <param name="seconds">Length of each recording in seconds.</param>
internal sealed class Tones(string folder, int seed, double seconds = 1)
{
    private const int SampleRate = 16_000;

    private readonly Random _random = new(seed);

    /// <summary>Writes a recording of some classes.</summary>
    /// <param name="name">Name from the folder.</param>
    /// <param name="pitches">Numbers of the classes' pitches, from 0.</param>
    public void Write(string name, params int[] pitches) =>
        Write(name, [.. pitches.Select(pitch => (pitch, 0.0, seconds))]);

    /// <summary>Writes a recording of some events.</summary>
    /// <param name="name">Name from the folder.</param>
    /// <param name="events">Number of each pitch, its onset and its offset in seconds.</param>
    public void Write(string name, params (int Pitch, double Onset, double Offset)[] events)
    {
        var samples = new float[(int)(seconds * SampleRate)];
        for (int i = 0; i < samples.Length; i++)
        {
            samples[i] = 0.02f * (_random.NextSingle() - 0.5f);
        }

        foreach ((int pitch, double onset, double offset) in events)
        {
            double frequency = 250 * Math.Pow(1.5, pitch) * (1 + (0.04 * (_random.NextDouble() - 0.5)));
            double phase = _random.NextDouble() * Math.Tau;
            int end = Math.Min((int)(offset * SampleRate), samples.Length);
            for (int i = (int)(onset * SampleRate); i < end; i++)
            {
                samples[i] += 0.2f * (float)Math.Sin((Math.Tau * frequency * i / SampleRate) + phase);
            }
        }

        string path = Path.Combine(folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        AudioFile.Write(path, samples, SampleRate, format: AudioFileFormat.WavPcm16);
    }
}
