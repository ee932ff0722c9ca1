using Microsoft.ML.AudioFeaturization.EventDecoding;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Tasks;
using TorchSharp;
using static Microsoft.ML.AudioTransformers.Tests.Models.TinyHtsAt;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tests.Models;

/// <summary>Presence maps of clips that are longer or shorter than an image, whole and in pieces.</summary>
[TestClass]
public class HtsAtMapTests
{
    private static readonly HtsAtConfig s_tiny = TinyHtsAt.Config;

    [TestMethod]
    [DataRow(129)]
    [DataRow(192)]
    [DataRow(200)]
    [DataRow(1000)]
    public void LongerClipsHaveAMapOfTheirLength(int frames)
    {
        using HtsAt model = Evaluating(s_tiny);
        using DisposeScope scope = NewDisposeScope();
        Tensor clips = Clips(2, frames);

        PresenceDetection found = model.Detect(clips);

        CollectionAssert.AreEqual(new long[] { 2, (frames + 7) / 8, 3 }, found.Presence.shape);
        Assert.AreEqual(8, found.FramesPerStep);
        Assert.IsTrue(Values(found.Presence).All(value => value is > 0 and < 1));
        CollectionAssert.AreEqual(new long[] { 2, 3 }, model.call(clips).shape);

        // The first half image is in the first window alone.
        PresenceDetection start = model.Detect(clips.narrow(2, 0, 128));
        long alone = model.PresenceMap.WindowStarts(frames)[1] / 8;
        CollectionAssert.AreEqual(
            Values(start.Presence.narrow(1, 0, alone)), Values(found.Presence.narrow(1, 0, alone)));
    }

    [TestMethod]
    [DataRow(50)]
    [DataRow(128)]
    [DataRow(129)]
    [DataRow(192)]
    [DataRow(200)]
    [DataRow(1000)]
    public void StreamsGiveTheMapOfTheWholeInPiecesOfAnySize(int frames)
    {
        using HtsAt model = Evaluating(s_tiny with { ShortClips = HtsAtShortClips.Repeat });
        using DisposeScope scope = NewDisposeScope();

        // As streams score: where gradients are recorded, attention is computed in another way.
        using IDisposable guard = no_grad();
        Tensor clip = Clips(1, frames);
        float[] features = Values(clip);
        PresenceDetection whole = model.Detect(clip);

        // A clip of 50 frames is repeated in the image, its map beyond the clip's end is not the clip's.
        long steps = frames == 50 ? 8 : whole.Presence.shape[1];
        foreach (int piece in new[] { 1, 7, 100, frames })
        {
            var stream = new PresenceStream(new PresenceEnsemble([model], CPU));
            List<float> presence = [];
            foreach (float[] part in features.Chunk(piece * 8))
            {
                stream.Add(part, presence);
            }

            Assert.AreEqual(whole.FramesPerStep, stream.Finish(presence));
            CollectionAssert.AreEqual(Values(whole.Presence.narrow(1, 0, steps)), presence, $"pieces of {piece}");
            AssertClose(whole.Scores, tensor(stream.Scores(), 1, 3), HtsAtShortClips.Repeat);
        }
    }

    [TestMethod]
    public void AStreamHasFrames()
    {
        using HtsAt model = Evaluating(s_tiny);

        Assert.ThrowsExactly<InvalidOperationException>(() => new PresenceStream(new PresenceEnsemble([model], CPU)).Finish([]));
    }

    [TestMethod]
    public void WindowsOverlapByHalfAndHoldTheEnd()
    {
        using HtsAt model = Evaluating(s_tiny);

        CollectionAssert.AreEqual(new[] { 0, 8 }, model.PresenceMap.WindowStarts(129).ToArray());
        CollectionAssert.AreEqual(new[] { 0, 64 }, model.PresenceMap.WindowStarts(192).ToArray());
        CollectionAssert.AreEqual(new[] { 0, 64, 72 }, model.PresenceMap.WindowStarts(193).ToArray());
        CollectionAssert.AreEqual(new[] { 0, 64, 128 }, model.PresenceMap.WindowStarts(256).ToArray());
    }

    [TestMethod]
    public void AveragedCropsTakeTwoImagesAtMost()
    {
        using HtsAt model = Evaluating(s_tiny with { LongClips = HtsAtLongClips.AveragedCrops });
        using DisposeScope scope = NewDisposeScope();

        CollectionAssert.AreEqual(new long[] { 1, 16, 3 }, model.Detect(Clips(1, 258)).Presence.shape);
        var error = Assert.ThrowsExactly<ArgumentException>(() => model.Detect(Clips(1, 259)));
        StringAssert.Contains(error.Message, "258");
    }

    [TestMethod]
    public void RepeatedClipIsHeardAsTwoOfIt()
    {
        using HtsAt model = Evaluating(s_tiny with { ShortClips = HtsAtShortClips.Repeat });
        using DisposeScope scope = NewDisposeScope();
        Tensor clip = Clips(1, 64);

        PresenceDetection once = model.Detect(clip);
        PresenceDetection twice = model.Detect(cat([clip, clip], 2));

        CollectionAssert.AreEqual(Values(twice.Scores), Values(once.Scores));
        CollectionAssert.AreEqual(Values(twice.Presence), Values(once.Presence));
        Assert.AreEqual(8, once.FramesPerStep, "of both a step is 8 frames; of the short one the first 8 steps are it");
        Assert.AreEqual(32.0 / 16, Evaluating(s_tiny).Detect(Clips(1, 32)).FramesPerStep, "stretched");
    }
}
