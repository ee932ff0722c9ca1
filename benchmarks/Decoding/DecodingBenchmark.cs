using Microsoft.ML.AudioFeaturization;

namespace AudioMLNet.Benchmarks.Decoding;

/// <summary>
/// A minute of stereo in each compressed format: processor time of one thread to decode it, in turns with libsndfile, and how far
/// its samples are from ffmpeg's, or of FLAC from what was encoded. Here the mean of both channels is taken, too; libsndfile
/// leaves both, and does not check FLAC's MD5.
/// </summary>
internal static class DecodingBenchmark
{
    private const int MostTurns = 15;

    // 150 times real time.
    private const double MillisecondsASecond = 1000.0 / 150;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    /// <param name="report">Takes what is measured.</param>
    /// <exception cref="InvalidOperationException">An encoder, ffmpeg or the peer failed.</exception>
    public static void Run(Report report)
    {
        report.HasFloors = true;
        string folder = Directory.CreateTempSubdirectory("decoding").FullName;
        try
        {
            using PythonPeer? peer = PythonPeer.Start("Decoding/decoding_peer.py");
            string? name = peer is null ? null : $"libsndfile {peer.FirstLine}";
            (string wav, IReadOnlyList<(string Format, string Path)> coded) = CodedSound.Write(folder);
            foreach ((string format, string path) in coded)
            {
                bool isExact = format == "FLAC";
                Decode(path);
                Spread[] seconds = Turns.Take(
                    MostTurns, s_limit,
                    [() => Time(path), .. peer is null ? Array.Empty<Func<double>>() : [() => peer.Time(path)]]);
                report.Add(
                    $"{format}, a minute of stereo", "s", seconds[0], name, seconds.ElementAtOrDefault(1),
                    Floor.Faster(isExact ? 1 : 0.5));
                report.Add(
                    $"{format}, a second of sound", "ms", Milliseconds(seconds[0]), floor: Floor.AtMost(MillisecondsASecond));
                float[] samples = Decode(path);
                if (isExact)
                {
                    Compare(report, format, samples, "what was encoded", Decode(wav), tolerance: 0);
                    continue;
                }

                if (AudioTools.Has("ffmpeg"))
                {
                    Compare(
                        report, format, samples, "ffmpeg", CodedSound.ByFfmpeg(path), format == "Opus" ? 1e-3 : 1e-4);
                }

                if (format == "Opus" && AudioTools.Has("opusdec"))
                {
                    string decoded = Path.Combine(folder, "opusdec.wav");
                    AudioTools.Run("opusdec", "--quiet", "--float", path, decoded);
                    Compare(report, format, samples, "opusdec", Decode(decoded), tolerance: 1e-4);
                    if (AudioTools.Has("ffmpeg"))
                    {
                        Compare(report, "ffmpeg's Opus", CodedSound.ByFfmpeg(path), "opusdec", Decode(decoded), tolerance: null);
                    }
                }
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        report.Write();
    }

    private static void Compare(
        Report report, string format, float[] samples, string name, float[] expected, double? tolerance)
    {
        report.Add($"{format}, number of samples", "", samples.Length, name, expected.Length);
        double difference = samples.Zip(expected, (here, there) => Math.Abs(here - there)).DefaultIfEmpty().Max();
        report.Add(
            $"{format}, largest difference from {name}", "of full scale", difference,
            floor: tolerance is { } most ? Floor.AtMost(most) : null);
    }

    private static Spread Milliseconds(Spread seconds)
    {
        const double factor = 1000.0 / CodedSound.Seconds;
        return new Spread(factor * seconds.Median, factor * seconds.Minimum, factor * seconds.Maximum, seconds.Count);
    }

    private static double Time(string path)
    {
        double start = ThreadClock.Seconds;
        Decode(path);
        return ThreadClock.Seconds - start;
    }

    private static float[] Decode(string path)
    {
        using AudioReader reader = AudioReader.Open(path);
        return reader.ReadToEnd();
    }
}
