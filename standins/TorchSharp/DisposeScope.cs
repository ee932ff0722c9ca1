namespace TorchSharp;

/// <summary>Holds what was created while it was the thread's innermost scope, and disposes it when it ends.</summary>
public sealed class DisposeScope : IDisposable
{
    private readonly DisposeScopeManager manager;
    private HashSet<IDisposable> disposables = new(ReferenceEqualityComparer.Instance);

    internal DisposeScope(DisposeScopeManager manager)
    {
        this.manager = manager;
        manager.Scopes.TryPeek(out DisposeScope outer);
        Outer = outer;
    }

    public IReadOnlyList<IDisposable> DisposablesView => disposables.ToList();

    public int DisposablesCount => disposables.Count;

    internal DisposeScope Outer { get; }

    /// <summary>Takes in something that was just created.</summary>
    internal void Include(IDisposable disposable) => disposables.Add(disposable);

    public T MoveToOuter<T>(T disposable)
        where T : IDisposable => MoveToOther(Outer, disposable);

    public (T1 first, T2 second) MoveToOuter<T1, T2>(T1 first, T2 second)
        where T1 : IDisposable
        where T2 : IDisposable => MoveToOther(Outer, first, second);

    public (T1 first, T2 second, T3 third) MoveToOuter<T1, T2, T3>(T1 first, T2 second, T3 third)
        where T1 : IDisposable
        where T2 : IDisposable
        where T3 : IDisposable => MoveToOther(Outer, first, second, third);

    public void MoveToOuter(params IDisposable[] disposables) => MoveToOther(Outer, disposables);

    public void MoveToOuter(IEnumerable<IDisposable> disposables) => MoveToOther(Outer, disposables);

    public T MoveToOther<T>(DisposeScope? scope, T disposable)
        where T : IDisposable
    {
        Move(scope, disposable);
        return disposable;
    }

    public (T1 first, T2 second) MoveToOther<T1, T2>(DisposeScope? scope, T1 first, T2 second)
        where T1 : IDisposable
        where T2 : IDisposable
    {
        Move(scope, first);
        Move(scope, second);
        return (first, second);
    }

    public (T1 first, T2 second, T3 third) MoveToOther<T1, T2, T3>(
        DisposeScope? scope, T1 first, T2 second, T3 third)
        where T1 : IDisposable
        where T2 : IDisposable
        where T3 : IDisposable
    {
        Move(scope, first);
        Move(scope, second);
        Move(scope, third);
        return (first, second, third);
    }

    public void MoveToOther(DisposeScope? scope, params IDisposable[] disposables) =>
        MoveToOther(scope, (IEnumerable<IDisposable>)disposables);

    public void MoveToOther(DisposeScope? scope, IEnumerable<IDisposable> disposables)
    {
        foreach (IDisposable disposable in disposables)
        {
            Move(scope, disposable);
        }
    }

    public T Detach<T>(T disposable)
        where T : IDisposable
    {
        Release(disposable);
        return disposable;
    }

    public (T1 first, T2 second) Detach<T1, T2>(T1 first, T2 second)
        where T1 : IDisposable
        where T2 : IDisposable
    {
        Release(first);
        Release(second);
        return (first, second);
    }

    public (T1 first, T2 second, T3 third) Detach<T1, T2, T3>(T1 first, T2 second, T3 third)
        where T1 : IDisposable
        where T2 : IDisposable
        where T3 : IDisposable
    {
        Release(first);
        Release(second);
        Release(third);
        return (first, second, third);
    }

    public void Detach(params IDisposable[] disposables) => Detach((IEnumerable<IDisposable>)disposables);

    public void Detach(IEnumerable<IDisposable> disposables)
    {
        foreach (IDisposable disposable in disposables)
        {
            Release(disposable);
        }
    }

    /// <summary>Takes in something that no scope holds, or that another scope holds.</summary>
    public void Attach(IDisposable disposable)
    {
        if (disposable is torch.Tensor tensor)
        {
            if (tensor.OwningDisposeScope is { } owner)
            {
                owner.Move(this, tensor);
                return;
            }

            if (!tensor.IsInvalid)
            {
                manager.Counts.DisposedInScopeCount--;
            }
        }

        Adopt(this, disposable);
    }

    public void Attach(params IDisposable[] disposables) => Attach((IEnumerable<IDisposable>)disposables);

    public IReadOnlyList<IDisposable> Attach(IEnumerable<IDisposable> disposables)
    {
        List<IDisposable> attached = disposables.ToList();
        attached.ForEach(Attach);
        return attached;
    }

    public bool Contains(IDisposable disposable) => disposables.Contains(disposable);

