// Says what recordings are, by a model that audioml-console or the tool audioml has saved:
//   dotnet run -c Release --urls http://127.0.0.1:5080
//   curl --data-binary @unknown.mp3 http://127.0.0.1:5080/recordings
// A file that is renamed over the model's is loaded while the app runs. samples/ListeningServer of the library's repository
// adds microphones by WebSocket, answers while a recording is heard, keys, rate limits and telemetry.

using System.Globalization;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.ML.AudioTransformers.Hosting;

WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
string path = builder.Configuration["Model"] ?? throw new InvalidOperationException("The setting Model names no file.");
long maximumBytes = builder.Configuration.GetValue("MaximumBytes", 25L << 20);
builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = maximumBytes);
builder.Services.AddProblemDetails();

// A recording is in memory before it is scored: at most so many at once, of MaximumBytes each.
int maximumUploads = builder.Configuration.GetValue("MaximumUploads", 32);
builder.Services.AddRateLimiter(limits =>
{
    limits.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
    limits.OnRejected = (context, _) =>
    {
        context.HttpContext.Response.Headers.RetryAfter = "1";
        return ValueTask.CompletedTask;
    };
    limits.AddConcurrencyLimiter("uploads", limit => limit.PermitLimit = maximumUploads);
});

// One model in memory for all requests, whose clips are scored in batches together.
builder.Services.AddAudioModel("sounds", path, options =>
{
    options.BatchSize = 16;
    options.MaximumRequests = maximumUploads;
    options.MaximumSeconds = builder.Configuration.GetValue("MaximumSeconds", 600.0);
});

WebApplication app = builder.Build();
app.UseRateLimiter();
app.MapGet("/health", (AudioModelPool pool) => pool.IsReady ? Results.Ok() : Results.StatusCode(503));
app.MapGet("/model", (AudioModelPool pool, CancellationToken left) => pool["sounds"].GetModelAsync(left));
app.MapPost("/recordings", async (HttpContext context, AudioModelPool pool, CancellationToken left) =>
{
    try
    {
        // A recording is read forwards and backwards, which a request is not; Kestrel has bounded its size.
        using var recording = new MemoryStream();
        await context.Request.Body.CopyToAsync(recording, left);
        recording.Position = 0;
        AudioScores scores = await pool["sounds"].ScoreAsync(recording, left);
        return Results.Ok(new { scores.Labels, scores.HeardSeconds, scores.IsCut, scores.ModelVersion });
    }
    catch (Exception error) when (StatusOf(error) is { } status)
    {
        if (error is AudioQueueFullException full)
        {
            context.Response.Headers.RetryAfter = full.RetryAfter.TotalSeconds.ToString("0", CultureInfo.InvariantCulture);
        }

        // What is wrong with the server is for its log, not for its clients.
        return Results.Problem(
            status < 500 ? error.Message : "The model takes no recordings at the moment.", statusCode: status);
    }
}).RequireRateLimiting("uploads");
app.Run();

// What is the client's fault, or the server's state; anything else is a defect, and answered with 500.
static int? StatusOf(Exception error) => error switch
{
    AudioTooLongException => StatusCodes.Status413PayloadTooLarge,
    AudioQueueFullException => StatusCodes.Status429TooManyRequests,
    AudioModelUnavailableException => StatusCodes.Status503ServiceUnavailable,
    BadHttpRequestException bad => bad.StatusCode,
    InvalidDataException or NotSupportedException => StatusCodes.Status415UnsupportedMediaType,
    _ => null,
};
