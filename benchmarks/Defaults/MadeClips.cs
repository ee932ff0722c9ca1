using Microsoft.ML.AudioFeaturization;

namespace AudioMLNet.Benchmarks.Defaults;

/// <summary>A recording with its class, and whether it is kept for the test.</summary>
internal sealed class MadeClip
{
    public string Path { get; set; } = "";

    public string Label { get; set; } = "";

    public bool IsTest { get; set; }
}

/// <summary>
/// Data sets that are made by arithmetic. A clip is of a source of its own (pitch, tempo, noise, loudness), so that those of
/// the test are of sources that no training clip has.
/// </summary>
internal static class MadeClips
{
    private static readonly double[] s_pitches = [262, 330, 440, 587, 784, 1047];

    private static readonly (string Name, Func<Random, int, int, float[]> Make)[] s_kinds =
    [
        ("hum", Hum),
        ("hiss", Hiss),
        ("rising", (random, length, rate) => Sweeps(random, length, rate, isRising: true)),
        ("falling", (random, length, rate) => Sweeps(random, length, rate, isRising: false)),
        ("clicks", Clicks),
        ("tremolo", Tremolo),
    ];

    /// <summary>One of six tones, a third of a semitone out of tune at most, in noise up to four times as loud.</summary>
    public static MadeClip[] Tones(string folder) => Write(folder, 360, 16_000, s_pitches.Length, (random, kind) =>
    {
        const int rate = 16_000;
        double pitch = s_pitches[kind] * Math.Pow(2, ((random.NextDouble() * 2) - 1) / 36);
        double share = 1 / (1 + (3 * random.NextDouble()));
        double phase = random.NextDouble() * Math.Tau;
        var samples = new float[rate];
        for (int i = 0; i < rate; i++)
        {
            double tone = Math.Sqrt(2) * Math.Sin(phase + (Math.Tau * pitch * i / rate));
            samples[i] = (float)(0.1 * ((share * tone) + Normal(random)));
        }

        return (FormattableString.Invariant($"{s_pitches[kind]} Hz"), samples);
    });

    /// <summary>Six kinds of sounds in clips of 0.2 to 40 seconds, short ones as likely as long ones.</summary>
    public static MadeClip[] Kinds(string folder) => Write(folder, 240, 22_050, s_kinds.Length, (random, kind) =>
    {
        double seconds = 0.2 * Math.Pow(200, random.NextDouble());
        float[] samples = s_kinds[kind].Make(random, (int)(seconds * 22_050), 22_050);
        double loudness = 0.05 + (0.3 * random.NextDouble());
        double noise = 0.002 + (0.01 * random.NextDouble());
        for (int i = 0; i < samples.Length; i++)
        {
            samples[i] = (float)((loudness * samples[i]) + (noise * Normal(random)));
        }

        return (s_kinds[kind].Name, samples);
    });

    private static MadeClip[] Write(
        string folder, int count, int rate, int kinds, Func<Random, int, (string Label, float[] Samples)> make)
    {
        Directory.CreateDirectory(folder);
        var clips = new MadeClip[count];
        for (int i = 0; i < count; i++)
        {
            (string label, float[] samples) = make(new Random(i), i % kinds);
            string path = Path.Combine(folder, FormattableString.Invariant($"{i:D4}.wav"));
            AudioFile.Write(path, samples, rate);
            clips[i] = new MadeClip { Path = path, Label = label, IsTest = i / kinds % 3 == 2 };
        }

        return clips;
    }

    private static float[] Hum(Random random, int length, int rate)
    {
        double pitch = 80 + (240 * random.NextDouble());
        return Fill(length, i => Enumerable.Range(1, 6).Sum(part => Math.Sin(Math.Tau * pitch * part * i / rate) / part) / 2);
    }

    private static float[] Hiss(Random random, int length, int rate)
    {
        double keep = 0.7 * random.NextDouble();
        double last = 0;
        return Fill(length, _ => (last = (keep * last) + ((1 - keep) * Normal(random))) / 2);
    }

    private static float[] Sweeps(Random random, int length, int rate, bool isRising)
    {
        double low = 200 + (300 * random.NextDouble());
        double high = low * (4 + (6 * random.NextDouble()));
        double period = 0.15 + (0.5 * random.NextDouble());
        double phase = 0;
        return Fill(length, i =>
        {
            double place = (double)i / rate / period % 1;
            phase += Math.Tau * low * Math.Pow(high / low, isRising ? place : 1 - place) / rate;
            return Math.Sin(phase);
        });
    }

    private static float[] Clicks(Random random, int length, int rate)
    {
        double period = 0.04 + (0.12 * random.NextDouble());
        double pitch = 1500 + (3000 * random.NextDouble());
        return Fill(length, i =>
        {
            double since = (double)i / rate % period;
            return 2 * Math.Exp(-since * 600) * Math.Sin(Math.Tau * pitch * since);
        });
    }

    private static float[] Tremolo(Random random, int length, int rate)
    {
        double pitch = 500 + (1500 * random.NextDouble());
        double tempo = 4 + (8 * random.NextDouble());
        return Fill(length, i =>
            Math.Sin(Math.Tau * pitch * i / rate) * (0.5 + (0.5 * Math.Sin(Math.Tau * tempo * i / rate))));
    }

    private static float[] Fill(int length, Func<int, double> sample)
    {
        var samples = new float[length];
        for (int i = 0; i < length; i++)
        {
            samples[i] = (float)sample(i);
        }

        return samples;
    }

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(Math.Tau * random.NextDouble());
}
