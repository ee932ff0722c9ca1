using System.Diagnostics;

namespace Microsoft.ML.Runtime;

internal class Pipe<TMessage> : IPipe<TMessage>
{
    private readonly HostEnvironment _parent;
    private readonly string _shortName;
    private bool _disposed;

    public Pipe(HostEnvironment parent, string shortName)
    {
        Contracts.CheckNonEmpty(shortName, "name");
        _parent = parent;
        _shortName = shortName;
        ContextDescription = parent.FullName == null ? shortName : $"{parent.FullName}; {shortName}";
    }

    /// <summary>The full name, which <see cref="MLContext.Log"/> gives as the message's source.</summary>
    public string ContextDescription { get; }

    public void Send(TMessage msg) => _parent.Dispatcher.Dispatch(ContextDescription, msg);

    public TException Process<TException>(TException ex)
        where TException : Exception
    {
        if (ex != null)
        {
            ex.Data["Throwing component"] = _parent.ShortName;
            ex.Data["Parent component"] = _parent.ParentFullName;
            ex.Data["Phase"] = _shortName;
            Contracts.Mark(ex);
        }

        return ex;
    }

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        Finish();
    }

    protected virtual void Finish()
    {
    }
}

internal sealed class Channel : Pipe<ChannelMessage>, IChannel
{
    private readonly Stopwatch _watch = Stopwatch.StartNew();

    public Channel(HostEnvironment parent, string shortName)
        : base(parent, shortName)
        => Trace(MessageSensitivity.None, "Channel started");

    public void Trace(MessageSensitivity sensitivity, string fmt)
        => Send(new ChannelMessage(ChannelMessageKind.Trace, sensitivity, fmt));

    public void Trace(MessageSensitivity sensitivity, string fmt, params object[] args)
        => Send(new ChannelMessage(ChannelMessageKind.Trace, sensitivity, fmt, args));

    public void Error(MessageSensitivity sensitivity, string fmt)
        => Send(new ChannelMessage(ChannelMessageKind.Error, sensitivity, fmt));

    public void Error(MessageSensitivity sensitivity, string fmt, params object[] args)
        => Send(new ChannelMessage(ChannelMessageKind.Error, sensitivity, fmt, args));

    public void Warning(MessageSensitivity sensitivity, string fmt)
        => Send(new ChannelMessage(ChannelMessageKind.Warning, sensitivity, fmt));

    public void Warning(MessageSensitivity sensitivity, string fmt, params object[] args)
        => Send(new ChannelMessage(ChannelMessageKind.Warning, sensitivity, fmt, args));

    public void Info(MessageSensitivity sensitivity, string fmt)
        => Send(new ChannelMessage(ChannelMessageKind.Info, sensitivity, fmt));

    public void Info(MessageSensitivity sensitivity, string fmt, params object[] args)
        => Send(new ChannelMessage(ChannelMessageKind.Info, sensitivity, fmt, args));

    protected override void Finish()
    {
        Trace(MessageSensitivity.None, "Channel finished. Elapsed {0:c}.", _watch.Elapsed);
        Trace(MessageSensitivity.None, "Channel disposed");
    }
}
