using Microsoft.ML;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.Data;

namespace AudioMLNet.Benchmarks.Ablation;

/// <summary>
/// A task whose class lies in the relation of two distant points of a spectrogram: clips of two short tones at random times and
/// pitches, beside bursts of noise of the same length. The class says whether the second tone is higher than the first.
/// </summary>
internal static class ToneIntervals
{
    /// <summary>Classes: the later tone is higher, or lower.</summary>
    public static readonly string[] Classes = ["rising", "falling"];

    private const int SampleRate = 16_000;
    private const double ClipSeconds = 1.28;
    private const double SoundSeconds = 0.12;

    // Seconds from the start of a tone to that of the other, at least; octaves between their pitches, at least.
    private const double LeastGap = 0.3;
    private const double LeastInterval = 0.6;
    private const double Octaves = 4;
    private const double LowestHertz = 300;
    private const double Amplitude = 0.1;
    private const int Bursts = 2;

    /// <summary>AST's front end in 32 mel bins x 128 frames.</summary>
    public static LogMelOptions FrontEnd()
    {
        LogMelOptions options = LogMelOptions.CreateAst(SampleRate);
        options.MelBins = 32;
        options.TargetFrames = 128;
        return options;
    }

    /// <summary>Clips with the columns Label, a key, and Features, of the front end.</summary>
    /// <param name="mlContext">Makes the rows.</param>
    /// <param name="count">Number of clips, half of each class.</param>
    /// <param name="seed">Seed of all that is random.</param>
    /// <param name="noise">Amplitude of the noise throughout the clip.</param>
    public static IDataView Create(MLContext mlContext, int count, int seed, double noise)
    {
        var random = new Random(seed);
        Clip[] clips = [.. Enumerable.Range(0, count).Select(i => Draw(random, Classes[i % Classes.Length], noise))];
        SchemaDefinition schema = SchemaDefinition.Create(typeof(Clip));
        schema[nameof(Clip.Waveform)].ColumnType =
            new VectorDataViewType(NumberDataViewType.Single, (int)(ClipSeconds * SampleRate));
        IDataView keys = mlContext.Data.LoadFromEnumerable(Classes.Select(name => new ClassName { Name = name }));
        IDataView rows = mlContext.Data.LoadFromEnumerable(clips, schema);
        IDataView features = mlContext.Transforms.Conversion.MapValueToKey("Label", keyData: keys)
            .Append(mlContext.Transforms.ExtractLogMel("Features", "Waveform", FrontEnd()))
            .Append(mlContext.Transforms.SelectColumns("Label", "Features"))
            .Fit(rows)
            .Transform(rows);
        return mlContext.Data.Cache(features);
    }

    private static Clip Draw(Random random, string label, double noise)
    {
        var samples = new float[(int)(ClipSeconds * SampleRate)];
        for (int i = 0; i < samples.Length; i++)
        {
            samples[i] = (float)(noise * Uniform(random));
        }

        double last = ClipSeconds - SoundSeconds;
        double first = random.NextDouble() * (last - LeastGap);
        double second = first + LeastGap + (random.NextDouble() * (last - LeastGap - first));
        double low = random.NextDouble() * (Octaves - 1);
        double high = low + LeastInterval + (random.NextDouble() * (Octaves - LeastInterval - low));
        bool isRising = label == Classes[0];
        AddTone(samples, random, first, isRising ? low : high);
        AddTone(samples, random, second, isRising ? high : low);
        for (int i = 0; i < Bursts; i++)
        {
            Add(samples, random.NextDouble() * last, _ => Uniform(random));
        }

        return new Clip { Label = label, Waveform = samples };
    }

    private static void AddTone(float[] samples, Random random, double start, double octave)
    {
        double phase = random.NextDouble() * Math.Tau;
        double step = Math.Tau * LowestHertz * Math.Pow(2, octave) / SampleRate;
        Add(samples, start, i => Math.Sin(phase + (step * i)));
    }

    private static void Add(float[] samples, double start, Func<int, double> sound)
    {
        int length = (int)(SoundSeconds * SampleRate);
        for (int i = 0; i < length; i++)
        {
            double window = Math.Sin(Math.PI * i / length);
            samples[(int)(start * SampleRate) + i] += (float)(Amplitude * window * sound(i));
        }
    }

    private static double Uniform(Random random) => (2 * random.NextDouble()) - 1;

    private sealed class Clip
    {
        public string Label { get; set; } = "";

        public float[] Waveform { get; set; } = [];
    }

    private sealed class ClassName
    {
        public string Name { get; set; } = "";
    }
}
