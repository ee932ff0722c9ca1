using System.Diagnostics;
using System.Globalization;
using AudioMLNet.TestSupport;
using Microsoft.ML.Data;
using Microsoft.ML.AudioFeaturization.Audio;
using Microsoft.ML.AudioFeaturization.Audio.Formats.Ffmpeg;

namespace Microsoft.ML.AudioFeaturization.Tests.Audio.Formats;

/// <summary>What ffmpeg reads: by a script in its place, and by ffmpeg where it is installed.</summary>
[TestClass]
[OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
public sealed class FfmpegTests
{
    [TestMethod]
    public void A_file_of_a_format_of_no_one_goes_to_the_program_as_an_argument()
    {
        using var folder = new TemporaryFolder();
        string wav = FixtureFiles.PathOf("float32.wav");
        string program = Script(folder, $"printf '%s\\n' \"$@\" > '{folder.File("arguments")}'; cat '{wav}'");
        string path = Unknown(folder, "-i concat: $(touch x) .m4a");
        using (AudioDecoder decoder = AudioDecoder.Open(path, program))
        {
            Assert.AreEqual((8000, 2, -1L), (decoder.Info.SampleRate, decoder.Info.Channels, decoder.Info.Length));
            CollectionAssert.AreEqual(FixtureFiles.Expected("float32.wav"), FixtureFiles.Decode(decoder));
        }

        string[] arguments = File.ReadAllLines(folder.File("arguments"));
        CollectionAssert.Contains(arguments, "file:" + path);
        Assert.AreEqual("file,pipe", arguments[Array.IndexOf(arguments, "-protocol_whitelist") + 1]);
        CollectionAssert.Contains(arguments, "-nostdin");

        // A part is cut out of all that it gives.
        float[] whole = FixtureFiles.Expected("float32.wav");
        CollectionAssert.AreEqual(
            whole[200..280], FixtureFiles.Decode(AudioDecoder.Open(path, program), first: 100, frames: 40));
    }

    [TestMethod]
    public void What_the_program_says_is_in_the_error()
    {
        using var folder = new TemporaryFolder();
        string path = Unknown(folder, "a.m4a");
        string failing = Script(folder, "echo 'moov atom not found' >&2; exit 1");
        var exception = Assert.ThrowsExactly<InvalidDataException>(() => AudioDecoder.Open(path, failing));
        StringAssert.Contains(exception.Message, path, StringComparison.Ordinal);
        StringAssert.Contains(exception.Message, "moov atom not found", StringComparison.Ordinal);

        string cut = Script(folder, $"cat '{FixtureFiles.PathOf("float32.wav")}'; echo 'invalid data' >&2; exit 1");
        using AudioDecoder decoder = AudioDecoder.Open(path, cut);
        var samples = new float[1000];
        Assert.AreEqual(400, decoder.Read(samples));
        var damage = Assert.ThrowsExactly<DamagedAudioException>(() => decoder.Read(samples));
        Assert.AreEqual(0.05, damage.Seconds);
        StringAssert.Contains(damage.Message, "invalid data", StringComparison.Ordinal);
        Assert.AreEqual(0, decoder.Read(samples));
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public void The_program_ends_with_the_reader()
    {
        using var folder = new TemporaryFolder();
        string pid = folder.File("pid");
        string program = Script(folder, $"echo $$ > '{pid}'; cat '{FixtureFiles.PathOf("float32.wav")}'; exec sleep 1000");
        AudioDecoder decoder = AudioDecoder.Open(Unknown(folder, "a.m4a"), program);
        using Process process = Process.GetProcessById(int.Parse(File.ReadAllText(pid), CultureInfo.InvariantCulture));
        decoder.Dispose();
        Assert.IsTrue(process.WaitForExit(30_000));
    }

    [TestMethod]
    public void Without_the_program_one_sentence_says_what_to_do()
    {
        using var folder = new TemporaryFolder();
        string path = Unknown(folder, "a.m4a");
        foreach (string? program in new[] { null, "no such program", folder.File("no such file") })
        {
            var exception = Assert.ThrowsExactly<InvalidDataException>(() => AudioDecoder.Open(path, program));
            StringAssert.Contains(exception.Message, path, StringComparison.Ordinal);
            StringAssert.Contains(exception.Message, "ffmpeg is installed; else convert", StringComparison.Ordinal);
            Assert.AreEqual(program is not null, exception.Message.Contains("was not found", StringComparison.Ordinal));
        }
    }

    [TestMethod]
    public void Video_files_are_read_by_ffmpeg()
    {
        string? program = FfmpegProgram.Find(FfmpegProgram.Default);
        RequiredTool.Check(program is not null, "ffmpeg");
        using var folder = new TemporaryFolder();
        string video = folder.File("clip.mp4");
        string[] arguments = ["-v", "error", "-i", FixtureFiles.PathOf("pcm16.wav"), "-c:a", "aac", video];
        using (Process process = Process.Start(program, arguments))
        {
            process.WaitForExit();
            Assert.AreEqual(0, process.ExitCode);
        }

        using AudioReader reader = AudioReader.Open(video);
        Assert.AreEqual(8000, reader.SampleRate);

        // A frame of AAC has 1024 samples; 400 take one, and the encoder's delay may be left out.
        Assert.IsInRange(400, 2048, reader.ReadToEnd().Length);
    }

    /// <summary>A model of a stranger names a program of theirs: what was saved is not started.</summary>
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void A_saved_model_does_not_choose_the_program(bool withFeatures)
    {
        using var folder = new TemporaryFolder();
        string program = Script(folder, $"touch '{folder.File("started")}'; exit 1");
        var mlContext = new MLContext();
        IDataView data = mlContext.Data.LoadFromEnumerable([new FileRow { Path = Unknown(folder, "a.m4a") }]);
        var loading = new AudioLoadingEstimator.Options { Ffmpeg = program };
        ITransformer model = withFeatures
            ? mlContext.Transforms.LoadLogMel("X", "Path", new LogMelLoadingEstimator.Options { Loading = loading }).Fit(data)
            : mlContext.Transforms.LoadAudio("X", "Path", loading).Fit(data);
        Assert.Throws<Exception>(() => model.Transform(data).GetColumn<float[]>("X").ToArray());
        Assert.IsTrue(File.Exists(folder.File("started")), "the option itself works");
        File.Delete(folder.File("started"));
        mlContext.Model.Save(model, data.Schema, folder.File("model.zip"));

        ITransformer loaded = mlContext.Model.Load(folder.File("model.zip"), out _);

        Assert.Throws<Exception>(() => loaded.Transform(data).GetColumn<float[]>("X").ToArray());
        Assert.IsFalse(File.Exists(folder.File("started")));
    }

    [TestMethod]
    public void Without_a_program_the_error_says_that_it_is_turned_off()
    {
        using var folder = new TemporaryFolder();
        string path = Unknown(folder, "a.m4a");
        var exception = Assert.ThrowsExactly<InvalidDataException>(() => AudioDecoder.Open(path, ffmpeg: null));
        StringAssert.Contains(exception.Message, path, StringComparison.Ordinal);
        StringAssert.Contains(exception.Message, "turned off", StringComparison.Ordinal);
    }

    private sealed class FileRow
    {
        public string Path { get; set; } = "";
    }

    private static string Unknown(TemporaryFolder folder, string name)
    {
        string path = folder.File(name);
        File.WriteAllBytes(path, [0, 0, 0, 0x1C, .. "ftypM4A "u8, .. new byte[500]]);
        return path;
    }

    private static string Script(TemporaryFolder folder, string commands)
    {
        string path = folder.File(Guid.NewGuid().ToString("N"));
        File.WriteAllText(path, $"#!/bin/sh\n{commands}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        return path;
    }
}
