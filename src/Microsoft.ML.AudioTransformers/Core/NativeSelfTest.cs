using System.Collections.Concurrent;
using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Core;

/// <summary>
/// Self-test of the native library: each kind of operator that models use, in each precision and layout in which they use
/// it, at sizes that some processor got wrong, against arithmetic in float64. It takes some milliseconds at the first use of
/// a device in a process, and its results are kept.
/// </summary>
/// <remarks>
/// Inputs are small whole numbers, whose products and sums are exact in float32, TensorFloat-32 and, but for the last
/// rounding, bfloat16. Where convolutions are wrong, <see cref="Models"/>' own form of them, by matrix products, is taken, and
/// where all blocks in one call are, one block after another; the other operators have no other form. What is not here moves
/// numbers, or adds and multiplies them one by one.
/// </remarks>
/// <param name="operators">The operators.</param>
internal sealed class NativeSelfTest(NativeOperators operators)
{
    private readonly ConcurrentDictionary<(DeviceType, int Index, ScalarType), Lazy<Results>> _results = new();
    private readonly Lock _lock = new();
    private volatile bool _isAnyWrong;
    private bool? _areBlocksRight;

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
                return _areBlocksRight ??= TestBlocks();
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
                ? " Start the process with the environment variable ONEDNN_MAX_CPU_ISA=SSE41, with which oneDNN takes other "
                    + "code, or use another version of LibTorch."
                : " Use another version of LibTorch or of the driver, or the CPU."));
        }
    }

    /// <summary>
    /// Whether an operator is known to be wrong; false where the device has not been tested in the precision.
    /// </summary>
    /// <param name="kind">The operator.</param>
    /// <param name="input">Tensor of the device and the precision.</param>
    public bool IsKnownWrong(NativeOperator kind, Tensor input) => _isAnyWrong
        && _results.TryGetValue((input.device_type, Index(input.device), input.dtype), out Lazy<Results>? results)
        && results.Value.Wrong.Contains(kind);

    private bool TestBlocks()
    {
        using DisposeScope scope = NewDisposeScope();
        return new NativeAttentionTests(operators, new NativeComparison(CPU, ScalarType.Float32)).EncoderBlocks() is null;
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
        foreach ((NativeOperator kind, bool hasOtherForm, Func<string?> test)
            in new NativeOperatorTests(operators, new NativeComparison(device, precision)).All)
        {
            if (test() is not { } found)
            {
                continue;
            }

            wrong.Add(kind);
            _isAnyWrong = true;
            if (!hasOtherForm)
            {
                problems.Add($"{kind}: {found}");
            }
        }

        return new Results(wrong, problems.Count == 0
            ? null
            : $"LibTorch {__version__} computes wrong numbers in {precision} on {device} here "
                + $"({string.Join("; ", problems)}).");
    }

    /// <summary>What a device is known to do wrong.</summary>
    private sealed record Results(IReadOnlySet<NativeOperator> Wrong, string? Problem);
}
