using System.Collections.Concurrent;

namespace Microsoft.ML.Runtime;

/// <summary>Carries a pipe's messages to the listeners of their type; all hosts of one context share it.</summary>
internal sealed class MessageDispatcher
{
    private readonly ConcurrentDictionary<Type, Delegate> _listeners = new();

    public void AddListener<TMessage>(Action<string, TMessage> listener)
        => _listeners.AddOrUpdate(typeof(TMessage), listener, (_, others) => Delegate.Combine(others, listener));

    public void Dispatch<TMessage>(string source, TMessage message)
    {
        if (_listeners.TryGetValue(typeof(TMessage), out Delegate listeners))
            ((Action<string, TMessage>)listeners)(source, message);
    }
}
