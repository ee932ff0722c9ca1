namespace Microsoft.ML.AudioFeaturization.Hosting;

/// <summary>
/// Guard of what the getters of one row share, such as its scores. ML.NET lets one thread at a time read a row, and says nothing
/// to two that do; they would get each other's values.
/// </summary>
internal sealed class RowGuard
{
    private int _isInUse;

    /// <summary>Begins to use what is shared, until the returned value is disposed.</summary>
    /// <exception cref="InvalidOperationException">Another thread uses it.</exception>
    public Use Enter() => Interlocked.Exchange(ref _isInUse, 1) == 0
        ? new Use(this)
        : throw new InvalidOperationException(
            "Two threads score with one PredictionEngine, or read one row, at once: their clips would be mixed up. Give each "
            + "thread a PredictionEngine of its own, made with PredictionEngineOptions.OwnsTransformer = false; the model "
            + "itself is safe for several threads.");

    /// <summary>Use of what is shared, which ends when this is disposed.</summary>
    /// <param name="guard">The guard.</param>
    internal readonly ref struct Use(RowGuard guard)
    {
        public void Dispose() => Volatile.Write(ref guard._isInUse, 0);
    }
}
