using System.Globalization;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Distributed;

/// <summary>
/// A library of MPI, by its C interface: Open MPI, or one with MPICH's ABI (MPICH, Intel MPI, MVAPICH2, MS-MPI). The standard fixes
/// the functions; the handles of communicators, types and operators are addresses of symbols in Open MPI, and numbers in
/// MPICH. Source: MPI 3.1, and the two libraries' mpi.h.
/// </summary>
internal sealed unsafe class MpiLibrary
{
    // MPI_THREAD_SERIALIZED, the same number in both: any thread may call, one at a time.
    private const int Serialized = 2;

    private readonly nint _library;
    private readonly bool _isOpenMpi;
    private readonly delegate* unmanaged<nint*, int*, nint, int> _test;
    private readonly delegate* unmanaged<nint, nint, int, nint, nint, nint, nint*, int> _sum;
    private readonly delegate* unmanaged<nint, int, nint, int, nint, nint*, int> _broadcast;
    private readonly delegate* unmanaged<int, int, nint, int*, nint, int> _probe;
    private readonly delegate* unmanaged<nint, int, nint, int, int, nint, nint*, int> _send;
    private readonly delegate* unmanaged<nint, int, nint, int, int, nint, nint, int> _receive;

    private MpiLibrary(nint library, string path)
    {
        _library = library;
        Path = path;
        _isOpenMpi = NativeLibrary.TryGetExport(library, "ompi_mpi_comm_world", out _);
        World = Handle("ompi_mpi_comm_world", 0x44000000);
        _test = (delegate* unmanaged<nint*, int*, nint, int>)Export("MPI_Test");
        _sum = (delegate* unmanaged<nint, nint, int, nint, nint, nint, nint*, int>)Export("MPI_Iallreduce");
        _broadcast = (delegate* unmanaged<nint, int, nint, int, nint, nint*, int>)Export("MPI_Ibcast");
        _probe = (delegate* unmanaged<int, int, nint, int*, nint, int>)Export("MPI_Iprobe");
        _send = (delegate* unmanaged<nint, int, nint, int, int, nint, nint*, int>)Export("MPI_Isend");
        _receive = (delegate* unmanaged<nint, int, nint, int, int, nint, nint, int>)Export("MPI_Recv");
    }

    /// <summary>Path or name by which the library was found.</summary>
    public string Path { get; }

    /// <summary>MPI_COMM_WORLD.</summary>
    public nint World { get; }

    private nint Byte => Handle("ompi_mpi_byte", 0x4c00010d);

    // An address that stands for "no status", and one for "in place".
    private nint NoStatus => _isOpenMpi ? 0 : 1;

    private nint InPlace => _isOpenMpi ? 1 : -1;

    private int AnySource => _isOpenMpi ? -1 : -2;

    /// <summary>Loads the library of the launcher that started this process, or the first that is found.</summary>
    /// <param name="path">Path or name of the library; null to look for one.</param>
    /// <exception cref="DllNotFoundException">There is none; the message says what to install.</exception>
    public static MpiLibrary Load(string? path)
    {
        string[] names = path is not null ? [path] : Names();
        foreach (string name in names)
        {
            if (NativeLibrary.TryLoad(name, out nint library))
            {
                return new MpiLibrary(library, name);
            }
        }

        throw new DllNotFoundException(
            $"No MPI library was found: {string.Join(", ", names)}. Expected one that is installed (openmpi-bin or mpich on "
            + "Debian and Ubuntu, MS-MPI on Windows), or option Distributed.LibraryPath to name it.");
    }

    /// <summary>Name and version of the library, a line.</summary>
    public string Version()
    {
        // MPI_MAX_LIBRARY_VERSION_STRING is at most 8192 in either.
        byte[] text = new byte[8192];
        int length;
        fixed (byte* pointer = text)
        {
            Check(((delegate* unmanaged<byte*, int*, int>)Export("MPI_Get_library_version"))(pointer, &length), "version");
        }

        return System.Text.Encoding.UTF8.GetString(text, 0, length).TrimEnd('\0').Split('\n')[0].Trim();
    }

    /// <summary>Starts MPI, unless the app has, and lets errors be returned in place of ending the process.</summary>
    /// <returns>Whether it was started here, and so has to be ended here.</returns>
    public bool Start()
    {
        int isStarted;
        Check(((delegate* unmanaged<int*, int>)Export("MPI_Initialized"))(&isStarted), "start");
        if (isStarted == 0)
        {
            int level;
            Check(
                ((delegate* unmanaged<nint, nint, int, int*, int>)Export("MPI_Init_thread"))(0, 0, Serialized, &level),
                "start");
            if (level < Serialized)
            {
                throw new NotSupportedException(
                    $"'{Path}' has the thread level {level.ToString(CultureInfo.InvariantCulture)}; expected {Serialized}, "
                    + "MPI_THREAD_SERIALIZED.");
            }
        }

        Check(
            ((delegate* unmanaged<nint, nint, int>)Export("MPI_Comm_set_errhandler"))(
                World, Handle("ompi_mpi_errors_return", 0x54000001)),
            "start");
        return isStarted == 0;
    }

