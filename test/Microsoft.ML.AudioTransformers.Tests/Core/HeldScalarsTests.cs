using System.Reflection;
using Microsoft.ML.AudioTransformers.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tests.Core;

/// <summary>
/// A <see cref="Scalar"/> that TorchSharp makes of a number on its own is held by nothing while LibTorch reads it. The
/// library calls nothing that makes one: read in the compiled code, which also shows what the analyzer passes by.
/// </summary>
[TestClass]
public class HeldScalarsTests
{
    private static readonly HashSet<MethodBase> s_makers = Makers();

    [TestMethod]
    public void LibraryCallsNothingThatMakesScalarsUnasked()
    {
        Assembly library = typeof(LogMelFrontEnd).Assembly;

        Assert.AreEqual("", string.Join(Environment.NewLine, Found(CompiledCalls.MethodsOf(library))));
    }

    [TestMethod]
    public void FindsEachWayToMakeThem()
    {
        IEnumerable<string> missed = CompiledCalls.MethodsOf(typeof(Unheld))
            .Where(method => method is MethodInfo && Found([method]).Length == 0)
            .Select(method => method.Name);

        Assert.AreEqual("", string.Join(", ", missed));
    }

    private static string[] Found(IEnumerable<MethodBase> methods) =>
    [
        .. methods.SelectMany(
            method => CompiledCalls.From(method).Where(s_makers.Contains),
            (method, maker) => $"{method.DeclaringType}.{method.Name} calls {maker.DeclaringType}.{maker.Name}"),
    ];

    /// <summary>
    /// What in TorchSharp comes to make a scalar, and the constructors of modules and optimizers whose steps do. Left out
    /// are <c>ToScalar</c> of a number, which one calls to hold the scalar, and a script's call, which takes held ones.
    /// </summary>
    private static HashSet<MethodBase> Makers()
    {
        MethodBase[] methods = [.. CompiledCalls.MethodsOf(typeof(Scalar).Assembly)];
        ILookup<MethodBase, MethodBase> callers = methods
            .SelectMany(CompiledCalls.From, (method, called) => (method, called))
            .ToLookup(pair => pair.called, pair => pair.method);
        HashSet<MethodBase> makers = [];
        Stack<MethodBase> open = new(CompiledCalls.MethodsOf(typeof(Scalar)).Where(method => method.IsConstructor));
        while (open.TryPop(out MethodBase? maker))
        {
            IEnumerable<MethodBase> makes = maker is { IsVirtual: true, Name: "forward" or "step" }
                ? methods.Where(method => method.IsConstructor && !method.DeclaringType!.IsAbstract
                    && maker.DeclaringType!.IsAssignableFrom(method.DeclaringType))
                : [];
            foreach (MethodBase next in callers[maker].Concat(makes).Where(makers.Add))
            {
                open.Push(next);
            }
        }

        Type[] holding = [typeof(ScalarExtensionMethods), typeof(jit.CompilationUnit)];
        makers.RemoveWhere(method => holding.Contains(method.DeclaringType));
        return makers;
    }

    /// <summary>Ways to have a scalar that nothing holds; they are read, not run.</summary>
    private static class Unheld
    {
        public static Tensor Sum(Tensor x, Tensor y) => x + y;

        public static Tensor SumAssigned(Tensor x, Tensor y) => x += y;

        public static Tensor ProductAssigned(Tensor x) => x *= 2;

        public static Tensor Product(Tensor x) => x * 2.0;

        public static Tensor Difference(Tensor x) => 1 - x;

        public static Tensor Argument(Tensor x) => x.mul(0.5);

        public static Tensor HiddenFactor(Tensor x) => x.add_(x);

        public static Tensor HiddenExponent(Tensor x) => x.square();

        public static Tensor HiddenStep(Scalar count) => arange(count);

        public static float Cast(Tensor x) => (float)x;

        public static Func<Tensor, Tensor> Delegate(Tensor x) => x.add;

        public static Tensor Activation(Tensor x) => nn.functional.mish(x);

        public static nn.Module Module() => nn.BatchNorm2d(3);

        public static optim.Optimizer Optimizer(nn.Module module) => optim.AdamW(module.parameters());
    }
}
