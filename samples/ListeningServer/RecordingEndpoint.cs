using Microsoft.AspNetCore.WebUtilities;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers.Hosting;

namespace ListeningServer;

/// <summary>
/// POST of a recording: its bytes are gathered, in memory or in a temporary file of a random name, then scored.
/// </summary>
internal static partial class RecordingEndpoint
{
    private const int MemoryBytes = 1 << 20;

    public static async Task PostAsync(
        string name, HttpContext context, AudioModelPool pool, ListeningOptions options, ILogger<AnswerLine> logger)
    {
        if (pool.Find(name) is not { } scorer)
        {
            await Results.Problem("There is no model of that name.", statusCode: StatusCodes.Status404NotFound)
                .ExecuteAsync(context);
            return;
        }

        try
        {
            await using var body = new FileBufferingReadStream(context.Request.Body, MemoryBytes, options.MaximumBytes,
                Path.GetTempPath);
            await GatherAsync(body, context.RequestAborted, options);
            CheckHeaders(body, options);
            await AnswerAsync(scorer, body, context, options);
        }
        catch (Exception error) when (context.RequestAborted.IsCancellationRequested
            && error is OperationCanceledException or IOException)
        {
            LogLeft(logger, name);
        }
        catch (Exception error) when (Refusals.StatusOf(error) is { } status)
        {
            if (context.Response.HasStarted)
            {
                await context.Response.BodyWriter.WriteAsync(
                    AnswerWriter.Write(new AnswerLine("error", Status: status, Detail: error.Message)),
                        context.RequestAborted);
                return;
            }

            // Whoever sends more than is read finds the connection closed behind the answer.
            await Refusals.SendAsync(context, status, error);
        }
    }

    private static async Task GatherAsync(FileBufferingReadStream body, CancellationToken left, ListeningOptions options)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(left);
        patience.CancelAfter(TimeSpan.FromSeconds(options.RequestSeconds));
        try
        {
            await body.DrainAsync(patience.Token);
        }
        catch (OperationCanceledException) when (!left.IsCancellationRequested)
        {
            throw new TimeoutException($"The recording did not come within {options.RequestSeconds} s.");
        }
        catch (IOException error) when (error is not BadHttpRequestException && !left.IsCancellationRequested)
        {
            throw new BadHttpRequestException(
                $"The recording has more than {options.MaximumBytes} bytes.", StatusCodes.Status413PayloadTooLarge, error);
        }

        body.Position = 0;
    }

    // What is no recording is told from one that is damaged; what claims to be too long is not decoded.
    private static void CheckHeaders(FileBufferingReadStream body, ListeningOptions options)
    {
        if (body.Length == 0)
        {
            throw new InvalidDataException("The request has no bytes; expected a recording.");
        }

        AudioInfo info;
        try
        {
            info = AudioInfo.Read(body);
        }
        catch (InvalidDataException error)
        {
            throw new NotSupportedException(error.Message, error);
        }

        if (options.MaximumSeconds > 0 && info.Duration.TotalSeconds > options.MaximumSeconds)
        {
            throw new BadHttpRequestException(
                $"The recording claims {info.Duration.TotalSeconds:0} s; expected {options.MaximumSeconds} s at most.",
                StatusCodes.Status413PayloadTooLarge);
        }

        body.Position = 0;
    }

    private static async Task AnswerAsync(
        IAudioScorer scorer, Stream recording, HttpContext context, ListeningOptions options)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        patience.CancelAfter(TimeSpan.FromSeconds(options.RequestSeconds));
        try
        {
            await foreach (AudioFinding finding in scorer.ListenAsync(recording, patience.Token))
            {
                if (!context.Response.HasStarted)
                {
                    // Not before: what is refused has an answer of another kind.
                    context.Response.ContentType = AnswerWriter.ContentType;
                }

                await context.Response.BodyWriter.WriteAsync(AnswerWriter.Write(AnswerLine.Of(finding)), patience.Token);
            }
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            throw new TimeoutException($"The answer took more than {options.RequestSeconds} s.");
        }
    }

    [LoggerMessage(1, LogLevel.Debug, "A client of model '{Name}' left before its answer.")]
    private static partial void LogLeft(ILogger logger, string name);
}
