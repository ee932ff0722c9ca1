using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace AudioMLNet.StandIns.Tests.MicrosoftML;

[TestClass]
public class HostTests
{
    [TestMethod]
    public void HostsSeeTheContextsSettings()
    {
        MLContext context = new(5) { GpuDeviceId = 3, FallbackToCpu = true, TempFilePath = "somewhere" };

        IHost host = ((IHostEnvironment)context).Register("Trainer");
        IHost ofCatalog = Reach.EnvironmentOf(context.MulticlassClassification.Trainers).Register("Trainer");
        IHost nested = host.Register("Inner");

        foreach (IHost each in new[] { host, ofCatalog, nested })
        {
            Assert.AreEqual(3, Reach.HostProperty<int?>(each, "GpuDeviceId"));
            Assert.IsTrue(Reach.HostProperty<bool>(each, "FallbackToCpu"));
            Assert.AreEqual(5, Reach.HostProperty<int?>(each, "Seed"));
        }

        Assert.AreEqual("somewhere", Reach.HostProperty<string>(host, "TempFilePath"));
        Assert.AreEqual(3, Reach.HostProperty<int?>(context, "GpuDeviceId"));
    }

    [TestMethod]
    public void AContextHasTheDocumentedDefaults()
    {
        MLContext context = new();

        Assert.IsNull(context.GpuDeviceId);
        Assert.IsFalse(context.FallbackToCpu);
        Assert.AreEqual(Path.GetTempPath(), context.TempFilePath);
        Assert.IsNull(Reach.HostProperty<int?>(context, "Seed"));
    }

    [TestMethod]
    public void EveryCatalogLeadsToOneEnvironment()
    {
        MLContext context = new();
        object[] catalogs =
        [
            context.MulticlassClassification, context.MulticlassClassification.Trainers, context.Transforms,
            context.Transforms.Conversion, context.Model, context.Data,
        ];

        foreach (object catalog in catalogs)
        {
            Assert.AreSame(Reach.EnvironmentOf(catalogs[0]), Reach.EnvironmentOf(catalog));
        }

        Assert.AreSame(context.ComponentCatalog, Reach.EnvironmentOf(catalogs[0]).ComponentCatalog);
    }

    [TestMethod]
    public void OneSeedGivesOneSequence()
    {
        static double Draw(int? seed, int? own) => ((IHostEnvironment)new MLContext(seed)).Register("A", own).Rand.NextDouble();

        Assert.AreEqual(Draw(1, null), Draw(1, null));
        Assert.AreEqual(Draw(1, 9), Draw(2, 9));
        Assert.AreNotEqual(Draw(1, null), Draw(2, null));
        IHostEnvironment context = new MLContext(1);
        Assert.AreNotEqual(context.Register("A").Rand.NextDouble(), context.Register("A").Rand.NextDouble());
    }

    [TestMethod]
    public void CancellationReachesHostsOldAndNew()
    {
        MLContext context = new();
        IHost before = ((IHostEnvironment)context).Register("Before");
        IHost nested = before.Register("Nested");
        Assert.IsFalse(Reach.IsCanceled(nested));

        Reach.CancelExecution(context);

        Assert.IsTrue(Reach.IsCanceled(before));
        Assert.IsTrue(Reach.IsCanceled(nested));
        Assert.IsTrue(Reach.IsCanceled(((IHostEnvironment)context).Register("After")));
        Assert.IsFalse(Reach.IsCanceled(((IHostEnvironment)new MLContext()).Register("Other")));
    }

    [TestMethod]
    public void WhatAChannelSaysIsLogged()
    {
        MLContext context = new();
        List<LoggingEventArgs> log = Listen(context);
        IHost host = ((IHostEnvironment)context).Register("Trainer");

        using (IChannel channel = host.Start("Training"))
        {
            channel.Info(MessageSensitivity.None, "epoch {0} of {1}", 1, 2);
            channel.Warning(MessageSensitivity.None, "a { brace alone is no format");
            channel.Error(MessageSensitivity.UserData, "e");
        }

        Assert.IsTrue(log.All(entry => entry.Source == "Trainer; Training"));
        CollectionAssert.AreEqual(
            new[] { "Channel started", "epoch 1 of 2", "a { brace alone is no format", "e" },
            log.Take(4).Select(entry => entry.RawMessage).ToArray());
        CollectionAssert.AreEqual(
            new[] { ChannelMessageKind.Trace, ChannelMessageKind.Info, ChannelMessageKind.Warning, ChannelMessageKind.Error },
            log.Take(4).Select(entry => entry.Kind).ToArray());
        Assert.AreEqual("[Source=Trainer; Training, Kind=Info] epoch 1 of 2", log[1].Message);
        Assert.AreEqual(6, log.Count);
        Assert.StartsWith("Channel finished. Elapsed ", log[4].RawMessage);
        Assert.AreEqual("Channel disposed", log[5].RawMessage);
    }

    [TestMethod]
    public void AChannelOfTheContextItselfHasItsOwnNameOnly()
    {
        MLContext context = new();
        List<LoggingEventArgs> log = Listen(context);

        using IChannel channel = ((IChannelProvider)context).Start("Main");

        Assert.AreEqual("Main", log.Single().Source);
    }

    [TestMethod]
    public void ProgressIsCheckedButNeverLogged()
    {
        MLContext context = new();
        List<LoggingEventArgs> log = Listen(context);
        IHost host = ((IHostEnvironment)context).Register("Trainer");
        int filled = 0;

        IProgressChannel progress = host.StartProgressChannel("Training");
        progress.SetHeader(new ProgressHeader(["loss"], ["epochs"]), entry => filled++);
        progress.Checkpoint(0.5, 1, 2);
        Assert.ThrowsExactly<InvalidOperationException>(() => progress.Checkpoint(0.5, 1, 2, 3));
        progress.Dispose();

        Assert.ThrowsExactly<InvalidOperationException>(() => progress.Checkpoint(0.5));
        Assert.AreEqual(0, filled);
        Assert.IsEmpty(log);
    }

    [TestMethod]
    public void APipeCarriesOnlyItsOwnMessages()
    {
        MLContext context = new();
        List<LoggingEventArgs> log = Listen(context);

        using IPipe<string> pipe = ((IChannelProvider)context).StartPipe<string>("Strings");
        pipe.Send("not for the log");

        Assert.IsEmpty(log);
    }

    [TestMethod]
    public void NamesAndMessagesCannotBeEmpty()
    {
        IHostEnvironment context = new MLContext();

        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => context.Register(""));
        using IChannel channel = context.Start("Main");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => channel.Info(MessageSensitivity.None, ""));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => channel.Info(MessageSensitivity.None, "no arguments", Array.Empty<object>()));
    }

    private static List<LoggingEventArgs> Listen(MLContext context)
    {
        List<LoggingEventArgs> log = [];
        context.Log += (_, entry) => log.Add(entry);
        return log;
    }
}
