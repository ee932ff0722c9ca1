using AudioML.Tool.Terminal;
using System.CommandLine;
using Microsoft.ML;
using Microsoft.ML.AudioTransformers;

namespace AudioML.Tool.Commands;

/// <summary>Exports a model for other programs.</summary>
internal static class ExportCommand
{
    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        var format = new Argument<string>("format") { Description = "onnx or safetensors." };
        format.AcceptOnlyFromAmong("onnx", "safetensors");
        var file = new Argument<FileInfo>("file") { Description = "The file to write." };
        Option<FileInfo> model = Shared.Model();
        Option<bool> json = Shared.Json();
        var command = new Command(
            "export",
            "Write a model's graph, waveform to scores (onnx), or its weights (safetensors).\n\n"
            + "  audioml export onnx my-sounds.onnx -m my-sounds.zip")
        {
            format, file, model, json,
        };
        command.SetAction((parsed, _) => Task.Run(() =>
        {
            AudioModelTransformer loaded = Shared.LoadModel(new MLContext(seed: 1), parsed.GetValue(model)!).AudioModel();
            string path = parsed.GetValue(file)!.FullName;
            if (parsed.GetValue(format) == "onnx")
            {
                loaded.SaveOnnx(path);
            }
            else
            {
                loaded.Model.SaveSafetensors(path);
            }

            new Output(parsed.GetValue(json)).Result(new { file = path }, $"saved {path}");
            return ExitCode.Done;
        }));
        return command;
    }
}
