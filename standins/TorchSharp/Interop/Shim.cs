using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

[assembly: DisableRuntimeMarshalling]
[module: SkipLocalsInit]

namespace TorchSharp.Interop;

/// <summary>The entry points of the native shim; see native/*.cpp for what each does.</summary>
internal static unsafe partial class Shim
{
    internal const string Library = "TorchSharpStandIn";

    static Shim() => ShimLoader.Register();

    [LibraryImport(Library)]
    internal static partial byte* shim_last_error();

    [LibraryImport(Library)]
    internal static partial byte* shim_torch_version_text();

    [LibraryImport(Library)]
    internal static partial nint shim_operator_find(byte* name, byte* overload);

    [LibraryImport(Library)]
    internal static partial int shim_operator_exists(byte* name, byte* overload);

    [LibraryImport(Library)]
    internal static partial int shim_operator_arity(nint op);

    [LibraryImport(Library)]
    internal static partial nint shim_operator_call_one(nint op, Value* arguments, int count);

    [LibraryImport(Library)]
    internal static partial int shim_operator_call(nint op, Value* arguments, int count, Value** returned);

    [LibraryImport(Library)]
    internal static partial void shim_tensor_free(nint tensor);

    [LibraryImport(Library)]
    internal static partial nint shim_tensor_alias(nint tensor);

    [LibraryImport(Library)]
    internal static partial int shim_tensor_info(nint tensor, TensorInfo* info);

    [LibraryImport(Library)]
    internal static partial nint shim_tensor_from_memory(
        void* data, long* sizes, int dimensions, int dtype, delegate* unmanaged<nint, void> deleter, nint context);

    [LibraryImport(Library)]
    internal static partial int shim_tensor_set_requires_grad(nint tensor, int on);

    [LibraryImport(Library)]
    internal static partial nint shim_tensor_grad(nint tensor, int* failed);

    [LibraryImport(Library)]
    internal static partial int shim_tensor_set_grad(nint tensor, nint gradient);

    [LibraryImport(Library)]
    internal static partial int shim_tensor_retain_grad(nint tensor);

    [LibraryImport(Library)]
    internal static partial int shim_autograd_backward(
        nint* tensors, int count, nint* gradients, int gradientCount, int retainGraph, int createGraph,
        nint* inputs, int inputCount);

    [LibraryImport(Library)]
    internal static partial int shim_autograd_grad(
        nint* outputs, int count, nint* inputs, int inputCount, nint* gradients, int gradientCount,
        int retainGraph, int createGraph, int allowUnused, nint* returned);

    [LibraryImport(Library)]
    internal static partial int shim_grad_mode();

    [LibraryImport(Library)]
    internal static partial void shim_set_grad_mode(int on);

    [LibraryImport(Library)]
    internal static partial nint shim_inference_mode_begin(int on);

    [LibraryImport(Library)]
    internal static partial void shim_inference_mode_end(nint guard);

    [LibraryImport(Library)]
    internal static partial int shim_inference_mode();

    [LibraryImport(Library)]
    internal static partial int shim_manual_seed(long seed);

    [LibraryImport(Library)]
    internal static partial nint shim_generator_default(int deviceType, int deviceIndex);

    [LibraryImport(Library)]
    internal static partial nint shim_generator_new(long seed, int deviceType, int deviceIndex);

    [LibraryImport(Library)]
    internal static partial void shim_generator_free(nint generator);

    [LibraryImport(Library)]
    internal static partial int shim_generator_set_seed(nint generator, long seed);

    [LibraryImport(Library)]
    internal static partial int shim_generator_seed(nint generator, int fresh, long* seed);

    [LibraryImport(Library)]
    internal static partial nint shim_generator_state(nint generator);

    [LibraryImport(Library)]
    internal static partial int shim_generator_set_state(nint generator, nint state);

    [LibraryImport(Library)]
    internal static partial int shim_set_threads(int count, int blasToo);

    [LibraryImport(Library)]
    internal static partial int shim_threads();

    [LibraryImport(Library)]
    internal static partial int shim_set_interop_threads(int count);

    [LibraryImport(Library)]
    internal static partial int shim_interop_threads();

    [LibraryImport(Library)]
    internal static partial int shim_switch(Switch which);

    [LibraryImport(Library)]
    internal static partial int shim_set_switch(Switch which, int value);

    [LibraryImport(Library)]
    internal static partial int shim_cuda_device_count();

    [LibraryImport(Library)]
    internal static partial int shim_cudnn_available();

    [LibraryImport(Library)]
    internal static partial int shim_cuda_manual_seed(long seed, int allDevices);

    [LibraryImport(Library)]
    internal static partial int shim_cuda_synchronize(long deviceIndex);

    [LibraryImport(Library)]
    internal static partial int shim_adamw_fits(nint parameter, nint gradient, nint expAvg, nint expAvgSq);

    [LibraryImport(Library)]
    internal static partial int shim_adamw_step(
        nint* parameters, nint* gradients, nint* expAvgs, nint* expAvgSqs, long* steps, int count,
        double learningRate, double beta1, double beta2, double eps, double weightDecay, int maximize);

    [LibraryImport(Library)]
    internal static partial int shim_attention_fits(nint query, nint key, nint value);

    [LibraryImport(Library)]
    internal static partial nint shim_attention(nint query, nint key, nint value);

    /// <summary>The exception for the error that the thread's last call left.</summary>
    internal static ExternalException LastError() =>
        new(Marshal.PtrToStringUTF8((nint)shim_last_error()) ?? "unknown native error");

    /// <summary>Throws when a call returned -1.</summary>
    internal static void Check(int status)
    {
        if (status < 0)
        {
            throw LastError();
        }
    }

    /// <summary>Throws when a call that returns a handle returned none.</summary>
    internal static nint Check(nint handle) => handle != 0 ? handle : throw LastError();
}

/// <summary>Switches of libtorch's context, as in tensors.cpp.</summary>
internal enum Switch
{
    Tf32Matmul = 0,
    Tf32Cudnn = 1,
    FlashAttention = 2,
    MathAttention = 3,
}

/// <summary>A tensor's description, as in tensors.cpp.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct TensorInfo
{
    internal void* Data;
    internal long* Sizes;
    internal long* Strides;
    internal long Elements;
    internal long StorageOffset;
    internal int Dimensions;
    internal int DType;
    internal int DeviceType;
    internal int DeviceIndex;
    internal int ElementSize;
    internal int RequiresGrad;
    internal int IsLeaf;
    internal int IsContiguous;
    internal int IsSparse;
    internal int IsConjugate;
}
