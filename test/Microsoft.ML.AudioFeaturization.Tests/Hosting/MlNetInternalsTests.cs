using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioFeaturization.Tests.Hosting;

/// <summary>What is reached beyond ML.NET's public API is there, whichever build this is.</summary>
[TestClass]
public sealed class MlNetInternalsTests
{
    [TestMethod]
    public void HostsSeeTheSettingsOfTheContext()
    {
        var mlContext = new MLContext(seed: 42) { GpuDeviceId = 3, FallbackToCpu = false };
        IHostEnvironment environment = MlNetInternals.GetEnvironment(mlContext.Transforms);
        IHost host = environment.Register("test");

        Assert.AreEqual(42, MlNetInternals.GetSeed(host));
        Assert.AreEqual(3, MlNetInternals.GetGpuDeviceId(host));
        Assert.IsFalse(MlNetInternals.GetFallbackToCpu(host));
        Assert.IsNull(MlNetInternals.GetGpuDeviceId(((IHostEnvironment)new MLContext()).Register("test")));
        Assert.IsNull(MlNetInternals.GetSeed(((IHostEnvironment)new MLContext()).Register("test")));
    }

    [TestMethod]
    public void EveryCatalogHandsOutItsEnvironment()
    {
        var mlContext = new MLContext();

        Assert.IsNotNull(MlNetInternals.GetEnvironment(mlContext.Transforms));
        Assert.IsNotNull(MlNetInternals.GetEnvironment(mlContext.MulticlassClassification));
        Assert.IsNotNull(MlNetInternals.GetEnvironment(mlContext.MulticlassClassification.Trainers));
    }

    [TestMethod]
    public void CancellationOfTheContextIsSeen()
    {
        var mlContext = new MLContext();
        IHost host = MlNetInternals.GetEnvironment(mlContext.Transforms).Register("test");
        Func<bool> isCanceled = MlNetInternals.GetCancellationCheck(host);
        Assert.IsFalse(isCanceled());

        typeof(MLContext).GetMethod(
            "CancelExecution", System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic)!
            .Invoke(mlContext, null);

        Assert.IsTrue(isCanceled());
    }

    [TestMethod]
    public void ShapesAndTrainerInfo()
    {
        var builder = new DataViewSchema.Builder();
        builder.AddColumn("Label", new KeyDataViewType(typeof(uint), 4));
        builder.AddColumn("Features", new VectorDataViewType(NumberDataViewType.Single, 3, 5));
        SchemaShape shape = MlNetInternals.CreateShape(builder.ToSchema());
        TrainerInfo info = MlNetInternals.CreateTrainerInfo(true, false, true, false, false, false);

        Assert.HasCount(2, shape);
        Assert.IsTrue(shape[0].IsKey);
        Assert.AreEqual(SchemaShape.Column.VectorKind.Vector, shape[1].Kind);
        Assert.IsTrue(info.NeedNormalization);
        Assert.IsTrue(info.WantCaching);
    }
}
