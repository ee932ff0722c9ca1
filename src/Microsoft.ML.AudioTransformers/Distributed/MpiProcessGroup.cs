using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.ML.AudioTransformers.Core;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Distributed;

/// <summary>Process group of the ranks that mpirun, mpiexec or srun started.</summary>
/// <remarks>
/// Operations are started and then tested in turn with a look for a failed rank's message, so that none waits longer than the
/// limit. MPI is ended with the process: normally where all went well, else for all ranks at once.
/// </remarks>
internal sealed unsafe class MpiProcessGroup : ProcessGroup
{
    // A tag that no operation uses, and the size of all messages under it.
    private const int FailureTag = 4711;
    private const int FailureBytes = 2048;

    private static readonly Lock s_lock = new();
    private static MpiProcessGroup? s_world;

    private readonly MpiLibrary _library;
    private readonly string _path;
    private readonly byte[] _message = new byte[FailureBytes];
    private TimeSpan _limit;
    private string? _failure;

    private MpiProcessGroup(MpiLibrary library, string path)
    {
        (_library, _path) = (library, path);
        (Rank, Size) = library.Place();
        Name = library.Version();
    }

    /// <inheritdoc/>
    public override int Rank { get; }

    /// <inheritdoc/>
    public override int Size { get; }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    protected override Device Device => CPU;

    /// <summary>The group of all ranks; MPI is started at the first call of a process.</summary>
    /// <param name="path">Path or name of the library; null to look for one.</param>
    /// <param name="limit">Longest wait for the other ranks in one operation.</param>
    /// <exception cref="DllNotFoundException">There is no MPI library.</exception>
    public static MpiProcessGroup Join(string? path, TimeSpan limit)
    {
        lock (s_lock)
        {
            if (s_world is null)
            {
                // UCX, which Open MPI may use, takes over the signals by which .NET finds null references, unless it is told
                // not to before it is loaded.
                NativeEnvironment.SetByDefault("UCX_ERROR_SIGNALS", "");
                MpiLibrary library = MpiLibrary.Load(path);
                bool isOurs = library.Start();
                s_world = new MpiProcessGroup(library, path ?? "");
                if (isOurs)
                {
                    AppDomain.CurrentDomain.ProcessExit += (_, _) => s_world.End();
                }
            }
            else if (path is not null && path != s_world._path)
            {
                throw new ArgumentException(
                    $"Option Distributed.LibraryPath is '{path}'; expected '{s_world._path}', which this process has "
                    + "started, since a process has one MPI.",
                    nameof(path));
            }

            s_world._limit = limit;
            return s_world;
        }
    }

    /// <inheritdoc/>
    public override void Fail(string message)
    {
        if (_failure is not null)
        {
            return;
        }

        _failure = message;
        byte[] bytes = new byte[FailureBytes];
        string text = string.Create(CultureInfo.InvariantCulture, $"Rank {Rank} of {Size} failed: {message}");
        Encoding.UTF8.GetEncoder().Convert(text, bytes, flush: true, out _, out _, out _);
        GCHandle pinned = GCHandle.Alloc(bytes, GCHandleType.Pinned);
        try
        {
            List<nint> requests = [.. Enumerable.Range(0, Size).Where(rank => rank != Rank)
                .Select(rank => _library.StartSend(pinned.AddrOfPinnedObject(), bytes.Length, rank, FailureTag))];

            // Such short messages leave at once; a rank that is gone must not hold this one up.
            var watch = Stopwatch.StartNew();
            while (requests.Count > 0 && watch.Elapsed < TimeSpan.FromSeconds(5))
            {
                requests.RemoveAll(request => _library.IsDone(ref request));
                Thread.Sleep(1);
            }

            if (requests.Count == 0)
            {
                pinned.Free();
            }
        }
        catch (DistributedException)
        {
            // The failure that is told is worth more than this one. The memory stays pinned: MPI may still read it.
        }
    }

    /// <inheritdoc/>
    protected override void Sum(IReadOnlyList<Memory> memories) => Run("sum", memories, _library.StartSum);

    /// <inheritdoc/>
    protected override void Send(IReadOnlyList<Memory> memories) => Run("broadcast", memories, _library.StartBroadcast);

    private void Run(string name, IReadOnlyList<Memory> memories, Func<nint, int, ScalarType, nint> start)
    {
        if (_failure is not null)
        {
            throw new DistributedException($"The process group has failed before: {_failure}");
        }

        var requests = new nint[memories.Count];
        for (int i = 0; i < requests.Length; i++)
        {
            Memory memory = memories[i];
            requests[i] = start(memory.Pointer, checked((int)memory.Count), memory.Type);
        }

        var watch = Stopwatch.StartNew();
        var spinner = new SpinWait();
        for (int next = 0; next < requests.Length;)
        {
            if (_library.IsDone(ref requests[next]))
            {
                next++;
                continue;
            }

            LookForFailure();
            if (watch.Elapsed > _limit)
            {
                _failure = string.Create(
                    CultureInfo.InvariantCulture,
                    $"rank {Rank} of {Size} waited {watch.Elapsed.TotalSeconds:0.#} s for the other ranks in a {name}; expected them "
                    + $"within {_limit.TotalSeconds:0.#} s, the option Distributed.TimeoutSeconds.");
                throw new DistributedException(char.ToUpperInvariant(_failure[0]) + _failure[1..]);
            }

            // Yields to other threads, and sleeps only after a while: ranks mostly come together.
            spinner.SpinOnce(sleep1Threshold: 2000);
        }
    }

    private void LookForFailure()
    {
        if (_library.TryReceive(_message, FailureTag))
        {
            _failure = Encoding.UTF8.GetString(_message).TrimEnd('\0');
            throw new DistributedException(_failure);
        }
    }

    private void End()
    {
        if (_failure is null)
        {
            _library.Finish();
        }
        else
        {
            _library.Abort(1);
        }
    }
}
