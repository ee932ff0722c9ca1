using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Discrete Fourier transforms.</summary>
    public static class fft
    {
        public static Tensor fft_(Tensor input, long n = -1, long dim = -1, FFTNormType norm = FFTNormType.Backward) =>
            Call.One(Aten.fft_fft, input, Length(n), dim, Name(norm));

        public static Tensor ifft(Tensor input, long n = -1, long dim = -1, FFTNormType norm = FFTNormType.Backward) =>
            Call.One(Aten.fft_ifft, input, Length(n), dim, Name(norm));

        public static Tensor rfft(Tensor input, long n = -1, long dim = -1, FFTNormType norm = FFTNormType.Backward) =>
            Call.One(Aten.fft_rfft, input, Length(n), dim, Name(norm));

        public static Tensor irfft(Tensor input, long n = -1, long dim = -1, FFTNormType norm = FFTNormType.Backward) =>
            Call.One(Aten.fft_irfft, input, Length(n), dim, Name(norm));

        public static Tensor hfft(Tensor input, long n = -1, long dim = -1, FFTNormType norm = FFTNormType.Backward) =>
            Call.One(Aten.fft_hfft, input, Length(n), dim, Name(norm));

        public static Tensor ihfft(Tensor input, long n = -1, long dim = -1, FFTNormType norm = FFTNormType.Backward) =>
            Call.One(Aten.fft_ihfft, input, Length(n), dim, Name(norm));

        public static Tensor fft2(
            Tensor input, long[]? s = null, long[]? dim = null, FFTNormType norm = FFTNormType.Backward) =>
            Call.One(Aten.fft_fft2, input, s, dim ?? [-2, -1], Name(norm));

        public static Tensor ifft2(
            Tensor input, long[]? s = null, long[]? dim = null, FFTNormType norm = FFTNormType.Backward) =>
            Call.One(Aten.fft_ifft2, input, s, dim ?? [-2, -1], Name(norm));

        public static Tensor rfft2(
            Tensor input, long[]? s = null, long[]? dim = null, FFTNormType norm = FFTNormType.Backward) =>
            Call.One(Aten.fft_rfft2, input, s, dim ?? [-2, -1], Name(norm));

        public static Tensor irfft2(
            Tensor input, long[]? s = null, long[]? dim = null, FFTNormType norm = FFTNormType.Backward) =>
            Call.One(Aten.fft_irfft2, input, s, dim ?? [-2, -1], Name(norm));

        public static Tensor fftn(
            Tensor input, long[]? s = null, long[]? dim = null, FFTNormType norm = FFTNormType.Backward) =>
            Call.One(Aten.fft_fftn, input, s, dim, Name(norm));

        public static Tensor ifftn(
            Tensor input, long[]? s = null, long[]? dim = null, FFTNormType norm = FFTNormType.Backward) =>
            Call.One(Aten.fft_ifftn, input, s, dim, Name(norm));

        public static Tensor rfftn(
            Tensor input, long[]? s = null, long[]? dim = null, FFTNormType norm = FFTNormType.Backward) =>
            Call.One(Aten.fft_rfftn, input, s, dim, Name(norm));

        public static Tensor irfftn(
            Tensor input, long[]? s = null, long[]? dim = null, FFTNormType norm = FFTNormType.Backward) =>
            Call.One(Aten.fft_irfftn, input, s, dim, Name(norm));

        public static Tensor fftshift(Tensor input, long[]? dim = null) => Call.One(Aten.fft_fftshift, input, dim);

        public static Tensor ifftshift(Tensor input, long[]? dim = null) => Call.One(Aten.fft_ifftshift, input, dim);

        public static Tensor fftfreq(
            long n, double d = 1, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            Finish(
                Call.One(Aten.fft_fftfreq, n, d, dtype ?? defaultType, Argument.None, InitializeDevice(device)),
                requires_grad, null);

        public static Tensor rfftfreq(
            long n, double d = 1, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            Finish(
                Call.One(Aten.fft_rfftfreq, n, d, dtype ?? defaultType, Argument.None, InitializeDevice(device)),
                requires_grad, null);

        private static long? Length(long n) => n < 0 ? null : n;

        private static string Name(FFTNormType norm) => norm switch
        {
            FFTNormType.Forward => "forward",
            FFTNormType.Ortho => "ortho",
            _ => "backward",
        };
    }
}
