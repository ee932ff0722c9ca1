#:project ../../src/Microsoft.ML.AudioTransformers.Interactive
#:package Microsoft.ML
#:property UsesTorchBackend=true
#:property PublishAot=false

// %% [markdown]
// # 1. Listen and look
//
// Play clips, and see what a model hears of them: log-mel spectrograms, by the front ends of three papers.
//
// The clips are spoken words of this repository. Put the path of your own recordings in their place: WAV, FLAC, MP3, Ogg and
// others.

// %%
using System.IO;
using Microsoft.ML;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.Data;
using static Microsoft.ML.AudioTransformers.AudioNotebook;

// %% [program]
Environment.CurrentDirectory = (string)AppContext.GetData("EntryPointFileDirectoryPath")!;
using NotebookPage page = NotebookPage.Open("../../artifacts/notebooks/1-listen-and-look.html", Console.Out);

// %% [markdown]
// ## Listen
//
// `AudioPlayer` has the sound within the notebook, so that it plays without the files. `Show` puts several side by side.

// %%
string words = "../SpokenCommands/data";
Show(
    AudioPlayer.Open($"{words}/yes/en-us-f2_1.wav"),
    AudioPlayer.Open($"{words}/no/en-us-f2_1.wav"),
    AudioPlayer.Open($"{words}/stop/en-us-f2_1.wav"));

// %% [markdown]
// One word by three voices: what a model must not mind.

// %%
Show(new[] { "en-us-m1", "en-gb-x-rp-f5", "en-gb-scotland-m4" }
    .Select(voice => AudioPlayer.Open($"{words}/right/{voice}_1.wav", title: voice))
    .ToArray<object>());

// %% [markdown]
// ## Look
//
// The front ends of PaSST, HTS-AT and AST make different features of the same 0.8 s. They differ in windows, hops, bands and
// scaling.

// %%
float[] samples = AudioPlayer.Open($"{words}/yes/en-us-f2_1.wav").Samples.ToArray();
LogMelOptions passt = LogMelOptions.CreatePasst(16_000);
LogMelOptions htsAt = LogMelOptions.CreateHtsAt(16_000);
LogMelOptions ast = LogMelOptions.CreateAst(16_000);
passt.TargetSamples = htsAt.TargetSamples = 12_800;
ast.TargetFrames = 80;
Show(
    LogMelPicture.Of(samples, passt, "PaSST"),
    LogMelPicture.Of(samples, htsAt, "HTS-AT"),
    LogMelPicture.Of(samples, ast, "AST"));

// %% [markdown]
// More mel bins see finer pitch; a shorter hop sees finer time. Small models need neither.

// %%
Show(new[] { 32, 64, 128 }.Select(bins =>
{
    LogMelOptions options = LogMelOptions.CreatePasst(16_000);
    options.TargetSamples = 12_800;
    options.MelBins = bins;
    return LogMelPicture.Of(samples, options, $"{bins} bins");
}).ToArray<object>());

// %% [markdown]
// ## In a pipeline
//
// The same as columns of a data view, which is what trainers read.

// %%
var mlContext = new MLContext(seed: 1);
IDataView clips = mlContext.Data.LoadFromEnumerable(
    new[] { "yes", "no" }.Select(word => new { Path = $"{words}/{word}/en-us-f2_1.wav" }));
IDataView features = mlContext.Transforms.LoadAudio("Waveform", "Path", sampleRate: 16_000)
    .Append(mlContext.Transforms.ExtractLogMel("Features", "Waveform", passt))
    .Fit(clips).Transform(clips);
Show(features.GetColumn<string>("Path").Zip(features.GetColumn<float[]>("Features"))
    .Select(clip => new LogMelPicture(clip.Second, passt.MelBins, clip.First[(words.Length + 1)..], hopSeconds: 0.01))
    .ToArray<object>());
