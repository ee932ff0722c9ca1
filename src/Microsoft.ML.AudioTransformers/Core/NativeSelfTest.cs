using System.Collections.Concurrent;
using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Core;

/// <summary>
/// Self-test of the native library: each kind of operator that models use, in each precision and layout in which they use
/// it, at sizes that some processor got wrong, against arithmetic in float64. It takes a fifth of a second at the first use of
/// a device in a process, most of which is what first calls take, and its results are kept.
/// </summary>
/// <remarks>
/// Inputs are small whole numbers, whose products and sums are exact in float32, TensorFloat-32 and, but for the last
/// rounding, bfloat16. Attention mixes values by weights that are no whole numbers, and is exact in none of them. Where
/// convolutions are wrong, <see cref="Models"/>' own form of them, by matrix products, is taken; where all blocks in one
/// call are, one block after another; and where the script of attention's gradient is, float32. The other operators have no
/// other form. What is not here moves numbers, or adds and multiplies them one by one.
/// </remarks>
/// <param name="operators">The operators.</param>
internal sealed class NativeSelfTest(NativeOperators operators)
{
    private readonly ConcurrentDictionary<(DeviceType, int Index, ScalarType), Lazy<Results>> _results = new();
    private readonly Lock _lock = new();
    private volatile bool _isAnyWrong;
    private bool? _areBlocksRight;
    private bool? _isGradientRight;

    /// <summary>The test of LibTorch's own operators.</summary>
    public static NativeSelfTest Default { get; } = new(new NativeOperators());

    /// <summary>
    /// Whether <see cref="NativeOperator.EncoderBlocks"/> are right on the processor. They are tested when this is first asked,
    /// which is where a model compiles their script anyway.
    /// </summary>
    public bool AreEncoderBlocksRight
    {
        get
        {
            lock (_lock)
            {
                return _areBlocksRight ??= IsRight(ScalarType.Float32, attention => attention.EncoderBlocks());
            }
        }
    }

    /// <summary>
    /// Whether <see cref="NativeOperator.AttentionGradient"/> is right on the processor, in bfloat16. It is tested when this
    /// is first asked, which is where a model that trains compiles its script anyway.
    /// </summary>
    public bool IsAttentionGradientRight
    {
        get
        {
            lock (_lock)
            {
                return _isGradientRight ??= IsRight(ScalarType.BFloat16, attention => attention.AttentionGradient());
            }
        }
    }

    /// <summary>
    /// Whether all operators that have no other form here are right, so that a device can be used in a precision.
    /// </summary>
    /// <param name="device">The device.</param>
    /// <param name="precision">Float32 or BFloat16.</param>
    public bool Passes(Device device, ScalarType precision) => Problem(device, precision) is null;

    /// <summary>What is wrong of the operators that have no other form here, a sentence; null where nothing is.</summary>
    /// <inheritdoc cref="Passes"/>
    public string? Problem(Device device, ScalarType precision) => Of(device, precision).Problem;

    /// <summary>Checks that a device computes float32 right.</summary>
    /// <param name="device">The device.</param>
    /// <exception cref="InvalidOperationException">It does not; the message says what to set.</exception>
    public void Check(Device device)
    {
        if (Problem(device, ScalarType.Float32) is { } problem)
        {
            throw new InvalidOperationException(problem + (device.type == DeviceType.CPU
                ? Remedy(Of(device, ScalarType.Float32).Refused)
                : " Use another version of LibTorch or of the driver, or the CPU."));
        }
    }

    // Products of matrices are oneDNN's, and what is computed along rows is ATen's own; attention has both. Neither variable
    // reaches the library of the Fourier transform.
    private static string Remedy(IReadOnlySet<NativeOperator> wrong)
    {
        bool isAttention = wrong.Overlaps([NativeOperator.Attention, NativeOperator.BiasedAttention]);
        List<string> variables = [];
        if (isAttention || wrong.Overlaps([NativeOperator.Linear, NativeOperator.MatrixProduct]))
        {
            variables.Add("ONEDNN_MAX_CPU_ISA=SSE41");
        }

        if (isAttention || wrong.Overlaps(
            [
                NativeOperator.Softmax, NativeOperator.Gelu, NativeOperator.LayerNorm, NativeOperator.BatchNorm,
                NativeOperator.GridSample, NativeOperator.Interpolation, NativeOperator.Pooling, NativeOperator.Reduction,
                NativeOperator.Function,
            ]))
        {
            variables.Add("ATEN_CPU_CAPABILITY=default");
        }

        return wrong.Contains(NativeOperator.Fourier) || variables.Count == 0
            ? " Use another version of LibTorch."
            : $" Start the process with {string.Join(" and ", variables)} in its environment, with which LibTorch takes "
                + "other code, or use another version of LibTorch.";
    }

    /// <summary>
    /// Whether an operator is known to be wrong; false where the device has not been tested in the precision.
    /// </summary>
    /// <param name="kind">The operator.</param>
    /// <param name="input">Tensor of the device and the precision.</param>
    public bool IsKnownWrong(NativeOperator kind, Tensor input) => _isAnyWrong
        && _results.TryGetValue((input.device_type, Index(input.device), input.dtype), out Lazy<Results>? results)
        && results.Value.Wrong.Contains(kind);

    private bool IsRight(ScalarType precision, Func<NativeAttentionChecks, string?> check)
    {
        using DisposeScope scope = NewDisposeScope();
        return check(new NativeAttentionChecks(operators, new NativeComparison(CPU, precision))) is null;
    }

    private static int Index(Device device) => device.type == DeviceType.CPU ? 0 : Math.Max(device.index, 0);

    private Results Of(Device device, ScalarType precision)
    {
        (DeviceType, int, ScalarType) key = (device.type, Index(device), precision);
        Lazy<Results> results = _results.GetOrAdd(key, _ => new Lazy<Results>(() => Run(device, precision)));
        try
        {
            return results.Value;
        }
        catch
        {
            // A device that had no memory to spare is tested again at its next use.
            _results.TryRemove(KeyValuePair.Create(key, results));
            throw;
        }
    }

    private Results Run(Device device, ScalarType precision)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable gradients = enable_grad();
        List<string> problems = [];
        HashSet<NativeOperator> wrong = [];
        HashSet<NativeOperator> refused = [];
        foreach ((NativeOperator kind, bool hasOtherForm, Func<string?> test)
            in new NativeOperatorChecks(operators, new NativeComparison(device, precision)).All)
        {
            if (test() is not { } found)
            {
                continue;
            }

            wrong.Add(kind);
            _isAnyWrong = true;
            if (!hasOtherForm)
            {
                refused.Add(kind);
                problems.Add($"{kind}: {found}");
            }
        }

        return new Results(wrong, refused, problems.Count == 0
            ? null
            : $"LibTorch {__version__} computes wrong numbers in {precision} on {device} here "
                + $"({string.Join("; ", problems)}).");
    }

    /// <summary>What a device is known to do wrong.</summary>
    /// <param name="Wrong">All that is wrong.</param>
    /// <param name="Refused">What of it has no other form.</param>
    /// <param name="Problem">The latter in words; null where there is none.</param>
    private sealed record Results(
        IReadOnlySet<NativeOperator> Wrong, IReadOnlySet<NativeOperator> Refused, string? Problem);
}
