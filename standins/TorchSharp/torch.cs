using System.Runtime.InteropServices;
using TorchSharp.Interop;

namespace TorchSharp;

/// <summary>The functions of PyTorch's module of the same name.</summary>
public static partial class torch
{
    public static ScalarType uint8 = ScalarType.Byte;
    public static ScalarType int8 = ScalarType.Int8;
    public static ScalarType int16 = ScalarType.Int16;
    public static ScalarType int32 = ScalarType.Int32;
    public static ScalarType int64 = ScalarType.Int64;
    public static ScalarType float16 = ScalarType.Float16;
    public static ScalarType float32 = ScalarType.Float32;
    public static ScalarType float64 = ScalarType.Float64;
    public static ScalarType bfloat16 = ScalarType.BFloat16;
    public static ScalarType complex64 = ScalarType.ComplexFloat32;
    public static ScalarType complex128 = ScalarType.ComplexFloat64;
    public static ScalarType @bool = ScalarType.Bool;
    public static ScalarType @short = ScalarType.Int16;
    public static ScalarType @int = ScalarType.Int32;
    public static ScalarType @long = ScalarType.Int64;
    public static ScalarType half = ScalarType.Float16;
    public static ScalarType @float = ScalarType.Float32;
    public static ScalarType @double = ScalarType.Float64;
    public static ScalarType cfloat = ScalarType.ComplexFloat32;
    public static ScalarType cdouble = ScalarType.ComplexFloat64;

    private static ScalarType defaultType = ScalarType.Float32;

    static torch()
    {
        ShimLoader.Load();

        // libtorch's own default is one thread where OpenMP finds no setting. A setting may be a list, by nesting.
        string wanted = Environment.GetEnvironmentVariable("OMP_NUM_THREADS")?.Split(',')[0];
        if (!int.TryParse(wanted, out int threads) || threads < 1)
        {
            threads = Environment.ProcessorCount;
        }

        bool blasIsSet = Environment.GetEnvironmentVariable("OPENBLAS_NUM_THREADS") is { Length: > 0 };
        Shim.Check(Shim.shim_set_threads(threads, blasIsSet ? 0 : 1));
    }

    public static unsafe string __version__ => Marshal.PtrToStringUTF8((nint)Shim.shim_torch_version_text());

    public static DisposeScope? CurrentDisposeScope =>
        DisposeScopeManager.Current.Scopes.TryPeek(out DisposeScope scope) ? scope : null;

    public static DisposeScope NewDisposeScope() => DisposeScopeManager.Current.Begin();

    /// <summary>Evaluates an expression in a scope of its own, from which only its result leaves.</summary>
    public static Tensor WrappedTensorDisposeScope(Func<Tensor> expr)
    {
        using DisposeScope scope = NewDisposeScope();
        return expr().MoveToOuterDisposeScope();
    }

    public static ScalarType get_default_dtype() => defaultType;

    public static void set_default_dtype(ScalarType dtype) => defaultType = dtype;

    public static bool is_floating_point(ScalarType type) =>
        type is ScalarType.Float16 or ScalarType.BFloat16 or ScalarType.Float32 or ScalarType.Float64;

    public static bool is_integral(ScalarType type) =>
        type is ScalarType.Byte or ScalarType.Int8 or ScalarType.Int16 or ScalarType.Int32 or ScalarType.Int64
            or ScalarType.Bool;

    public static bool is_complex(ScalarType type) =>
        type is ScalarType.ComplexFloat32 or ScalarType.ComplexFloat64;

    public static bool is_floating_point(Tensor input) => is_floating_point(input.dtype);

    public static bool is_integral(Tensor t) => is_integral(t.dtype);

    public static bool is_complex(Tensor input) => is_complex(input.dtype);

    public static bool is_tensor(object obj) => obj is Tensor;

    /// <summary>The number of threads of libtorch's loops and of the matrix products.</summary>
    public static void set_num_threads(int num) => Shim.Check(Shim.shim_set_threads(num, 1));

    public static int get_num_threads() => Shim.shim_threads();

    public static void set_num_interop_threads(int num) => Shim.Check(Shim.shim_set_interop_threads(num));

    public static int get_num_interop_threads() => Shim.shim_interop_threads();

    /// <summary>Empty here, but there: whoever uses the members of torch and of nn has to say which utils is meant.</summary>
    public static class utils
    {
    }
}
