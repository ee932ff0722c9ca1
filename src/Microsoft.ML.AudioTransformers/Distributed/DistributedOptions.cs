using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioTransformers.Distributed;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// Data-parallel training: several processes, called ranks, train one model. Each computes its share of every batch, and the
/// gradients are summed over all, so that the weights are those of one process with the same batch size.
/// </summary>
/// <remarks>
/// The same program runs in each process, as <c>mpirun -n 4 dotnet run Train.cs</c> starts it. All ranks read the same data; rank
/// 0 alone has the workspace, logs, reports progress and calls <see cref="AudioTrainerOptions.MetricsCallback"/>, and every rank
/// gets the trained model.
/// </remarks>
public sealed class DistributedOptions : IOptionGroup
{
    /// <summary>Kind of library that sums over the ranks. Default: MPI.</summary>
    public DistributedBackend Backend = DistributedBackend.Mpi;

    /// <summary>
    /// Library of MPI or NCCL: a path or a name; null for the one of the launcher that started the process, or the first that is
    /// installed. Default: null.
    /// </summary>
    [Text("a library's path or name", OrNull = true)]
    public string? LibraryPath;

    /// <summary>
    /// Longest wait, in seconds, for the other ranks in one operation, above 0 to 86,400: longer than what one rank does alone, as
    /// reading the training set. After it, training ends with a <see cref="DistributedException"/>. Default: 1800.
    /// </summary>
    [Between(0, 86_400, IsAboveMinimum = true)]
    public double TimeoutSeconds = 1800;


    /// <summary>Index of this process among the ranks, from 0. Joins the other ranks at the first call of a process.</summary>
    /// <exception cref="DllNotFoundException">The library is not installed.</exception>
    /// <exception cref="DistributedException">The other ranks cannot be joined.</exception>
    public int Rank => Join().Rank;

    /// <summary>Number of ranks; 1 where the program was started without a launcher.</summary>
    /// <inheritdoc cref="Rank" path="/exception"/>
    public int Size => Join().Size;

    /// <summary>
    /// Ranks that <c>mpirun</c>, <c>mpiexec</c> or <c>srun</c> started, over MPI: Open MPI, MPICH and those with its ABI, or MS-MPI.
    /// Gradients are summed in the memory of the host.
    /// </summary>
    public static DistributedOptions Mpi() => new() { Backend = DistributedBackend.Mpi };

    /// <summary>
    /// Ranks on GPUs over NCCL, which sums in the GPUs' memory. As with torchrun, the variables <c>RANK</c>,
    /// <c>WORLD_SIZE</c>, <c>MASTER_ADDR</c> and <c>MASTER_PORT</c> tell each process its place; <c>LOCAL_RANK</c> is the number
    /// for <c>MLContext.GpuDeviceId</c>.
    /// </summary>
    public static DistributedOptions Nccl() => new() { Backend = DistributedBackend.Nccl };

    /// <summary>Joins the other ranks.</summary>
    internal ProcessGroup Join()
    {
        var limit = TimeSpan.FromSeconds(TimeoutSeconds);
        return Backend == DistributedBackend.Mpi
            ? MpiProcessGroup.Join(LibraryPath, limit)
            : NcclProcessGroup.Join(LibraryPath, limit);
    }
}

/// <summary>Library that sums over the ranks of a data-parallel training.</summary>
public enum DistributedBackend
{
    /// <summary>MPI, see <see cref="DistributedOptions.Mpi"/>.</summary>
    Mpi,

    /// <summary>NCCL, see <see cref="DistributedOptions.Nccl"/>.</summary>
    Nccl,
}

/// <summary>Another rank of a data-parallel training failed, or did not come to an operation in time.</summary>
public sealed class DistributedException : InvalidOperationException
{
    internal DistributedException(string message)
        : base(message)
    {
    }
}
