using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.ML.AudioFeaturization.Audio;

namespace AudioMLNet.Benchmarks.Decoding;

/// <summary>
/// A recording of any length beside another decoder, which is started as a program and gives interleaved float32 through a pipe: how
/// many frames there are, the largest difference, and that of parts that are read by themselves. Writes a row of a table in
/// Markdown; <c>long-corpus.sh</c> beside the tests' fixtures makes the recordings and calls it.
/// </summary>
internal static class CorpusComparison
{
    public const string Command = "corpus";

    private const int BlockFrames = 1 << 13;

    // A part is read after a search, and compared with the same frames of the whole.
    private static readonly double[] s_parts = [0.1, 0.5, 0.9];

    /// <param name="arguments">
    /// The recording, the largest difference that is allowed, that of parts, and the other decoder with its arguments.
    /// </param>
    /// <returns>The exit code: 0 if the counts are the same and the differences no larger.</returns>
    /// <exception cref="InvalidDataException">The recording cannot be decoded.</exception>
    /// <exception cref="InvalidOperationException">The other decoder failed.</exception>
    public static int Run(string[] arguments)
    {
        (string path, double most, double mostOfParts) = (arguments[0], Number(arguments[1]), Number(arguments[2]));
        using var decoder = AudioDecoder.Open(path, ffmpeg: null);
        using Process other = Process.Start(new ProcessStartInfo(arguments[3], arguments[4..]) { RedirectStandardOutput = true })!;
        int channels = decoder.Info.Channels;
        long told = decoder.Info.Length;
        (long First, float[] Samples)[] parts =
            [.. s_parts.Select(place => ((long)(place * Math.Max(0, told)), new float[BlockFrames * channels]))];
        double start = ThreadClock.Seconds;
        double decoding = 0;
        var block = new float[BlockFrames * channels];
        var expected = new float[BlockFrames * channels];
        Stream pipe = other.StandardOutput.BaseStream;
        double difference = 0;
        long frames = 0;
        long expectedSamples = 0;
        int read;
        int given;
        do
        {
            start = ThreadClock.Seconds;
            read = Read(decoder, block);
            decoding += ThreadClock.Seconds - start;
            given = pipe.ReadAtLeast(MemoryMarshal.AsBytes(expected.AsSpan()), 4 * expected.Length, throwOnEndOfStream: false) / 4;
            difference = Math.Max(difference, Largest(block.AsSpan(0, Math.Min(read * channels, given)), expected));
            foreach ((long first, float[] samples) in parts)
            {
                Keep(block.AsSpan(0, read * channels), frames * channels, samples, first * channels);
            }

            frames += read;
            expectedSamples += given;
        }
        while (read > 0 || given > 0);

        other.WaitForExit();
        if (other.ExitCode != 0)
        {
            throw new InvalidOperationException($"{arguments[3]} ended with {other.ExitCode}; expected 0.");
        }

        double ofParts = parts.Max(part => OfPart(path, part.First, part.Samples, Math.Min(BlockFrames, frames - part.First)));
        long expectedFrames = expectedSamples / channels;
        double seconds = (double)frames / decoder.Info.SampleRate;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {Path.GetFileName(path)} | {decoder.Info.Format} | {seconds / 3600:0.##} h | {told} | {frames} | {expectedFrames} | "
            + $"{difference:0.##E+0} | {ofParts:0.##E+0} | {seconds / decoding:0} |"));
        bool isRight = frames == expectedFrames && (told == frames || told < 0);
        return isRight && difference <= most && ofParts <= mostOfParts ? 0 : 1;
    }

    private static double Number(string argument) => double.Parse(argument, CultureInfo.InvariantCulture);

    private static int Read(AudioDecoder decoder, float[] block)
    {
        int channels = decoder.Info.Channels;
        int frames = 0;
        int read = -1;
        while (read != 0 && frames < BlockFrames)
        {
            read = decoder.Read(block.AsSpan(frames * channels));
            frames += read;
        }

        return frames;
    }

    private static double Largest(ReadOnlySpan<float> samples, ReadOnlySpan<float> expected)
    {
        float largest = 0;
        for (int i = 0; i < samples.Length; i++)
        {
            largest = Math.Max(largest, Math.Abs(samples[i] - expected[i]));
        }

        return largest;
    }

    // Copies what of a part lies in a block.
    private static void Keep(ReadOnlySpan<float> block, long blockStart, Span<float> part, long partStart)
    {
        long from = Math.Max(blockStart, partStart);
        long end = Math.Min(blockStart + block.Length, partStart + part.Length);
        if (from < end)
        {
            block[(int)(from - blockStart)..(int)(end - blockStart)].CopyTo(part[(int)(from - partStart)..]);
        }
    }

    private static double OfPart(string path, long first, float[] expected, long frames)
    {
        using var decoder = AudioDecoder.Open(path, ffmpeg: null);
        decoder.SkipTo(first);
        var block = new float[expected.Length];
        int read = Read(decoder, block);
        return read < frames ? double.PositiveInfinity : Largest(block.AsSpan(0, (int)frames * decoder.Info.Channels), expected);
    }
}
