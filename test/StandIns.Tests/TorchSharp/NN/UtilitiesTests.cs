using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AudioMLNet.StandIns.Tests.TorchSharp.NN;

[TestClass]
public class UtilitiesTests
{
    private static Parameter[] ParametersWithGradients()
    {
        Parameter[] parameters = [nn.Parameter(zeros(3)), nn.Parameter(zeros(2)), nn.Parameter(zeros(1))];
        parameters[0].grad = tensor(new[] { 3f, -4, 0 });
        parameters[1].grad = tensor(new[] { 1f, 12 });
        return parameters;
    }

    [TestMethod]
    [DataRow(2.0, 13.038404, new[] { 0.46017897, -0.61357194, 0 }, new[] { 0.15339299, 1.8407159 })]
    [DataRow(1.0, 20.0, new[] { 0.3, -0.4, 0 }, new[] { 0.1, 1.2 })]
    [DataRow(double.PositiveInfinity, 12.0, new[] { 0.5, -0.66666663, 0 }, new[] { 0.16666666, 1.9999999 })]
    public void ClippingByNormScalesAllGradientsTogether(double type, double norm, double[] first, double[] second)
    {
        Parameter[] parameters = ParametersWithGradients();

        Assert.AreEqual(norm, nn.utils.clip_grad_norm_(parameters, 2, type), 1e-5);

        TensorAssert.AreClose(first, parameters[0].grad!);
        TensorAssert.AreClose(second, parameters[1].grad!);
        Assert.IsNull(parameters[2].grad);
    }

    [TestMethod]
    public void ASmallNormIsLeftAlone()
    {
        Parameter[] parameters = ParametersWithGradients();

        Assert.AreEqual(13.038404, nn.utils.clip_grad_norm_(parameters, 100), 1e-5);

        TensorAssert.AreClose([3, -4, 0], parameters[0].grad!);
        Assert.AreEqual(0, nn.utils.clip_grad_norm_([parameters[2]], 1));
    }

    [TestMethod]
    public void ClippingByValueBoundsEachGradient()
    {
        Parameter[] parameters = ParametersWithGradients();

        nn.utils.clip_grad_value_(parameters, 2.5);

        TensorAssert.AreClose([2.5, -2.5, 0], parameters[0].grad!);
        TensorAssert.AreClose([1, 2.5], parameters[1].grad!);
    }

    [TestMethod]
    public void ParametersBecomeAVectorAndBack()
    {
        using Linear layer = nn.Linear(2, 2);
        using Tensor vector = tensor(new[] { 1f, 2, 3, 4, 5, 6 });

        nn.utils.vector_to_parameters(vector, layer.parameters());

        TensorAssert.AreClose([1, 2, 3, 4], layer.weight!);
        TensorAssert.AreClose([5, 6], layer.bias!);
        TensorAssert.AreClose([1, 2, 3, 4, 5, 6], nn.utils.parameters_to_vector(layer.parameters()));
    }
}
