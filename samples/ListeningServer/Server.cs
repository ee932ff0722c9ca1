using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.ML.AudioTransformers.Hosting;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace ListeningServer;

/// <summary>The server: services, limits and routes.</summary>
internal static class Server
{
    private const string Recordings = "recordings";
    private const string Streams = "streams";

    /// <summary>Creates the app from its arguments; whoever calls runs it.</summary>
    public static WebApplication Create(string[] args)
    {
        // Pages lie beside the program, wherever it is started.
        WebApplicationBuilder builder = WebApplication.CreateBuilder(
            new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        ListeningOptions options = builder.Configuration.GetSection(ListeningOptions.Section).Get<ListeningOptions>()
            ?? new();
        if (options.Models.Count == 0)
        {
            throw new InvalidOperationException(
                "There is no model; expected one or more, such as --Listening:Models:words=words.zip.");
        }

        builder.Services.AddSingleton(options);
        foreach ((string name, string path) in options.Models)
        {
            builder.Services.AddAudioModel(name, path, model =>
            {
                model.BatchSize = options.BatchSize;
                model.DelayMilliseconds = options.DelayMilliseconds;
                model.MaximumRequests = options.MaximumRecordings + options.MaximumStreams;
                model.MaximumSeconds = options.MaximumSeconds;
            });
        }

        builder.Services.Configure<HostOptions>(host =>
            host.ShutdownTimeout = TimeSpan.FromSeconds(options.DrainSeconds + options.StopSeconds));
        builder.Services.AddHostedService<Drain>();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = options.MaximumBytes;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(Math.Min(30, options.RequestSeconds));
        });
        builder.Services.AddProblemDetails();
        builder.Services.AddOpenApi();
        AddLimits(builder.Services, options);
        AddTelemetry(builder);