    /// <summary>Lets go of something that its owner has disposed.</summary>
    public void MarkAsDisposed(IDisposable disposable)
    {
        manager.Counts.DisposedInScopeCount++;
        disposables.Remove(disposable);
        SetOwner(disposable, null);
    }

    public void DisposeEverything() => DisposeEverythingBut(Enumerable.Empty<IDisposable>());

    public T DisposeEverythingBut<T>(T keep)
        where T : IDisposable
    {
        DisposeEverythingBut(new IDisposable[] { keep });
        return keep;
    }

    public (T1 first, T2 second) DisposeEverythingBut<T1, T2>(T1 first, T2 second)
        where T1 : IDisposable
        where T2 : IDisposable
    {
        DisposeEverythingBut(new IDisposable[] { first, second });
        return (first, second);
    }

    public (T1 first, T2 second, T3 third) DisposeEverythingBut<T1, T2, T3>(T1 first, T2 second, T3 third)
        where T1 : IDisposable
        where T2 : IDisposable
        where T3 : IDisposable
    {
        DisposeEverythingBut(new IDisposable[] { first, second, third });
        return (first, second, third);
    }

    public void DisposeEverythingBut(params IDisposable[] keep) =>
        DisposeEverythingBut((IEnumerable<IDisposable>)keep);

    public void DisposeEverythingBut(IEnumerable<IDisposable> inKeep)
    {
        HashSet<IDisposable> held = disposables;
        disposables = new HashSet<IDisposable>(inKeep, ReferenceEqualityComparer.Instance);
        foreach (IDisposable disposable in held)
        {
            if (disposables.Contains(disposable))
            {
                continue;
            }

            // Without an owner it does not report back that it is disposed.
            SetOwner(disposable, null);
            if (disposable is not torch.Tensor { IsInvalid: true })
            {
                manager.Counts.DisposedInScopeCount++;
            }

            disposable.Dispose();
        }
    }

    public void Dispose()
    {
        DisposeEverything();
        manager.End(this);
    }

    private static void SetOwner(IDisposable disposable, DisposeScope owner)
    {
        if (disposable is torch.Tensor tensor)
        {
            tensor.OwningDisposeScope = owner;
        }
    }

    private void Adopt(DisposeScope scope, IDisposable disposable)
    {
        if (scope is null)
        {
            manager.Counts.DetachedFromScopeCount++;
        }
        else
        {
            scope.disposables.Add(disposable);
        }

        SetOwner(disposable, scope);
    }

    private void Move(DisposeScope scope, IDisposable disposable)
    {
        if (disposables.Remove(disposable))
        {
            Adopt(scope, disposable);
        }
    }

    private void Release(IDisposable disposable) => Move(null, disposable);
}

/// <summary>The scopes of a thread, the innermost on top.</summary>
public class DisposeScopeManager
{
    [ThreadStatic]
    private static DisposeScopeManager current;

    public static ThreadDisposeScopeStatistics Statistics => Current.Counts;

    internal static DisposeScopeManager Current => current ??= new DisposeScopeManager();

    internal Stack<DisposeScope> Scopes { get; } = new();

    internal ThreadDisposeScopeStatistics Counts { get; } = new();

    /// <summary>Gives something new to the innermost scope and returns that, or null when there is none.</summary>
    internal static DisposeScope Register(IDisposable created)
    {
        DisposeScopeManager manager = Current;
        if (!manager.Scopes.TryPeek(out DisposeScope scope))
        {
            manager.Counts.CreatedOutsideScopeCount++;
            return null;
        }

        manager.Counts.CreatedInScopeCount++;
        scope.Include(created);
        return scope;
    }

    internal DisposeScope Begin()
    {
        var scope = new DisposeScope(this);
        Scopes.Push(scope);
        return scope;
    }

    internal void End(DisposeScope scope)
    {
        if (!Scopes.TryPeek(out DisposeScope innermost) || innermost != scope)
        {
            throw new InvalidOperationException(
                "Dispose scopes end in the reverse order of their beginning, on the thread that began them.");
        }

        Scopes.Pop();
    }
}

/// <summary>Counts of what the current thread created, and of what became of it.</summary>
public class ThreadDisposeScopeStatistics
{
    public long CreatedInScopeCount { get; internal set; }

    public long CreatedOutsideScopeCount { get; internal set; }

    public long DetachedFromScopeCount { get; internal set; }

    public long DisposedInScopeCount { get; internal set; }

    /// <summary>How many live in scopes: what was created outside any, or detached, is not counted.</summary>
    public long ThreadTotalLiveCount => CreatedInScopeCount - DisposedInScopeCount - DetachedFromScopeCount;

    public void Reset()
    {
        CreatedInScopeCount = 0;
        CreatedOutsideScopeCount = 0;
        DetachedFromScopeCount = 0;
        DisposedInScopeCount = 0;
    }
}
