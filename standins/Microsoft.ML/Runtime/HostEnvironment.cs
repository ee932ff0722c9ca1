namespace Microsoft.ML.Runtime;

/// <summary>The environment of an <see cref="MLContext"/>, and (as <see cref="Host"/>) the hosts registered in it.</summary>
internal class HostEnvironment : IHostEnvironmentInternal, ICancelable
{
    private readonly object _lock = new();
    private readonly List<WeakReference<Host>> _children = [];
    private readonly HostEnvironment _master;

    public HostEnvironment(int? seed)
    {
        Seed = seed;
        Random = seed is int value ? new Random(value) : new Random();
        Dispatcher = new MessageDispatcher();
        ComponentCatalog = new ComponentCatalog();
    }

    protected HostEnvironment(HostEnvironment master, string shortName, Random random)
    {
        _master = master;
        ShortName = shortName;
        // As in the real one, a host is named under its grandparent.
        ParentFullName = master._master?.FullName;
        FullName = ParentFullName == null ? shortName : $"{ParentFullName}; {shortName}";
        Random = random;
        Seed = master.Seed;
        GpuDeviceId = master.GpuDeviceId;
        FallbackToCpu = master.FallbackToCpu;
        Dispatcher = master.Dispatcher;
        ComponentCatalog = master.ComponentCatalog;
        IsCanceled = master.IsCanceled;
    }

    public int? Seed { get; }

    public string TempFilePath { get; set; } = Path.GetTempPath();

    public bool FallbackToCpu { get; set; }

    public int? GpuDeviceId { get; set; }

    public ComponentCatalog ComponentCatalog { get; }

    public bool IsCanceled { get; private set; }

    public string ShortName { get; }

    public string ParentFullName { get; }

    public string FullName { get; }

    public MessageDispatcher Dispatcher { get; }

    public string ContextDescription => "HostEnvironment";

    protected Random Random { get; }

    public IHost Register(string name, int? seed = null, bool? verbose = null)
    {
        Contracts.CheckNonEmpty(name, nameof(name));
        lock (_lock)
        {
            _children.RemoveAll(child => !child.TryGetTarget(out _));
            var host = new Host(this, name, new Random(seed ?? Random.Next()));
            // As in the real one, a host's own hosts do not inherit the folder.
            if (_master == null)
                host.TempFilePath = TempFilePath;
            if (!IsCanceled)
                _children.Add(new WeakReference<Host>(host));
            return host;
        }
    }

    public void CancelExecution()
    {
        lock (_lock)
        {
            foreach (WeakReference<Host> child in _children)
            {
                if (child.TryGetTarget(out Host host))
                    host.CancelExecution();
            }

            _children.Clear();
            IsCanceled = true;
        }
    }

    public IChannel Start(string name) => new Channel(this, name);

    public IPipe<TMessage> StartPipe<TMessage>(string name) => new Pipe<TMessage>(this, name);

    public IProgressChannel StartProgressChannel(string name) => new ProgressChannel(this, name);

    public TException Process<TException>(TException ex)
        where TException : Exception
    {
        if (ex != null)
        {
            ex.Data["Throwing component"] = "Environment";
            Contracts.Mark(ex);
        }

        return ex;
    }
}

internal sealed class Host : HostEnvironment, IHost
{
    public Host(HostEnvironment master, string shortName, Random random)
        : base(master, shortName, random)
    {
    }

    public Random Rand => Random;
}
