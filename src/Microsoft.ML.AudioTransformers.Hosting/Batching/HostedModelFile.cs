using Microsoft.Extensions.Logging;

namespace Microsoft.ML.AudioTransformers.Hosting.Batching;

/// <summary>
/// File of a hosted model: loads it, and again when it has changed. A file that cannot be loaded leaves the model as it was.
/// Safe for use by several threads at once.
/// </summary>
internal sealed partial class HostedModelFile : IDisposable
{
    private readonly string _name;
    private readonly AudioModelOptions _options;
    private readonly ILogger _logger;
    private readonly Action<bool> _tellReload;
    private readonly Func<HostedModel, Task> _warmUp;
    private readonly SemaphoreSlim _loading = new(1, 1);
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _end = new();
    private HostedModel? _current;
    private (DateTime Written, long Length) _stamp;
    private Task _watching = Task.CompletedTask;
    private bool _isDisposed;

    /// <param name="name">Name of the model.</param>
    /// <param name="options">Checked options.</param>
    /// <param name="logger">Takes loads, and files that cannot be loaded.</param>
    /// <param name="tellReload">Told of each changed file, whether it is loaded.</param>
    /// <param name="warmUp">
    /// Readies the first model for batches, before it is current. A later one finds the process warm, and requests that it
    /// would hold up.
    /// </param>
    public HostedModelFile(
        string name, AudioModelOptions options, ILogger logger, Action<bool> tellReload, Func<HostedModel, Task> warmUp)
    {
        _name = name;
        _options = options;
        _logger = logger;
        _tellReload = tellReload;
        _warmUp = warmUp;
    }

    /// <summary>Whether a model is in memory.</summary>
    public bool IsLoaded
    {
        get
        {
            lock (_lock)
            {
                return _current is not null;
            }
        }
    }

    /// <summary>Takes a share of the current model, which the caller releases; loads it before the first.</summary>
    /// <exception cref="AudioModelUnavailableException">The model is disposed.</exception>
    public async ValueTask<HostedModel> AcquireAsync(CancellationToken cancellation)
    {
        while (true)
        {
            lock (_lock)
            {
                if (_isDisposed)
                {
                    throw new AudioModelUnavailableException(_name);
                }

                if (_current is { } current && current.TryAcquire())
                {
                    return current;
                }
            }

            await LoadFirstAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Loads the file if it has changed since it was looked at last.</summary>
    /// <returns>Whether another model is current now.</returns>
    public async Task<bool> ReloadAsync(CancellationToken cancellation)
    {
        await _loading.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (!IsLoaded || Stamp() is not { } stamp || stamp == _stamp)
            {
                return false;
            }

            // A file that is bad is not tried again until it changes.
            _stamp = stamp;
            try
            {
                HostedModel model = await Task.Run(() => HostedModel.Load(_options), cancellation).ConfigureAwait(false);
                Exchange(model);
                _tellReload(true);
                LogReloaded(_name, _options.Path, model.Version);
                return true;
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                _tellReload(false);
                LogKept(exception, _name, _options.Path);
                return false;
            }
        }
        finally
        {
            _loading.Release();
        }
    }

    public void Dispose()
    {
        HostedModel? last;
        lock (_lock)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            last = _current;
            _current = null;
        }

        _end.Cancel();
        _watching.Wait();
        last?.Release();
        _end.Dispose();
        _loading.Dispose();
    }

    private async Task LoadFirstAsync(CancellationToken cancellation)
    {
        await _loading.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (IsLoaded)
            {
                return;
            }

            // Looked at before it is read: what is written meanwhile is a change.
            (DateTime, long)? stamp = Stamp();
            HostedModel model = await Task.Run(() => HostedModel.Load(_options), cancellation).ConfigureAwait(false);
            try
            {
                await _warmUp(model).WaitAsync(cancellation).ConfigureAwait(false);
            }
            catch
            {
                model.Release();
                throw;
            }

            _stamp = stamp ?? default;
            Exchange(model);
            LogLoaded(_name, _options.Path, model.Version);
            if (_options.ReloadSeconds > 0)
            {
                _watching = WatchAsync();
            }
        }
        finally
        {
            _loading.Release();
        }
    }

    private void Exchange(HostedModel model)
    {
        HostedModel? old;
        lock (_lock)
        {
            old = _isDisposed ? model : _current;
            _current = _isDisposed ? null : model;
        }

        old?.Release();
    }

    private async Task WatchAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(Math.Max(0.001, _options.ReloadSeconds)));
        try
        {
            while (await timer.WaitForNextTickAsync(_end.Token).ConfigureAwait(false))
            {
                await ReloadAsync(_end.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The model is disposed.
        }
    }

    // Null while there is no file: between the removal of one and the writing of another.
    private (DateTime Written, long Length)? Stamp()
    {
        var file = new FileInfo(_options.Path);
        return file.Exists ? (file.LastWriteTimeUtc, file.Length) : null;
    }

    [LoggerMessage(1, LogLevel.Information, "Model '{Name}' is loaded from '{Path}', version {Version}.")]
    private partial void LogLoaded(string name, string path, string version);

    [LoggerMessage(2, LogLevel.Information, "Model '{Name}' is reloaded from '{Path}', version {Version}.")]
    private partial void LogReloaded(string name, string path, string version);

    [LoggerMessage(3, LogLevel.Error, "Model '{Name}' stays as it was: the changed file '{Path}' cannot be loaded.")]
    private partial void LogKept(Exception exception, string name, string path);
}
