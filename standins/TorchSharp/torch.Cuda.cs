using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public static bool cuda_is_available() => cuda.is_available();

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
