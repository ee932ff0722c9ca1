using TorchSharp.Interop;

namespace TorchSharp;

// Windows and short-time Fourier transforms.
public static partial class torch
{
    public static Tensor hann_window(
        long len, bool periodic = true, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Finish(
            Call.One(
                Aten.hann_window_periodic, len, periodic, dtype ?? defaultType, Argument.None,
                InitializeDevice(device)),
            requires_grad,
            null);

    public static Tensor hamming_window(
        long len, bool periodic = true, float alpha = 0.54f, float beta = 0.46f, ScalarType? dtype = null,
        Device? device = null, bool requires_grad = false) =>
        Finish(
            Call.One(
                Aten.hamming_window_periodic_alpha_beta, len, periodic, alpha, beta, dtype ?? defaultType,
                Argument.None, InitializeDevice(device)),
            requires_grad,
            null);

    public static Tensor blackman_window(
        long len, bool periodic = true, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Finish(
            Call.One(
                Aten.blackman_window_periodic, len, periodic, dtype ?? defaultType, Argument.None,
                InitializeDevice(device)),
            requires_grad,
            null);

    public static Tensor bartlett_window(
        long len, bool periodic = true, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Finish(
            Call.One(
                Aten.bartlett_window_periodic, len, periodic, dtype ?? defaultType, Argument.None,
                InitializeDevice(device)),
            requires_grad,
            null);

    public static Tensor kaiser_window(
        long len, bool periodic = true, float beta = 12, ScalarType? dtype = null, Device? device = null,
        bool requires_grad = false) =>
        Finish(
            Call.One(
                Aten.kaiser_window_beta, len, periodic, beta, dtype ?? defaultType, Argument.None,
                InitializeDevice(device)),
            requires_grad,
            null);

    public static Tensor stft(
        Tensor input, long n_fft, long hop_length = -1, long win_length = -1, Tensor? window = null,
        bool center = true, PaddingModes pad_mode = PaddingModes.Reflect, bool normalized = false,
        bool? onesided = null, bool? return_complex = null) =>
        input.stft(n_fft, hop_length, win_length, window, center, pad_mode, normalized, onesided, return_complex);

    public static Tensor istft(
        Tensor input, long n_fft, long hop_length = -1, long win_length = -1, Tensor? window = null,
        bool center = true, bool normalized = false, bool? onesided = null, long length = -1,
        bool return_complex = false) =>
        input.istft(n_fft, hop_length, win_length, window, center, normalized, onesided, length, return_complex);

    public partial class Tensor
    {
        public Tensor stft(
            long n_fft, long hop_length = -1, long win_length = -1, Tensor? window = null, bool center = true,
            PaddingModes pad_mode = PaddingModes.Reflect, bool normalized = false, bool? onesided = null,
            bool? return_complex = null)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor framed = center ? Centred(n_fft / 2, pad_mode) : this;
            Tensor spectrum = Call.One(
                Aten.stft, framed, n_fft, Length(hop_length), Length(win_length), window, normalized, onesided,
                return_complex);
            return scope.MoveToOuter(spectrum);
        }

        public Tensor istft(
            long n_fft, long hop_length = -1, long win_length = -1, Tensor? window = null, bool center = true,
            bool normalized = false, bool? onesided = null, long length = -1, bool return_complex = false) =>
            Call.One(
                Aten.istft, this, n_fft, Length(hop_length), Length(win_length), window, center, normalized, onesided,
                Length(length), return_complex);

        private static long? Length(long given) => given < 0 ? null : given;

        // The first frame is centred on the first sample: half a frame is added at either end.
        private Tensor Centred(long pad, PaddingModes mode)
        {
            string name = mode switch
            {
                PaddingModes.Reflect => "reflect",
                PaddingModes.Replicate => "replicate",
                PaddingModes.Circular => "circular",
                _ => "constant",
            };
            long[] shape = this.shape;
            Tensor signal = reshape(1, -1, shape[^1]);
            Tensor padded = Call.One(Aten.pad, signal, new[] { pad, pad }, name);
            return padded.reshape([.. shape[..^1], padded.size(-1)]);
        }
    }
}
