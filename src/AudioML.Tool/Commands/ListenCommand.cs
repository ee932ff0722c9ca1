using AudioML.Tool.Terminal;
using System.Buffers.Binary;
using System.CommandLine;
using Microsoft.ML;
using Microsoft.ML.AudioTransformers;

namespace AudioML.Tool.Commands;

/// <summary>Listens to raw samples on standard input.</summary>
internal static class ListenCommand
{
    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        Option<FileInfo> model = Shared.Model();
        var rate = new Option<int>("--rate") { Description = "Sample rate in Hz.", DefaultValueFactory = _ => 16_000 };
        var channels = new Option<int>("--channels") { Description = "Channels.", DefaultValueFactory = _ => 1 };
        Option<bool> json = Shared.Json();
        var command = new Command(
            "listen",
            "Say what is heard in raw samples on standard input (16-bit, little-endian), window by window.\n\n"
            + "  arecord -q -f S16_LE -r 16000 | audioml listen -m my-sounds.zip")
        {
            model, rate, channels, json,
        };
        command.SetAction((parsed, cancellation) => Task.Run(() =>
        {
            var mlContext = new MLContext(seed: 1);
            var output = new Output(parsed.GetValue(json));
            StreamingClassifier classifier = Shared.LoadModel(mlContext, parsed.GetValue(model)!).AudioModel()
                .CreateStreamingClassifier(window => Say(output, window), parsed.GetValue(rate), parsed.GetValue(channels));
            Read(classifier, cancellation);
            return ExitCode.Done;
        }));
        return command;
    }

    private static void Read(StreamingClassifier classifier, CancellationToken cancellation)
    {
        using Stream input = Console.OpenStandardInput();
        var bytes = new byte[1 << 14];
        var samples = new float[bytes.Length / 2];
        int kept = 0;
        for (int read; !cancellation.IsCancellationRequested && (read = input.Read(bytes, kept, bytes.Length - kept)) > 0;)
        {
            // A pipe may end a read between the two bytes of a sample.
            int length = kept + read;
            for (int i = 0; i < length / 2; i++)
            {
                samples[i] = BinaryPrimitives.ReadInt16LittleEndian(bytes.AsSpan(2 * i)) / 32768f;
            }

            classifier.Write(samples.AsSpan(0, length / 2));
            kept = length % 2;
            bytes[0] = bytes[length - 1];
        }

        classifier.Finish();
    }

    private static void Say(Output output, StreamedWindow window)
    {
        var labels = new List<string>();
        foreach (int label in window.Predicted)
        {
            labels.Add(window.ClassNames[label]);
        }

        output.Result(
            new { start = window.Start, end = window.End, labels },
            FormattableString.Invariant($"{window.Start:F2}\t{window.End:F2}\t{string.Join(", ", labels)}"));
    }
}
