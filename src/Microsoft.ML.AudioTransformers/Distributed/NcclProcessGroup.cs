using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Distributed;

/// <summary>
/// Process group of ranks with a GPU each, over NCCL. Sums are queued behind the kernels that make the gradients, on the stream that
/// LibTorch uses by default. Source of the calls: nccl.h of NCCL 2.
/// </summary>
internal sealed unsafe class NcclProcessGroup : ProcessGroup
{
    private const int Succeeded = 0;
    private const int CudaNotReady = 600;

    private static readonly Lock s_lock = new();
    private static NcclProcessGroup? s_world;

    private readonly nint _nccl;
    private readonly Rendezvous _rendezvous;
    private readonly nint _communicator;
    private readonly delegate* unmanaged<nint, int> _queryStream;
    private TimeSpan _limit;
    private string? _failure;

    private NcclProcessGroup(string? path, TimeSpan limit)
    {
        _limit = limit;
        RankPlace place = RankPlace.FromEnvironment(Environment.GetEnvironmentVariable);
        _nccl = Load(path is null ? Names() : [path]);
        nint runtime = Load(OperatingSystem.IsWindows() ? ["cudart64_12.dll"] : ["libcudart.so.12", "libcudart.so.13", "libcudart.so"]);
        _queryStream = (delegate* unmanaged<nint, int>)NativeLibrary.GetExport(runtime, "cudaStreamQuery");
        Device = new Device(DeviceType.CUDA, place.LocalRank);
        _rendezvous = Rendezvous.Meet(place, CreateId, limit);
        UniqueId id = MemoryMarshal.Read<UniqueId>(_rendezvous.Shared);

        // The call waits for all ranks, without a limit of its own.
        Task<nint> joined = Task.Run(() =>
        {
            var setDevice = (delegate* unmanaged<int, int>)NativeLibrary.GetExport(runtime, "cudaSetDevice");
            int error = setDevice(place.LocalRank);
            if (error != 0)
            {
                throw new DistributedException($"CUDA has no device {place.LocalRank} (LOCAL_RANK): error {error}.");
            }

            nint communicator;
            Check(
                ((delegate* unmanaged<nint*, int, UniqueId, int, int>)Export("ncclCommInitRank"))(
                    &communicator, place.Size, id, place.Rank),
                "join");
            return communicator;
        });
        Wait("join", () => joined.IsCompleted);
        _communicator = joined.GetAwaiter().GetResult();
    }

    /// <inheritdoc/>
    public override int Rank => _rendezvous.Place.Rank;

    /// <inheritdoc/>
    public override int Size => _rendezvous.Place.Size;

    /// <inheritdoc/>
    public override string Name
    {
        get
        {
            int version;
            Check(((delegate* unmanaged<int*, int>)Export("ncclGetVersion"))(&version), "version");
            return string.Create(CultureInfo.InvariantCulture, $"NCCL {version}");
        }
    }

    /// <inheritdoc/>
    protected override Device Device { get; }

    /// <summary>The group of all ranks; they are joined at the first call of a process.</summary>
    /// <param name="path">Path or name of the library; null to look for one.</param>
    /// <param name="limit">Longest wait for the other ranks in one operation.</param>
    public static NcclProcessGroup Join(string? path, TimeSpan limit)
    {
        lock (s_lock)
        {
            if (s_world is null)
            {
                s_world = new NcclProcessGroup(path, limit);
                AppDomain.CurrentDomain.ProcessExit += (_, _) => s_world.End();
            }

            s_world._limit = limit;
            return s_world;
        }
    }

    /// <inheritdoc/>
    public override void CheckDevice(Device device)
    {
        if (device.type != DeviceType.CUDA || Math.Max(0, device.index) != Device.index)
        {
            throw new DistributedException(
                $"The model is on {device}, and NCCL of this rank on {Device}, by the variable LOCAL_RANK; expected the same: set "
                + "MLContext.GpuDeviceId to LOCAL_RANK.");
        }
    }

    /// <inheritdoc/>
    public override void Fail(string message)
    {
        if (_failure is null)
        {
            _failure = message;
            _rendezvous.Tell(string.Create(CultureInfo.InvariantCulture, $"Rank {Rank} of {Size} failed: {message}"));
        }
    }

