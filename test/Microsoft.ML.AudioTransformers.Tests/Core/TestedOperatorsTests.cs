using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Native;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tests.Core;

/// <summary>
/// Each operator of LibTorch that the library's compiled code or a script of it names is one of <see cref="NativeOperator"/>, or
/// is listed here as one that computes nothing of its own.
/// </summary>
[TestClass]
public sealed partial class TestedOperatorsTests
{
    /// <summary>What <see cref="NativeSelfTest"/> calls, under the names by which models do.</summary>
    private static readonly string[] s_tested =
    [
        "linear", "Linear", "bmm", "mm", "baddbmm", "scaled_dot_product_attention", "softmax", "_softmax_backward_data",
        "log_softmax", "gelu", "gelu_", "GELU", "layer_norm", "LayerNorm", "batch_norm", "grid_sample", "interpolate",
        "adaptive_avg_pool2d", "rfft", "conv2d", "sum", "mean", "amax", "amin", "sigmoid", "tanh", "Tanh", "log", "log2",
    ];

    /// <summary>What moves numbers or makes them, and what takes them one by one by the processor's own arithmetic.</summary>
    private static readonly string[] s_plain =
    [
        "DetachFromDisposeScope", "Identity", "MoveToOuterDisposeScope", "ReLU", "Sequential", "abs", "add_", "alias",
        "all", "argmax", "argmin", "cat", "chunk", "clamp", "clone", "contiguous", "copy_", "cpu", "detach", "div", "empty",
        "empty_like", "eq", "expand", "exponential_", "eye", "flatten", "flip", "float", "gather", "get_state",
        "index_select", "isfinite", "isnan", "logical_and", "logical_not", "logical_or", "maximum", "mul",
        "named_parameters", "nan_to_num", "narrow", "neg", "new_zeros", "normal_", "one_hot", "ones", "ones_like", "pad",
        "parameters", "permute", "rand", "randint", "randperm", "repeat", "reshape", "roll", "select", "sign", "size",
        "split", "sqrt", "squeeze", "stack", "state_dict", "t", "tensor", "to", "transpose", "unbind", "unfold", "uniform_",
        "unsqueeze", "view", "view_as_real", "zero_", "zeros", "zeros_like",
    ];

    /// <summary>
    /// Losses and steps of the optimizer, which LossFunctionTests, AdamWTests and TensorListOperatorsTests hold to float64.
    /// </summary>
    private static readonly string[] s_ofTraining =
    [
        "_foreach_lerp_", "_foreach_mul_", "_foreach_norm", "_foreach_zero_", "_fused_adamw_",
        "binary_cross_entropy_with_logits", "linalg_vector_norm",
    ];

    [TestMethod]
    public void AllThatComputesIsInTheSelfTest()
    {
        SortedSet<string> named = new(
            CompiledCalls.MethodsOf(typeof(LogMelFrontEnd).Assembly)
                .Where(method => method.DeclaringType?.Namespace != typeof(NativeSelfTest).Namespace)
                .SelectMany(CompiledCalls.From)
                .OfType<MethodInfo>()
                .Where(method => method.DeclaringType?.Assembly == typeof(Tensor).Assembly && IsOperator(method))
                .Select(method => method.Name)
                .Concat(Scripts().SelectMany(script => Called().Matches(script)).Select(match => match.Groups[1].Value)),
            StringComparer.Ordinal);

        string[] listed = [.. s_tested, .. s_plain, .. s_ofTraining];

        Assert.AreEqual("", string.Join(", ", named.Except(listed)), "neither tested nor listed as plain");
        Assert.AreEqual("", string.Join(", ", listed.Except(named)), "no longer named");
    }

    private static bool IsOperator(MethodInfo method) => !method.IsSpecialName
        && (typeof(nn.Module).IsAssignableFrom(method.ReturnType) || HasTensor(method.ReturnType));

    // Tensors are given alone, in arrays and other lists, and in tuples.
    private static bool HasTensor(Type type) => typeof(Tensor).IsAssignableFrom(type)
        || (type.IsArray && HasTensor(type.GetElementType()!))
        || (type.IsGenericType && type.GetGenericArguments().Any(HasTensor));

    private static IEnumerable<string> Scripts() =>
        new[] { typeof(AttentionOperators), typeof(EncoderOperators), typeof(TensorListOperators) }
            .Select(type => (string)type.GetField("Script", BindingFlags.NonPublic | BindingFlags.Static)!.GetRawConstantValue()!);

    [GeneratedRegex(@"(?:torch|\w|\)|\])\.([a-z_][a-z_0-9]*)\(")]
    private static partial Regex Called();
}
