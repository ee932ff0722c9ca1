namespace Microsoft.ML.Runtime;

/// <summary>
/// The progress channel of an <see cref="MLContext"/>. The real one queues what it is told for a listener that only
/// the command line's environment has: nothing reaches <see cref="MLContext.Log"/> and the fill action is never
/// called. This one checks the calls in the same way and keeps nothing.
/// </summary>
internal sealed class ProgressChannel : IProgressChannel
{
    private readonly IExceptionContext _context;
    private ProgressHeader _header = new();
    private bool _disposed;

    public ProgressChannel(IExceptionContext context, string name)
    {
        Contracts.CheckNonEmpty(name, nameof(name));
        _context = context;
    }

    public void SetHeader(ProgressHeader header, Action<IProgressEntry> fillAction) => _header = header;

    public void Checkpoint(params double?[] values)
    {
        if (_disposed)
            throw _context.Process(Contracts.Except("Can't report checkpoints after disposing"));
        int room = _header.MetricNames.Count + (2 * _header.UnitNames.Count);
        if (values?.Length > room)
            throw _context.Process(Contracts.Except("Too many values provided in Checkpoint"));
    }

    public IProgressChannel StartProgressChannel(string name) => new SubChannel();

    public void Dispose() => _disposed = true;

    private sealed class SubChannel : IProgressChannel
    {
        public void SetHeader(ProgressHeader header, Action<IProgressEntry> fillAction)
        {
        }

        public void Checkpoint(params double?[] values)
        {
        }

        public IProgressChannel StartProgressChannel(string name) => new SubChannel();

        public void Dispose()
        {
        }
    }
}
