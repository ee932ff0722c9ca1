using System.Globalization;

namespace Microsoft.ML.AudioTransformers.Hosting;

/// <summary>A model has as many requests as it takes at once: this one was not begun, and can be sent again.</summary>
public sealed class AudioQueueFullException : InvalidOperationException
{
    internal AudioQueueFullException(string model, int requests, TimeSpan retryAfter)
        : base(string.Create(
            CultureInfo.InvariantCulture,
            $"Model '{model}' has {requests} requests begun, as many as {nameof(AudioModelOptions.MaximumRequests)} allows; "
            + $"expected free room. Try again in {retryAfter.TotalSeconds:0} s."))
    {
        RetryAfter = retryAfter;
    }

    /// <summary>Time after which there will be room, by the speed of the last batches; whole seconds, 1 or more.</summary>
    public TimeSpan RetryAfter { get; }
}

/// <summary>A model takes no requests: it is being stopped, or is disposed.</summary>
public sealed class AudioModelUnavailableException : InvalidOperationException
{
    internal AudioModelUnavailableException(string model)
        : base($"Model '{model}' is being stopped, and takes no requests any more.")
    {
    }
}

/// <summary>A recording or a stream is longer than <see cref="AudioModelOptions.MaximumSeconds"/>.</summary>
public sealed class AudioTooLongException : InvalidOperationException
{
    internal AudioTooLongException(double seconds, double most)
        : base(string.Create(
            CultureInfo.InvariantCulture,
            $"The recording has {seconds:0.###} s or more; expected {most:0.###} s at most, as "
            + $"{nameof(AudioModelOptions.MaximumSeconds)} says."))
    {
        MaximumSeconds = most;
    }

    /// <summary>Longest recording, in seconds.</summary>
    public double MaximumSeconds { get; }
}
