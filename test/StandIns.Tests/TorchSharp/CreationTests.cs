using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace AudioMLNet.StandIns.Tests.TorchSharp;

[TestClass]
public class CreationTests
{
    [TestMethod]
    public void ElementTypesFollowTheArguments()
    {
        using DisposeScope scope = NewDisposeScope();
        Assert.AreEqual(ScalarType.Int32, tensor(3).dtype);
        Assert.AreEqual(ScalarType.Int64, tensor(3L).dtype);
        Assert.AreEqual(ScalarType.Float32, tensor(3f).dtype);
        Assert.AreEqual(ScalarType.Float64, tensor(3.0).dtype);
        Assert.AreEqual(ScalarType.Bool, tensor(true).dtype);
        Assert.AreEqual(ScalarType.Float64, tensor(new double[] { 1 }).dtype);
        Assert.AreEqual(ScalarType.Float32, tensor(new float[] { 1 }).dtype);
        Assert.AreEqual(ScalarType.Int32, tensor(new[] { 1 }).dtype);
        Assert.AreEqual(ScalarType.Float16, tensor(new[] { 1, 2 }, ScalarType.Float16).dtype);
        Assert.AreEqual(ScalarType.Int64, arange(3).dtype);
        Assert.AreEqual(ScalarType.Float32, arange(3.0).dtype);
        Assert.AreEqual(ScalarType.Float32, zeros(3).dtype);
        Assert.AreEqual(ScalarType.Int64, randperm(3).dtype);
        Assert.AreEqual(ScalarType.Int64, randint(5, [2L]).dtype);
    }

    [TestMethod]
    public void Factories()
    {
        using DisposeScope scope = NewDisposeScope();
        TensorAssert.HasShape([2, 3], zeros(2, 3));
        TensorAssert.HasShape([2, 3, 4, 5], ones([2, 3, 4, 5]));
        TensorAssert.HasShape([], ones(Array.Empty<long>()));
        TensorAssert.AreClose([7, 7], full(2, 7f));
        TensorAssert.AreClose([1, 3, 5], arange(1, 6, 2));
        TensorAssert.AreClose([0, 0.25, 0.5, 0.75, 1], linspace(0, 1, 5));
        TensorAssert.AreClose([1, 10, 100], logspace(0, 2, 3));
        TensorAssert.AreClose([1, 0, 0, 1], eye(2));
        TensorAssert.AreClose([1, 0, 0, 0, 1, 0], eye(2, 3));
        Tensor x = ones(2, 2, ScalarType.Float64);
        Assert.AreEqual(ScalarType.Float64, zeros_like(x).dtype);
        Assert.AreEqual(ScalarType.Float64, x.new_zeros(3).dtype);
        TensorAssert.AreClose([5, 5, 5, 5], full_like(x, 5));
        Assert.IsTrue(zeros(2, requires_grad: true).requires_grad);
    }

    [TestMethod]
    public void ArraysAreCopiedOrShared()
    {
        using DisposeScope scope = NewDisposeScope();
        float[] array = [1, 2, 3, 4];
        Tensor copy = tensor(array);
        Tensor shared = from_array(array);
        array[0] = 9;
        TensorAssert.AreClose([1, 2, 3, 4], copy);
        TensorAssert.AreClose([9, 2, 3, 4], shared);
        TensorAssert.AreClose([9, 2, 3, 4], as_tensor(array));
        TensorAssert.HasShape([2, 2], tensor(array, [2, 2]));
        TensorAssert.HasShape([2, 1, 2], from_array(new double[2, 1, 2]));
        TensorAssert.AreClose([1, 2, 3, 4, 5, 6], tensor(new[,] { { 1, 2, 3 }, { 4, 5, 6 } }));
        TensorAssert.AreClose([1, 2], tensor(new List<long> { 1, 2 }));
        TensorAssert.AreClose([1, 0], tensor(new[] { true, false }));
        TensorAssert.AreClose([1.5, 2], tensor(new[] { (Half)1.5, (Half)2 }));
        Assert.Throws<ArgumentException>(() => tensor(array, [5]));
    }