    /// <inheritdoc/>
    protected override void Sum(IReadOnlyList<Memory> memories) => Run("sum", memories, memory =>
        ((delegate* unmanaged<nint, nint, nuint, int, int, nint, nint, int>)Export("ncclAllReduce"))(
            memory.Pointer, memory.Pointer, (nuint)memory.Count, TypeOf(memory.Type), 0, _communicator, 0));

    /// <inheritdoc/>
    protected override void Send(IReadOnlyList<Memory> memories) => Run("broadcast", memories, memory =>
        ((delegate* unmanaged<nint, nint, nuint, int, int, nint, nint, int>)Export("ncclBroadcast"))(
            memory.Pointer, memory.Pointer, (nuint)memory.Count, TypeOf(memory.Type), 0, _communicator, 0));

    private void Run(string name, IReadOnlyList<Memory> memories, Func<Memory, int> start)
    {
        if (_failure is not null)
        {
            throw new DistributedException($"The process group has failed before: {_failure}");
        }

        Check(((delegate* unmanaged<int>)Export("ncclGroupStart"))(), name);
        foreach (Memory memory in memories)
        {
            Check(start(memory), name);
        }

        Check(((delegate* unmanaged<int>)Export("ncclGroupEnd"))(), name);
        Wait(name, () => _queryStream(0) is int state && (state == Succeeded || (state != CudaNotReady
            ? throw new DistributedException($"CUDA: the {name} failed with error {state}.")
            : false)));
        int error;
        Check(((delegate* unmanaged<nint, int*, int>)Export("ncclCommGetAsyncError"))(_communicator, &error), name);
        Check(error, name);
    }

    private void Wait(string name, Func<bool> isDone)
    {
        var watch = Stopwatch.StartNew();
        var spinner = new SpinWait();
        while (!isDone())
        {
            _failure = _rendezvous.Failure();
            if (_failure is null && watch.Elapsed > _limit)
            {
                _failure = string.Create(
                    CultureInfo.InvariantCulture,
                    $"Rank {Rank} of {Size} waited {watch.Elapsed.TotalSeconds:0.#} s for the other ranks in a {name}; expected them "
                    + $"within {_limit.TotalSeconds:0.#} s, the option Distributed.TimeoutSeconds.");
            }

            if (_failure is not null)
            {
                throw new DistributedException(_failure);
            }

            spinner.SpinOnce(sleep1Threshold: 2000);
        }
    }

    private byte[] CreateId()
    {
        UniqueId id;
        Check(((delegate* unmanaged<UniqueId*, int>)Export("ncclGetUniqueId"))(&id), "identifier");
        return MemoryMarshal.AsBytes(new ReadOnlySpan<UniqueId>(in id)).ToArray();
    }

    private void End()
    {
        // Destroying waits for what is under way, aborting does not.
        _ = ((delegate* unmanaged<nint, int>)Export(_failure is null ? "ncclCommDestroy" : "ncclCommAbort"))(_communicator);
        _rendezvous.Dispose();
    }

    private static string[] Names() => OperatingSystem.IsWindows() ? ["nccl.dll"] : ["libnccl.so.2", "libnccl.so"];

    private static nint Load(string[] names)
    {
        foreach (string name in names)
        {
            if (NativeLibrary.TryLoad(name, out nint library))
            {
                return library;
            }
        }

        throw new DllNotFoundException(
            $"None of {string.Join(", ", names)} was found. Expected the CUDA runtime and NCCL on the library path, or option "
            + "Distributed.LibraryPath to name NCCL's library.");
    }

    private static int TypeOf(ScalarType type) => type switch
    {
        ScalarType.Byte => 1,
        ScalarType.Int64 => 4,
        ScalarType.Float32 => 7,
        ScalarType.Float64 => 8,
        _ => throw new NotSupportedException($"NCCL operations take no {type} here."),
    };

    private nint Export(string name) => NativeLibrary.GetExport(_nccl, name);

    private void Check(int error, string what)
    {
        if (error != Succeeded)
        {
            nint text = ((delegate* unmanaged<int, nint>)Export("ncclGetErrorString"))(error);
            throw new DistributedException($"NCCL: the {what} failed: {Marshal.PtrToStringUTF8(text)}.");
        }
    }

    /// <summary>ncclUniqueId, 128 bytes that are passed by value.</summary>
    [InlineArray(128)]
    private struct UniqueId
    {
        private byte _first;
    }
}
