using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.ML.AudioTransformers;
using Spectre.Console;

namespace AudioML.Tool.Terminal;

/// <summary>
/// What a command prints: results to standard output, as tables or, with <c>--json</c>, as one JSON object a line; all else to
/// standard error.
/// </summary>
/// <param name="isJson">Whether results are JSON.</param>
internal sealed class Output(bool isJson)
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly IAnsiConsole _errors = AnsiConsole.Create(
        new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });

    /// <summary>Prints a result: an object as JSON, or its text.</summary>
    /// <param name="value">The object.</param>
    /// <param name="text">The text, a line or several.</param>
    public void Result(object value, string text) =>
        Console.Out.WriteLine(isJson ? JsonSerializer.Serialize(value, s_json) : text);

    /// <summary>Prints what is no result.</summary>
    public static void Say(string line) => Console.Error.WriteLine(line);

    /// <summary>Runs a training with a bar in a terminal, and a line an epoch elsewhere.</summary>
    /// <param name="train">Trains; it hands the metrics on.</param>
    public T Progress<T>(Func<Action<AudioTrainingMetrics>, T> train)
    {
        if (Console.IsErrorRedirected || isJson)
        {
            return train(metrics =>
            {
                if (metrics.IsEpochEnd)
                {
                    Say(metrics.ToString());
                }
            });
        }

        bool isNarrow = _errors.Profile.Width < 80;
        return _errors.Progress()
            .AutoRefresh(true)
            .Columns(
                new TaskDescriptionColumn(), new ProgressBarColumn { Width = isNarrow ? 10 : 30 }, new PercentageColumn(),
                new RemainingTimeColumn())
            .Start(context =>
            {
                ProgressTask task = context.AddTask("reading clips");
                return train(metrics =>
                {
                    task.MaxValue = metrics.StepCount;
                    task.Value = metrics.Step;
                    task.Description = FormattableString.Invariant($"{metrics.Epoch}/{metrics.EpochCount} loss {metrics.Loss:F3}")
                        + (isNarrow ? "" : FormattableString.Invariant($" accuracy {metrics.Accuracy:F3}"));
                });
            });
    }
}
