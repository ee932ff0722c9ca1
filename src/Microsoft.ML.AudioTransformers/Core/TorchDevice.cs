using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers;

/// <summary>Where to compute, as the <see cref="MLContext"/> says.</summary>
internal static class TorchDevice
{
    /// <summary>
    /// The CPU without <see cref="MLContext.GpuDeviceId"/>; the GPU of that index with it; and where there is no such
    /// GPU, the CPU with a warning if <see cref="MLContext.FallbackToCpu"/> allows it.
    /// </summary>
    /// <exception cref="DllNotFoundException">LibTorch does not load here.</exception>
    /// <exception cref="InvalidOperationException">There is no such GPU and the CPU is not allowed instead.</exception>
    public static Device Choose(IHost host)
    {
        LibTorch.Load();
        if (MlNetInternals.GetGpuDeviceId(host) is not { } index)
        {
            return CPU;
        }

        int count = cuda.is_available() ? cuda.device_count() : 0;
        if (index >= 0 && index < count)
        {
            return new Device(DeviceType.CUDA, index);
        }

        string problem = $"GpuDeviceId is {index}, but LibTorch finds {count} CUDA devices here";
        if (!MlNetInternals.GetFallbackToCpu(host))
        {
            throw new InvalidOperationException($"{problem}, and FallbackToCpu is off.");
        }

        using IChannel channel = host.Start("Device");
        channel.Warning(MessageSensitivity.None, $"{problem}: computing on the CPU instead.");
        return CPU;
    }
}
