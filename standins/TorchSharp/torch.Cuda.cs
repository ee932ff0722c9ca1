using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public static bool cuda_is_available() => cuda.is_available();

    public static bool are_deterministic_algorithms_enabled() => Shim.shim_switch(Switch.Deterministic) == 1;

    public static bool is_deterministic_algorithms_warn_only_enabled() =>
        Shim.shim_switch(Switch.DeterministicWarnOnly) == 1;

    /// <summary>Asks for deterministic algorithms until the result is disposed.</summary>
    public static IDisposable use_deterministic_algorithms(bool mode = true, bool warn_only = false) =>
        new Switches((Switch.Deterministic, mode ? 1 : 0), (Switch.DeterministicWarnOnly, warn_only ? 1 : 0));

    public static Float32MatmulPrecision get_float32_matmul_precision() =>
        (Float32MatmulPrecision)Shim.shim_switch(Switch.MatmulPrecision);

    public static IDisposable set_float32_matmul_precision(Float32MatmulPrecision precision) =>
        new Switches((Switch.MatmulPrecision, (int)precision));

    private sealed class Switches : IDisposable
    {
        private readonly (Switch Which, int Before)[] switches;

        internal Switches(params (Switch Which, int Wanted)[] wanted)
        {
            switches = wanted.Select(one => (one.Which, Shim.shim_switch(one.Which))).ToArray();
            foreach ((Switch which, int value) in wanted)
            {
                Shim.Check(Shim.shim_set_switch(which, value));
            }
        }

        public void Dispose()
        {
            foreach ((Switch which, int before) in switches)
            {
                Shim.Check(Shim.shim_set_switch(which, before));
            }
        }
    }

    /// <summary>NVIDIA's devices.</summary>
    public static class cuda
    {
        public static bool is_available() => TryInitializeDeviceType(DeviceType.CUDA);

        public static bool is_cudnn_available() => is_available() && Shim.shim_cudnn_available() == 1;

        public static int device_count() => Shim.shim_cuda_device_count();

        public static void manual_seed(long seed) => Shim.Check(Shim.shim_cuda_manual_seed(seed, 0));

        public static void manual_seed_all(long seed) => Shim.Check(Shim.shim_cuda_manual_seed(seed, 1));

        /// <summary>Waits until the device has done all its work.</summary>
        public static void synchronize(Device? device = null) =>
            Shim.Check(Shim.shim_cuda_synchronize(device?.index ?? -1));
    }

    /// <summary>Switches of the libraries behind libtorch.</summary>
    public static class backends
    {
        public static class cuda
        {
            public static bool flash_sdp_enabled() => Shim.shim_switch(Switch.FlashAttention) == 1;

            public static void enable_flash_sdp(bool enable) => Set(Switch.FlashAttention, enable);

            public static bool math_sdp_enabled() => Shim.shim_switch(Switch.MathAttention) == 1;

            public static void enable_math_sdp(bool enable) => Set(Switch.MathAttention, enable);

            public static class matmul
            {
                public static bool allow_tf32
                {
                    get => Shim.shim_switch(Switch.Tf32Matmul) == 1;
                    set => Set(Switch.Tf32Matmul, value);
                }
            }
        }

        public static class cudnn
        {
            public static bool allow_tf32
            {
                get => Shim.shim_switch(Switch.Tf32Cudnn) == 1;
                set => Set(Switch.Tf32Cudnn, value);
            }
        }

        private static void Set(Switch which, bool on) => Shim.Check(Shim.shim_set_switch(which, on ? 1 : 0));
    }
}