    /// <summary>Rank of this process, and number of all.</summary>
    public (int Rank, int Size) Place()
    {
        int rank;
        int size;
        Check(((delegate* unmanaged<nint, int*, int>)Export("MPI_Comm_rank"))(World, &rank), "rank");
        Check(((delegate* unmanaged<nint, int*, int>)Export("MPI_Comm_size"))(World, &size), "size");
        return (rank, size);
    }

    /// <summary>Ends MPI: waits for the other ranks to do so.</summary>
    public void Finish() => ((delegate* unmanaged<int>)Export("MPI_Finalize"))();

    /// <summary>Ends all ranks at once.</summary>
    public void Abort(int code) => ((delegate* unmanaged<nint, int, int>)Export("MPI_Abort"))(World, code);

    /// <summary>Starts a sum over all ranks, in place.</summary>
    public nint StartSum(nint memory, int count, ScalarType type)
    {
        nint request = 0;
        Check(
            _sum(InPlace, memory, count, TypeOf(type), Handle("ompi_mpi_op_sum", 0x58000003), World, &request), "sum");
        return request;
    }

    /// <summary>Starts a broadcast from rank 0.</summary>
    public nint StartBroadcast(nint memory, int count, ScalarType type)
    {
        nint request = 0;
        Check(_broadcast(memory, count, TypeOf(type), 0, World, &request), "broadcast");
        return request;
    }

    /// <summary>Whether an operation is done; the request is then no longer valid.</summary>
    public bool IsDone(ref nint request)
    {
        int isDone;
        fixed (nint* pointer = &request)
        {
            Check(_test(pointer, &isDone, NoStatus), "operation");
        }

        return isDone != 0;
    }

    /// <summary>Starts sending bytes to a rank; the memory has to stay until the request is done.</summary>
    public nint StartSend(nint memory, int count, int rank, int tag)
    {
        nint request = 0;
        Check(_send(memory, count, Byte, rank, tag, World, &request), "send");
        return request;
    }

    /// <summary>Receives a message of so many bytes from any rank, if one has come.</summary>
    public bool TryReceive(Span<byte> memory, int tag)
    {
        int hasCome;
        Check(_probe(AnySource, tag, World, &hasCome, NoStatus), "probe");
        if (hasCome != 0)
        {
            fixed (byte* pointer = memory)
            {
                Check(_receive((nint)pointer, memory.Length, Byte, AnySource, tag, World, NoStatus), "receive");
            }
        }

        return hasCome != 0;
    }

    // The library of the launcher: Open MPI's mpirun sets OMPI_COMM_WORLD_SIZE; MPICH's, and Slurm with PMI, PMI_RANK.
    private static string[] Names()
    {
        string[] open = OperatingSystem.IsMacOS() ? ["libmpi.dylib"] : ["libmpi.so.40", "libmpi.so"];
        string[] mpich = OperatingSystem.IsMacOS() ? ["libmpi.12.dylib", "libmpich.dylib"] : ["libmpich.so.12", "libmpi.so.12"];
        return OperatingSystem.IsWindows() ? ["msmpi.dll"]
            : Environment.GetEnvironmentVariable("OMPI_COMM_WORLD_SIZE") is null
                && Environment.GetEnvironmentVariable("PMI_RANK") is not null
                ? [.. mpich, .. open]
                : [.. open, .. mpich];
    }

    private nint TypeOf(ScalarType type) => type switch
    {
        ScalarType.Float32 => Handle("ompi_mpi_float", 0x4c00040a),
        ScalarType.Float64 => Handle("ompi_mpi_double", 0x4c00080b),
        ScalarType.Int64 => Handle("ompi_mpi_long_long_int", 0x4c000809),
        ScalarType.Byte => Byte,
        _ => throw new NotSupportedException($"MPI operations take no {type} here."),
    };

    private nint Handle(string symbol, int number) => _isOpenMpi ? Export(symbol) : number;

    private nint Export(string name) => NativeLibrary.TryGetExport(_library, name, out nint address)
        ? address
        : throw new EntryPointNotFoundException($"'{Path}' has no {name}; expected a library of MPI 3 or later.");

    private void Check(int error, string what)
    {
        if (error != 0)
        {
            throw new DistributedException(
                $"MPI ({Path}): the {what} failed with error {error.ToString(CultureInfo.InvariantCulture)}.");
        }
    }
}
