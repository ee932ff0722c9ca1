using System.Runtime.InteropServices;
using System.Text;
using Microsoft.ML.AudioTransformers.Core;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Distributed;

/// <summary>
/// Process group: the processes of a data-parallel training, called ranks, and what they compute together. All ranks call the
/// same operations in the same order. The name and its terms are those of torch.distributed.
/// </summary>
internal abstract unsafe class ProcessGroup
{
    // Tensors of fewer bytes are summed in one buffer; larger ones in their own memory, without a copy.
    private const int PackedBytes = 256 * 1024;

    /// <summary>Index of this process, from 0.</summary>
    public abstract int Rank { get; }

    /// <summary>Number of processes.</summary>
    public abstract int Size { get; }

    /// <summary>The library that the ranks speak through, with its version.</summary>
    public abstract string Name { get; }

    /// <summary>Whether this is the process that writes files and logs, rank 0.</summary>
    public bool IsFirst => Rank == 0;

    /// <summary>Device whose memory the operations take.</summary>
    protected abstract Device Device { get; }

    /// <summary>Replaces each tensor by its sum over all ranks.</summary>
    /// <param name="tensors">Tensors of one type, float32 or float64, of the same shapes on each rank.</param>
    /// <exception cref="DistributedException">Another rank failed, or did not come within the time limit.</exception>
    public void AllReduce(IReadOnlyList<Tensor> tensors)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable guard = no_grad();
        Tensor[] direct = [.. tensors.Where(IsDirect)];
        Tensor[] packed = [.. tensors.Where(tensor => !IsDirect(tensor))];
        List<Memory> memories = [.. direct.Select(MemoryOf)];
        Tensor? pack = null;
        if (packed.Length > 0)
        {
            pack = cat([.. packed.Select(tensor => tensor.detach().reshape(-1).to(Device))], 0).contiguous();
            memories.Add(MemoryOf(pack));
        }

        Sum(memories);
        long start = 0;
        foreach (Tensor tensor in packed)
        {
            long count = tensor.numel();
            Tensor part = pack!.narrow(0, start, count).reshape(tensor.shape);
            tensor.copy_(part);
            start += count;
        }
    }

    /// <summary>Replaces each number by its sum over all ranks, with the same bits on each.</summary>
    public void AllReduce(Span<double> values)
    {
        using DisposeScope scope = NewDisposeScope();
        using Tensor tensor = TensorData.Create<double>(values, [values.Length], Device);
        Sum([MemoryOf(tensor)]);
        Send([MemoryOf(tensor)]);
        using Tensor onCpu = tensor.cpu();
        TensorData.Read<double>(onCpu).CopyTo(values);
    }

    /// <summary>Whether a flag is set on any rank.</summary>
    /// <param name="flag">Flag of this rank.</param>
    public bool IsAny(bool flag)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor flags = TensorData.Create<double>([flag ? 1 : 0], [1], Device);
        Sum([MemoryOf(flags)]);
        using Tensor onCpu = flags.cpu();
        return TensorData.Read<double>(onCpu)[0] > 0;
    }

    /// <summary>Replaces tensors by those of rank 0.</summary>
    /// <param name="tensors">Tensors of the same types and shapes on each rank.</param>
    public void Broadcast(IReadOnlyList<Tensor> tensors)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable guard = no_grad();
        List<(Tensor Tensor, Tensor Copy)> copies = [];
        List<Memory> memories = [];
        foreach (Tensor tensor in tensors)
        {
            if (tensor.is_contiguous() && tensor.device.type == Device.type)
            {
                memories.Add(MemoryOf(tensor));
                continue;
            }

            Tensor copy = tensor.detach().to(Device).contiguous();
            copies.Add((tensor, copy));
            memories.Add(MemoryOf(copy));
        }

        // All at once, so that the ranks do not meet for each.
        Send(memories);
        copies.ForEach(item => item.Tensor.copy_(item.Copy));
    }

    /// <summary>Text of rank 0, on all ranks.</summary>
    /// <param name="text">Text; not used on other ranks than 0.</param>
    public string Broadcast(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Span<double> length = [IsFirst ? bytes.Length : 0];
        AllReduce(length);
        using DisposeScope scope = NewDisposeScope();
        Tensor memory = zeros([(long)length[0] + 1], ScalarType.Byte);
        if (IsFirst)
        {
            bytes.CopyTo(TensorData.Read<byte>(memory));
        }

        Broadcast([memory]);
        return Encoding.UTF8.GetString(TensorData.Read<byte>(memory)[..(int)length[0]]);
    }

    /// <summary>Rows of all ranks, in the order of the ranks: (rows, width) to (rows of all, width).</summary>
    /// <param name="rows">This rank's rows, float32.</param>
    /// <param name="first">Index of its first row among those of all.</param>
    /// <param name="total">Rows of all ranks.</param>
    /// <returns>A tensor on the CPU, in the current dispose scope.</returns>
    public Tensor Gather(Tensor rows, long first, long total)
    {
        Tensor all = zeros([total, rows.shape[1]]);
        using Tensor own = all.narrow(0, first, rows.shape[0]);
        using Tensor source = rows.detach().cpu();
        own.copy_(source);
        AllReduce([all]);
        return all;
    }

    /// <summary>Checks that a model's device is one whose gradients the group can sum.</summary>
    /// <exception cref="DistributedException">It is not.</exception>
    public virtual void CheckDevice(Device device)
    {
    }

    /// <summary>
    /// Tells the other ranks that this one cannot go on, so that none waits for it: their next operation throws.
    /// </summary>
    /// <param name="message">Why.</param>
    public abstract void Fail(string message);

    /// <summary>Sums memory over all ranks, in place.</summary>
    protected abstract void Sum(IReadOnlyList<Memory> memories);

    /// <summary>Sends memory of rank 0 to all others.</summary>
    protected abstract void Send(IReadOnlyList<Memory> memories);

    private bool IsDirect(Tensor tensor) =>
        tensor.device.type == Device.type && tensor.is_contiguous() && tensor.numel() * tensor.element_size() >= PackedBytes;

    private static Memory MemoryOf(Tensor tensor) => new(
        tensor.device.type == DeviceType.CPU
            ? (nint)System.Runtime.CompilerServices.Unsafe.AsPointer(ref MemoryMarshal.GetReference(tensor.bytes))
            : DataOf(tensor.Handle),
        tensor.numel(),
        tensor.dtype);

    // TorchSharp gives the memory of tensors on the CPU alone; its native library, which is loaded by now, that of all.
    [DllImport("LibTorchSharp", EntryPoint = "THSTensor_data")]
    private static extern nint DataOf(nint tensor);

    /// <summary>Memory of a contiguous tensor.</summary>
    /// <param name="Pointer">Address of the first element.</param>
    /// <param name="Count">Elements.</param>
    /// <param name="Type">Their type.</param>
    protected readonly record struct Memory(nint Pointer, long Count, ScalarType Type);
}
