using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioTransformers.Hosting.Scorers;

namespace Microsoft.ML.AudioTransformers.Hosting;

/// <summary>
/// All models of an app by their names. It loads them when the app starts, answers what is begun when it stops, and
/// disposes them.
/// </summary>
public sealed class AudioModelPool : IHostedService, IAsyncDisposable, IDisposable
{
    private readonly Dictionary<string, AudioScorer> _scorers = new(StringComparer.Ordinal);
    private readonly CancellationTokenRegistration _stopping;

    /// <param name="models">Names and options of the models.</param>
    /// <param name="loggers">Factory of loggers.</param>
    /// <param name="meters">Factory of meters; null for meters of its own.</param>
    /// <param name="lifetime">Lifetime of the app, whose stop ends streams; null for none.</param>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    internal AudioModelPool(
        IEnumerable<(string Name, AudioModelOptions Options)> models, ILoggerFactory loggers, IMeterFactory? meters,
        IHostApplicationLifetime? lifetime)
    {
        ILogger logger = loggers.CreateLogger<AudioModelPool>();
        List<(string Name, AudioModelOptions Options)> copies = [];
        foreach ((string name, AudioModelOptions options) in models)
        {
            AudioModelOptions copy = OptionCheck.Copy(options);
            OptionCheck.All(copy, $"{name}.");
            copies.Add((name, copy));
        }

        foreach ((string name, AudioModelOptions options) in copies)
        {
            _scorers.Add(name, new AudioScorer(name, options, logger, meters));
        }

        _stopping = lifetime?.ApplicationStopping.Register(BeginStop) ?? default;
    }

    /// <summary>Names of the models, in the order in which they were added.</summary>
    public IReadOnlyCollection<string> Names => _scorers.Keys;

    /// <summary>Whether all models are in memory and take requests.</summary>
    public bool IsReady => _scorers.Values.All(scorer => scorer.IsReady);

    /// <summary>Scorer of a model.</summary>
    /// <param name="name">Name under which it was added.</param>
    /// <exception cref="KeyNotFoundException">There is no such model.</exception>
    public IAudioScorer this[string name] => Find(name) ?? throw new KeyNotFoundException(
        $"There is no model '{name}'; expected one of '{string.Join("', '", _scorers.Keys)}'.");

    /// <summary>Finds the scorer of a model; null if there is no such model.</summary>
    /// <param name="name">Name under which it was added.</param>
    public IAudioScorer? Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return _scorers.GetValueOrDefault(name);
    }

    /// <summary>Loads all models.</summary>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <exception cref="InvalidDataException">A file is no model that can be hosted.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (AudioScorer scorer in _scorers.Values)
        {
            await scorer.LoadAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Takes no more requests, and ends streams as if no more samples came, without waiting. Called when the app begins to
    /// stop, so that a web server finds its open connections ended.
    /// </summary>
    public void BeginStop()
    {
        foreach (AudioScorer scorer in _scorers.Values)
        {
            scorer.BeginStop();
        }
    }

    /// <summary>Waits until what is begun is answered; cancels it when it is cancelled.</summary>
    /// <param name="cancellationToken">Ends the patience of the app.</param>
    public Task StopAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(_scorers.Values.Select(scorer => scorer.StopAsync(cancellationToken)));

    /// <summary>Cancels what is begun, and frees the models.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.DisposeAsync().ConfigureAwait(false);
        foreach (AudioScorer scorer in _scorers.Values)
        {
            await scorer.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Cancels what is begun, and frees the models.</summary>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();
}
