using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Core;

/// <summary>Device on which models are trained and score.</summary>
internal static class TorchDevice
{
    /// <summary>
    /// Chooses the device: the CPU if <see cref="MLContext.GpuDeviceId"/> is null, otherwise the CUDA device of that index. If
    /// there is no such device and <see cref="MLContext.FallbackToCpu"/> is true, the CPU, with a warning. Its first use in
    /// a process is a self-test.
    /// </summary>
    /// <exception cref="DllNotFoundException">LibTorch does not load.</exception>
    /// <exception cref="InvalidOperationException">
    /// There is no such device, and FallbackToCpu is false; or LibTorch computes wrong numbers on it.
    /// </exception>
    public static Device Choose(IHost host)
    {
        LibTorch.Load();
        Device device = Find(host);
        NativeSelfTest.Default.Check(device);
        return device;
    }

    private static Device Find(IHost host)
    {
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
