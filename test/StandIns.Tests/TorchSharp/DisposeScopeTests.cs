using AudioMLNet.TestSupport;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace AudioMLNet.StandIns.Tests.TorchSharp;

/// <summary>What scopes hold and let go of. The counts are the process's, so nothing else may run meanwhile.</summary>
[TestClass, DoNotParallelize]
public class DisposeScopeTests
{
    [TestMethod]
    public void AScopeDisposesWhatWasMadeInIt()
    {
        long before = Tensor.TotalCount;
        Tensor inside;
        using (DisposeScope scope = NewDisposeScope())
        {
            inside = (ones(2) + 1) * 3;
            Assert.AreEqual(3, scope.DisposablesCount);
            Assert.IsTrue(scope.Contains(inside));
            Assert.AreEqual(before + 3, Tensor.TotalCount);
            Assert.AreSame(scope, CurrentDisposeScope);
        }

        Assert.IsTrue(inside.IsInvalid);
        Assert.AreEqual(before, Tensor.TotalCount);
        Assert.Throws<InvalidOperationException>(() => inside.sum());
    }

    [TestMethod]
    public void ATensorMovesToTheOuterScope()
    {
        using DisposeScope outer = NewDisposeScope();
        Tensor kept;
        using (NewDisposeScope())
        {
            kept = ones(2).MoveToOuterDisposeScope();
            _ = ones(3);
        }

        Assert.IsFalse(kept.IsInvalid);
        Assert.IsTrue(outer.Contains(kept));
        Assert.AreEqual(1, outer.DisposablesCount);
    }

    [TestMethod]
    public void ATensorLeavesAllScopes()
    {
        Tensor detached, moved;
        using (DisposeScope outer = NewDisposeScope())
        {
            using (NewDisposeScope())
            {
                detached = ones(2).DetachFromDisposeScope();
                moved = ones(2).MoveToOuterDisposeScope();
            }

            moved.MoveToOuterDisposeScope();
            Assert.AreEqual(0, outer.DisposablesCount);
        }

        Assert.IsFalse(detached.IsInvalid);
        Assert.IsFalse(moved.IsInvalid);
        using (DisposeScope another = NewDisposeScope())
        {
            another.Attach(detached);
            moved.MoveToOtherDisposeScope(another);
        }

        Assert.IsTrue(detached.IsInvalid);
        moved.Dispose();
    }

    [TestMethod]
    public void AScopeKeepsWhatItIsTold()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor kept = ones(2), dropped = ones(2);
        scope.DisposeEverythingBut(kept);
        Assert.IsTrue(dropped.IsInvalid);
        Assert.IsFalse(kept.IsInvalid);
        Tensor result = WrappedTensorDisposeScope(() => (kept + 1) * 2);
        Assert.AreEqual(2, scope.DisposablesCount);
        (Tensor a, Tensor b) = scope.Detach(kept, result);
        Assert.AreEqual(0, scope.DisposablesCount);
        a.Dispose();
        b.Dispose();
    }

    [TestMethod]
    public void StatisticsCount()
    {
        ThreadDisposeScopeStatistics statistics = DisposeScopeManager.Statistics;
        statistics.Reset();
        using (Tensor outside = ones(2))
        {
            using (NewDisposeScope())
            {
                Tensor first = ones(2), second = ones(2), third = ones(2);
                first.Dispose();
                second.DetachFromDisposeScope().Dispose();
                Assert.AreEqual(3, statistics.CreatedInScopeCount);
                Assert.AreEqual(1, statistics.ThreadTotalLiveCount);
                Assert.IsFalse(third.IsInvalid);
            }
        }

        Assert.AreEqual(1, statistics.CreatedOutsideScopeCount);
        Assert.AreEqual(2, statistics.DisposedInScopeCount);
        Assert.AreEqual(1, statistics.DetachedFromScopeCount);
        Assert.AreEqual(0, statistics.ThreadTotalLiveCount);
    }

    [TestMethod]
    public void WhatNobodyHoldsIsFinalized()
    {
        long before = Tensor.TotalCount;
        Make();
        for (int i = 0; i < 10 && Tensor.TotalCount > before; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.IsLessThanOrEqualTo(before, Tensor.TotalCount);

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static void Make()
        {
            for (int i = 0; i < 10; i++)
            {
                _ = ones(2) + 1;
            }
        }
    }

    [TestMethod]
    public void ScopesBelongToTheirThread()
    {
        using DisposeScope scope = NewDisposeScope();
        Exception? failure = null;
        Thread[] threads = [.. Enumerable.Range(0, 4).Select(_ => new Thread(Work))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Assert.IsNull(failure, failure?.ToString());
        Assert.AreEqual(0, scope.DisposablesCount);

        void Work()
        {
            try
            {
                Assert.IsNull(CurrentDisposeScope);
                for (int i = 0; i < 200; i++)
                {
                    using DisposeScope own = NewDisposeScope();
                    Assert.AreEqual(6, (ones(3) * 2).sum().ToInt32());
                    Assert.AreEqual(3, own.DisposablesCount);
                }
            }
            catch (Exception e)
            {
                failure = e;
            }
        }
    }

    [TestMethod]
    public void TenThousandCallsLeaveNothing()
    {
        using Tensor weight = randn(8, 8, requires_grad: true);
        LeakCheck.NoGrowth(
            () => Tensor.TotalCount,
            () =>
            {
                using DisposeScope scope = NewDisposeScope();
                Tensor x = ones(2, 8);
                for (int i = 0; i < 100; i++)
                {
                    x = x.matmul(weight).softmax(1).unsqueeze(0)[0, .., TensorIndex.Slice(0, 8)];
                }

                x.sum().backward();
                weight.grad!.zero_();
                _ = x.data<float>().ToArray();
                _ = x.mean().item<float>();
            },
            steps: 25);
    }
}