    [TestMethod]
    public void ASharedArrayOutlivesGarbageCollections()
    {
        using Tensor shared = OverNewArray();
        for (int i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            _ = GC.AllocateUninitializedArray<float>(1000);
        }

        Assert.AreEqual(1000 * 999 / 2, shared.sum().ToDouble());

        static Tensor OverNewArray() => from_array(Enumerable.Range(0, 1000).Select(i => (float)i).ToArray());
    }

    [TestMethod]
    public void Elements()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = arange(6, ScalarType.Float32).reshape(2, 3);
        CollectionAssert.AreEqual(new float[] { 0, 1, 2, 3, 4, 5 }, x.data<float>().ToArray());
        CollectionAssert.AreEqual(new float[] { 0, 3, 1, 4, 2, 5 }, x.t().contiguous().data<float>().ToArray());
        CollectionAssert.AreEqual(new float[] { 0, 3, 1, 4, 2, 5 }, x.t().data<float>().ToArray());
        Assert.AreEqual(4f, x.data<float>()[1, 1]);
        Assert.AreEqual(4f, x.t().data<float>()[1, 1]);
        x.data<float>()[0, 2] = 7;
        Assert.AreEqual(7f, x[0, 2].item<float>());
        float[,] array = (float[,])x.data<float>().ToNDArray();
        Assert.AreEqual(5f, array[1, 2]);
        Assert.AreEqual(24, x.bytes.Length);
        Assert.AreEqual(7f, BitConverter.ToSingle(x.bytes[8..12]));
        x.bytes = new byte[24];
        Assert.AreEqual(0f, x.abs().sum().ToSingle());
        Assert.AreEqual(3, tensor(3L).ToInt32());
        Assert.AreEqual(2.5, (double)tensor(2.5f));
    }

    [TestMethod]
    public void ElementsOfAnotherTypeAreErrors()
    {
        using DisposeScope scope = NewDisposeScope();
        Assert.Throws<ArgumentException>(() => tensor(3L).item<int>());
        Assert.Throws<ArgumentException>(() => zeros(2).data<double>());
        Assert.Throws<ArgumentException>(() => zeros(2).item<float>());
    }

    [TestMethod]
    public void Conversions()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor(new float[] { 1.75f, -1.75f, 0 });
        TensorAssert.AreClose([1, -1, 0], x.to(ScalarType.Int64));
        TensorAssert.AreClose([1, 1, 0], x.@bool());
        Assert.AreEqual(ScalarType.BFloat16, x.bfloat16().dtype);
        Assert.AreEqual(ScalarType.Int32, x.to_type(ScalarType.Int32).dtype);
        Assert.AreEqual(DeviceType.CPU, x.to(CPU).device_type);
        Tensor same = x.to(ScalarType.Float32);
        same.fill_(1);
        TensorAssert.AreClose([1, 1, 1], x);
        Tensor other = x.to(ScalarType.Float32, copy: true);
        other.fill_(2);
        TensorAssert.AreClose([1, 1, 1], x);
        x.copy_(tensor(new[] { 4, 5, 6 }));
        TensorAssert.AreClose([4, 5, 6], x);
    }

    [TestMethod]
    public void Devices()
    {
        Assert.AreEqual(DeviceType.CPU, device("cpu").type);
        Assert.AreEqual(DeviceType.CUDA, new Device("cuda:1").type);
        Assert.AreEqual(1, new Device("cuda:1").index);
        Assert.AreEqual("cuda:1", new Device(DeviceType.CUDA, 1).ToString());
        Assert.Throws<Exception>(() => new Device("toaster"));
        Assert.AreEqual(cuda.device_count() > 0, cuda.is_available());
    }
}