        WebApplication app = builder.Build();
        app.Use(Headers);
        app.UseDefaultFiles();
        app.UseStaticFiles();
        app.UseWebSockets(new WebSocketOptions
        {
            KeepAliveInterval = TimeSpan.FromSeconds(options.IdleSeconds),
            KeepAliveTimeout = TimeSpan.FromSeconds(options.IdleSeconds),
        });
        app.UseRateLimiter();
        Map(app, options);
        return app;
    }

    private static void Map(WebApplication app, ListeningOptions options)
    {
        app.MapOpenApi();
        app.MapGet("/health/live", () => TypedResults.Ok("live")).WithSummary("Says that the server runs.");
        app.MapGet("/health/ready", (AudioModelPool pool) => pool.IsReady
                ? Results.Ok("ready")
                : Results.Text("not ready", statusCode: StatusCodes.Status503ServiceUnavailable))
            .WithSummary("Says whether the models are loaded and requests are taken.");

        RouteGroupBuilder models = app.MapGroup("/models").AddEndpointFilter(new ApiKeyFilter(options.ApiKey));
        models.MapGet("/", ModelsAsync).WithSummary("Lists the models: task, classes, sample rate, windows.");
        models.MapPost("/{name}/recordings", RecordingEndpoint.PostAsync)
            .RequireRateLimiting(Recordings)
            .Accepts<Stream>("*/*")
            .Produces<AnswerLine>(StatusCodes.Status200OK, AnswerWriter.ContentType)
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status408RequestTimeout).ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType).ProducesProblem(StatusCodes.Status429TooManyRequests)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable)
            .WithSummary("Scores a recording: WAV, FLAC, MP3, Ogg Vorbis or Opus, AIFF, AU or CAF. Answers in JSON lines as "
                + "windows are scored and events end; the last line is the end, or an error.");
        models.MapGet("/{name}/stream", StreamEndpoint.GetAsync)
            .RequireRateLimiting(Streams)
            .WithSummary("Opens a WebSocket. Binary messages are samples (encoding s16 or f32, little-endian, interleaved, "
                + "with rate and channels) or the bytes of an Ogg Opus stream (encoding opus); a text message ends the stream. "
                + "Answers are JSON lines, one a message.");
    }

    private static async Task<IResult> ModelsAsync(AudioModelPool pool, CancellationToken left)
    {
        List<AudioModelInfo> models = [];
        foreach (string name in pool.Names)
        {
            models.Add(await pool[name].GetModelAsync(left));
        }

        return Results.Ok(models);
    }

    private static void AddLimits(IServiceCollection services, ListeningOptions options) => services.AddRateLimiter(limits =>
    {
        limits.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        limits.OnRejected = async (context, left) =>
        {
            context.HttpContext.Response.Headers.RetryAfter = "1";
            await Results.Problem("There are as many requests as the server takes at once.", statusCode: 429)
                .ExecuteAsync(context.HttpContext);
        };
        limits.AddConcurrencyLimiter(Recordings, limit => limit.PermitLimit = options.MaximumRecordings);
        limits.AddConcurrencyLimiter(Streams, limit => limit.PermitLimit = options.MaximumStreams);
    });

    // Exported where the standard variable says to whom; measured whatever it says.
    private static void AddTelemetry(WebApplicationBuilder builder)
    {
        bool isExported = !string.IsNullOrEmpty(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]);
        builder.Services.AddOpenTelemetry()
            // OTEL_SERVICE_NAME, where it is set, comes after and wins.
            .ConfigureResource(resource => resource.AddService("listening-server").AddEnvironmentVariableDetector())
            .WithMetrics(metrics =>
            {
                metrics.AddMeter(AudioHostingTelemetry.MeterName).AddAspNetCoreInstrumentation();
                _ = isExported ? metrics.AddOtlpExporter() : metrics;
            })
            .WithTracing(traces =>
            {
                // Whoever watches over the server asks every few seconds, which is nothing to trace.
                traces.AddSource(AudioHostingTelemetry.ActivitySourceName).AddAspNetCoreInstrumentation(
                    requests => requests.Filter = context => !context.Request.Path.StartsWithSegments("/health"));
                _ = isExported ? traces.AddOtlpExporter() : traces;
            });
    }

    private static Task Headers(HttpContext context, RequestDelegate next)
    {
        IHeaderDictionary headers = context.Response.Headers;
        headers.ContentSecurityPolicy = "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        if (context.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested)
        {
            headers.Connection = "close";
        }

        return next(context);
    }

    /// <summary>Keeps connections open for a while after the models take no more requests, see DrainSeconds.</summary>
    private sealed class Drain(ListeningOptions options, AudioModelPool pool) : IHostedLifecycleService
    {
        public Task StoppingAsync(CancellationToken cancellationToken)
        {
            pool.BeginStop();
            return Task.Delay(TimeSpan.FromSeconds(options.DrainSeconds), cancellationToken);
        }

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    /// <summary>Asks for the key, where there is one, and refuses what another page sends.</summary>
    private sealed class ApiKeyFilter(string? key) : IEndpointFilter
    {
        private readonly byte[]? _hash = string.IsNullOrEmpty(key) ? null : Hash(key);

        public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
        {
            HttpRequest request = context.HttpContext.Request;
            if (request.Headers.Origin is [{ } origin] && !IsOwn(origin, request))
            {
                return new(Results.Problem("The page is of another origin.", statusCode: StatusCodes.Status403Forbidden));
            }

            // A browser gives a WebSocket no headers.
            string shown = request.Headers["X-Api-Key"] is [{ } header] ? header
                : context.HttpContext.WebSockets.IsWebSocketRequest ? request.Query["key"].ToString() : "";
            return _hash is null || CryptographicOperations.FixedTimeEquals(Hash(shown), _hash)
                ? next(context)
                : new(Results.Problem("The key is missing or wrong.", statusCode: StatusCodes.Status401Unauthorized));
        }

        private static bool IsOwn(string origin, HttpRequest request) =>
            Uri.TryCreate(origin, UriKind.Absolute, out Uri? uri)
            && string.Equals(uri.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase);

        private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
    }
}

/// <summary>Errors as answers.</summary>
internal static class Refusals
{
    /// <summary>Status of an error that is the client's, or of the server's state; null for a defect.</summary>
    public static int? StatusOf(Exception error) => error switch
    {
        AudioQueueFullException => StatusCodes.Status429TooManyRequests,
        AudioModelUnavailableException => StatusCodes.Status503ServiceUnavailable,
        AudioTooLongException => StatusCodes.Status413PayloadTooLarge,
        NotSupportedException => StatusCodes.Status415UnsupportedMediaType,
        TimeoutException => StatusCodes.Status408RequestTimeout,
        BadHttpRequestException bad => bad.StatusCode,
        InvalidDataException or ArgumentException => StatusCodes.Status400BadRequest,
        _ => null,
    };

    /// <summary>Answers with a status and what is wrong.</summary>
    public static Task SendAsync(HttpContext context, int status, Exception error)
    {
        TimeSpan? retry = error is AudioQueueFullException full ? full.RetryAfter
            : status is StatusCodes.Status503ServiceUnavailable ? TimeSpan.FromSeconds(5) : null;
        if (retry is { } after)
        {
            context.Response.Headers.RetryAfter = after.TotalSeconds.ToString("0", CultureInfo.InvariantCulture);
        }

        return Results.Problem(error.Message, statusCode: status).ExecuteAsync(context);
    }
}
