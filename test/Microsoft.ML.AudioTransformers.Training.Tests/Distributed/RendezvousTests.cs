using System.Net;
using System.Net.Sockets;
using Microsoft.ML.AudioTransformers.Distributed;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Distributed;

[TestClass]
public sealed class RendezvousTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    [TestMethod]
    public void AllRanksGetTheBytesOfTheFirstAndHearOfAFailure()
    {
        int port = FreePort();
        Rendezvous[] ranks = [.. Task.WhenAll(Enumerable.Range(0, 3).Select(rank => Task.Run(() => Rendezvous.Meet(
            new RankPlace(rank, 3, rank, "127.0.0.1", port), () => [1, 2, 3], s_limit)))).GetAwaiter().GetResult()];

        Assert.IsTrue(ranks.All(rank => rank.Shared.SequenceEqual((byte[])[1, 2, 3])));
        Assert.IsTrue(ranks.All(rank => rank.Failure() is null));

        ranks[1].Tell("Rank 1 of 3 failed: no clips");

        Assert.AreEqual("Rank 1 of 3 failed: no clips", Hear(ranks[0]));
        Assert.AreEqual("Rank 1 of 3 failed: no clips", Hear(ranks[2]));
        Array.ForEach(ranks, rank => rank.Dispose());
    }

    [TestMethod]
    public void ARankThatEndsIsNamed()
    {
        int port = FreePort();
        Rendezvous[] ranks = [.. Task.WhenAll(Enumerable.Range(0, 2).Select(rank => Task.Run(() => Rendezvous.Meet(
            new RankPlace(rank, 2, rank, "127.0.0.1", port), () => [], s_limit)))).GetAwaiter().GetResult()];

        ranks[1].Dispose();

        Assert.AreEqual("Rank 1 of 2 has ended.", Hear(ranks[0]));
        ranks[0].Dispose();
    }

    [TestMethod]
    public void RanksThatDoNotComeAreNamed()
    {
        DistributedException exception = Assert.ThrowsExactly<DistributedException>(() => Rendezvous.Meet(
            new RankPlace(0, 3, 0, "127.0.0.1", FreePort()), () => [], TimeSpan.FromMilliseconds(100)));

        StringAssert.Contains(exception.Message, "the ranks 1, 2 of 3");
    }

    [TestMethod]
    public void VariablesOfTorchrunTellThePlace()
    {
        RankPlace Of(params (string Name, string Value)[] variables) => RankPlace.FromEnvironment(
            name => variables.FirstOrDefault(variable => variable.Name == name).Value);

        Assert.AreEqual(new RankPlace(0, 1, 0, "", 0), Of());
        Assert.AreEqual(
            new RankPlace(3, 8, 1, "node0", 4000),
            Of(("RANK", "3"), ("WORLD_SIZE", "8"), ("LOCAL_RANK", "1"), ("MASTER_ADDR", "node0"), ("MASTER_PORT", "4000")));
        StringAssert.Contains(
            Assert.ThrowsExactly<DistributedException>(() => Of(("WORLD_SIZE", "2"), ("RANK", "2"))).Message, "0 to 1");
        StringAssert.Contains(
            Assert.ThrowsExactly<DistributedException>(() => Of(("WORLD_SIZE", "2"))).Message, "RANK is not set");
    }

    private static string Hear(Rendezvous rank)
    {
        string? heard = null;
        Assert.IsTrue(SpinWait.SpinUntil(() => (heard = rank.Failure()) is not null, s_limit));
        return heard!;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
