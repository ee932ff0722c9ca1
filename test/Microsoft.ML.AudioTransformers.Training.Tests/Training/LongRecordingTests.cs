using System.Buffers.Binary;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Training;

/// <summary>Training on random windows of recordings, of which no more is read than the windows.</summary>
[TestClass]
public sealed class LongRecordingTests
{
    private const int SampleRate = 4000;
    private const int Window = 800;
    private const int Count = 8;

    /// <summary>
    /// The same weights, to the bit, as of waveforms that are read whole: recordings of several windows and of less than one,
    /// at the front end's rate and another one, with mixup, whose partner has a window of its own.
    /// </summary>
    [TestMethod]
    [DataRow(0)]
    [DataRow(3)]
    public void Windows_of_files_train_the_model_that_whole_waveforms_do(int shuffleBuffer)
    {
        using TemporaryFolder folder = CreateFiles();
        PasstOptions options = Options();
        options.Sampling.ShuffleBuffer = shuffleBuffer;
        options.Augmentation.GainDecibels = 6;
        (options.Augmentation.WaveformMixupAlpha, options.Augmentation.WaveformMixupProbability) = (0.4, 0.5);

        Assert.AreEqual(Train(folder, options, isWhole: true), Train(folder, options, isWhole: false));
    }

    /// <summary>Two thousand million samples, which no vector holds, and nine minutes of decoding on the way to none.</summary>
    [TestMethod]
    [DataRow(0)]
    [DataRow(3)]
    public void A_recording_that_fits_no_vector_can_be_trained_on(int shuffleBuffer)
    {
        using TemporaryFolder folder = CreateFiles();
        WriteLong(folder.File("1.wav"), 2_200_000_000);
        PasstOptions options = Options();
        options.Sampling.ShuffleBuffer = shuffleBuffer;

        Assert.HasCount(64, Train(folder, options, isWhole: false));
    }

    /// <summary>Whether a file is whole is found out before the training, though not all of it is kept.</summary>
    [TestMethod]
    [DataRow(0, DamagedAudio.Skip, DamagedAudio.Error)]
    [DataRow(3, DamagedAudio.Skip, DamagedAudio.Error)]
    [DataRow(0, DamagedAudio.Error, DamagedAudio.Skip)]
    [DataRow(3, DamagedAudio.Error, DamagedAudio.Skip)]
    public void Damaged_recordings_are_left_out_and_listed(int shuffleBuffer, DamagedAudio damaged, DamagedAudio loading)
    {
        using TemporaryFolder folder = CreateFiles();
        byte[] whole = File.ReadAllBytes(folder.File("2.wav"));
        File.WriteAllBytes(folder.File("2.wav"), whole[..^1000]);
        File.Delete(folder.File("5.wav"));
        PasstOptions options = Options();
        options.Damaged = damaged;
        options.Sampling.ShuffleBuffer = shuffleBuffer;
        options.WorkspacePath = folder.File("workspace");

        Train(folder, options, isWhole: false, loading);

        string[] lines = File.ReadAllLines(folder.File("workspace/skipped.tsv"));
        Assert.HasCount(3, lines);
        StringAssert.StartsWith(lines[1], $"training set\t2\t{folder.File("2.wav")}\t", StringComparison.Ordinal);
        StringAssert.StartsWith(lines[2], $"training set\t5\t{folder.File("5.wav")}\t", StringComparison.Ordinal);
    }

    /// <summary>Three samples are no frame.</summary>
    [TestMethod]
    [DataRow(0)]
    [DataRow(3)]
    public void A_recording_that_is_too_short_is_left_out_if_asked(int shuffleBuffer)
    {
        using TemporaryFolder folder = CreateFiles();
        AudioFile.Write(folder.File("6.wav"), new float[3], SampleRate);
        PasstOptions options = Options();
        LogMelOptions frontEnd = options.FrontEnd!;
        (frontEnd.Alignment, frontEnd.TargetSamples, frontEnd.TargetFrames) = (FrameAlignment.Inside, 0, 20);
        options.Damaged = DamagedAudio.Skip;
        options.Sampling.ShuffleBuffer = shuffleBuffer;
        options.WorkspacePath = folder.File("workspace");

        Train(folder, options, isWhole: false);

        string[] lines = File.ReadAllLines(folder.File("workspace/skipped.tsv"));
        Assert.HasCount(2, lines);
        StringAssert.StartsWith(lines[1], "training set\t6\t", StringComparison.Ordinal);
    }

