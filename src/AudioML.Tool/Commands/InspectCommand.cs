using AudioML.Tool.Terminal;
using System.CommandLine;
using Microsoft.ML;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers;

namespace AudioML.Tool.Commands;

/// <summary>Tells what a model, a file of weights or a recording is.</summary>
internal static class InspectCommand
{
    private static readonly string[] s_weights = [".pt", ".pth", ".ckpt", ".bin", ".safetensors"];

    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        var file = new Argument<FileInfo>("file") { Description = "A model (.zip), weights, or a recording." };
        Option<bool> json = Shared.Json();
        var command = new Command(
            "inspect",
            "Tell what a model, a file of weights or a recording is.\n\n  audioml inspect my-sounds.zip\n  audioml inspect a.wav")
        {
            file, json,
        };
        command.SetAction((parsed, _) => Task.Run(() =>
        {
            FileInfo asked = parsed.GetValue(file)!;
            if (!asked.Exists)
            {
                throw new FileNotFoundException($"There is no file '{asked}'.", asked.FullName);
            }

            var output = new Output(parsed.GetValue(json));
            string extension = asked.Extension.ToLowerInvariant();
            if (extension == ".zip")
            {
                InspectModel(output, asked);
            }
            else if (s_weights.Contains(extension))
            {
                AudioCheckpointInfo info = new MLContext().Model.DescribeAudioCheckpoint(asked.FullName);
                output.Result(
                    new
                    {
                        architecture = info.ArchitectureName,
                        layout = info.Layout,
                        classes = info.ClassCount,
                        sampleRate = info.FrontEnd?.SampleRate,
                        missing = info.Missing,
                    },
                    info.ToString());
            }
            else
            {
                AudioInfo info = AudioInfo.Read(asked.FullName);
                output.Result(
                    new
                    {
                        format = info.Format,
                        sampleRate = info.SampleRate,
                        channels = info.Channels,
                        seconds = info.Duration.TotalSeconds,
                    },
                    info.ToString());
            }

            return ExitCode.Done;
        }));
        return command;
    }

    private static void InspectModel(Output output, FileInfo file)
    {
        AudioModelParameters model = Shared.LoadModel(new MLContext(seed: 1), file).AudioModel().Model;
        output.Result(
            new
            {
                architecture = model.ArchitectureName,
                parameters = model.ParameterCount,
                classes = model.ClassNames,
                training = model.Training?.ToString(),
                options = model.Training?.Code,
            },
            FormattableString.Invariant($"{model.ArchitectureName}, {model.ParameterCount} parameters\n")
            + $"classes: {string.Join(", ", model.ClassNames)}\n{model.Training}\n{model.Training?.Code}".TrimEnd());
    }
}
