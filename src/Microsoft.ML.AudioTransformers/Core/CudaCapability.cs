using System.Runtime.InteropServices;

namespace Microsoft.ML.AudioTransformers.Core;

/// <summary>
/// Compute capability of NVIDIA's GPUs, which TorchSharp does not tell, from the driver's library.
/// </summary>
/// <remarks>Source: CUDA Driver API, section "Device Management": cuInit, cuDeviceGet, cuDeviceGetAttribute.</remarks>
internal static unsafe class CudaCapability
{
    /// <summary>Major number of the Ampere generation, the first that multiplies bfloat16.</summary>
    public const int Ampere = 8;

    private const int MajorAttribute = 75; // CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR

    /// <summary>Major number of a GPU's compute capability; 0 where the driver does not tell.</summary>
    /// <param name="index">Index of the GPU.</param>
    public static int Major(int index)
    {
        if (!NativeLibrary.TryLoad(OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1", out nint driver))
        {
            return 0;
        }

        int device;
        int major;
        return NativeLibrary.TryGetExport(driver, "cuInit", out nint start)
            && NativeLibrary.TryGetExport(driver, "cuDeviceGet", out nint find)
            && NativeLibrary.TryGetExport(driver, "cuDeviceGetAttribute", out nint attribute)
            && ((delegate* unmanaged<uint, int>)start)(0) == 0
            && ((delegate* unmanaged<int*, int, int>)find)(&device, index) == 0
            && ((delegate* unmanaged<int*, int, int, int>)attribute)(&major, MajorAttribute, device) == 0
                ? major
                : 0;
    }
}