    /// <summary>Of a recording that is read when it is needed, the fingerprint of the data has the length.</summary>
    [TestMethod]
    public void A_run_is_not_resumed_with_a_recording_of_another_length()
    {
        using TemporaryFolder folder = CreateFiles();
        PasstOptions options = Options();
        options.WorkspacePath = folder.File("workspace");
        Train(folder, options, isWhole: false);
        WriteSweep(folder, 7, length: 20000);

        var error = Assert.ThrowsExactly<InvalidDataException>(() => Train(folder, options, isWhole: false));

        StringAssert.Contains(error.Message, "TrainingSet is ", StringComparison.Ordinal);
    }

    [TestMethod]
    public void A_missing_file_is_told_before_the_training()
    {
        using TemporaryFolder folder = CreateFiles();
        File.Delete(folder.File("6.wav"));
        List<AudioTrainingMetrics> epochs = [];
        PasstOptions options = Options();
        options.MetricsCallback = epochs.Add;

        var error = Assert.ThrowsExactly<FileNotFoundException>(() => Train(folder, options, isWhole: false));

        StringAssert.Contains(error.Message, "row 6", StringComparison.Ordinal);
        Assert.IsEmpty(epochs);
    }

    private static TemporaryFolder CreateFiles()
    {
        var folder = new TemporaryFolder();
        for (int i = 0; i < Count; i++)
        {
            WriteSweep(folder, i, length: i == 3 ? 500 : i == 4 ? 1200 : 6000 + (777 * i));
        }

        return folder;
    }

    // The pitch rises, so that each window is another one.
    private static void WriteSweep(TemporaryFolder folder, int i, int length) => AudioFile.Write(
        folder.File($"{i}.wav"),
        [.. Enumerable.Range(0, length).Select(n => 0.3f * MathF.Sin((i % 2 == 0 ? 2e-5f : 6e-5f) * n * (n % 4000)))],
        i % 3 == 0 ? SampleRate : 2 * SampleRate,
        format: i % 4 < 2 ? AudioFileFormat.WavPcm16 : AudioFileFormat.Flac16);

    // PCM of 8 bits, all zero bytes: a file with a hole.
    private static void WriteLong(string path, uint samples)
    {
        var header = new byte[44];
        "RIFF"u8.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(4), 36 + samples);
        "WAVEfmt "u8.CopyTo(header.AsSpan(8));
        int[] fields = [16, 1 | (1 << 16), SampleRate, SampleRate, 1 | (8 << 16)];
        for (int i = 0; i < fields.Length; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(16 + (4 * i)), fields[i]);
        }

        "data"u8.CopyTo(header.AsSpan(36));
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(40), samples);
        using FileStream file = File.Create(path);
        file.Write(header);
        file.SetLength(44L + samples);
    }

    private static PasstOptions Options()
    {
        PasstOptions options = TinyModel.Options();
        (options.Epochs, options.BatchSize) = (2, 3);
        options.Sampling.LongClips = LongTrainingClips.RandomWindow;
        options.FrontEnd = LogMelOptions.CreatePasst(SampleRate);
        options.FrontEnd.MelBins = 8;
        options.FrontEnd.HighFrequency = 1800;
        options.FrontEnd.TargetSamples = Window;
        return options;
    }

    private static string Train(
        TemporaryFolder folder, PasstOptions options, bool isWhole, DamagedAudio loading = DamagedAudio.Error)
    {
        var mlContext = new MLContext(seed: 1);
        Row[] rows = [.. Enumerable.Range(0, Count).Select(
            i => new Row { Path = folder.File($"{i}.wav"), Label = TinyModel.Classes[i % 2] })];
        IEstimator<ITransformer> load = mlContext.Transforms.LoadAudio(
            "Features", "Path", new AudioLoadingEstimator.Options { SampleRate = SampleRate, Damaged = loading });
        IDataView data = mlContext.Data.LoadFromEnumerable(rows);
        data = load.Fit(data).Transform(data);
        data = isWhole ? mlContext.Data.Cache(data, "Features", "Label") : data;
        using AudioClassificationTransformer model = mlContext.Transforms.Conversion.MapValueToKey("Label")
            .Append(mlContext.MulticlassClassification.Trainers.Passt(options)).Fit(data).LastTransformer;
        using var stream = new MemoryStream();
        ModuleWeights.Write(model.Model.Network, stream);
        return Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(stream.ToArray()));
    }

    private sealed class Row
    {
        public string Path { get; set; } = "";

        public string Label { get; set; } = "";
    }
}
