using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Scoring;

[TestClass]
public sealed class TimeShiftScoringTests
{
    /// <summary>The mean over shifts by equal parts of the length is the mean of what the shifted clips score.</summary>
    [TestMethod]
    public void ScoresAreTheMeanOverShiftedClips()
    {
        const int shifts = 4;
        var mlContext = new MLContext();
        float[][] Scores(int count, IEnumerable<TinyClip> clips)
        {
            PasstOptions options = TinyModel.Options();
            options.Epochs = 1;
            options.ScoringTimeShifts = count;
            ITransformer model = TinyModel.Pipeline(mlContext, options).Fit(TinyModel.Data(mlContext));
            return TinyModel.Scores(model.Transform(mlContext.Data.LoadFromEnumerable(clips)));
        }

        TinyClip[] clips = TinyClip.Make(3, seed: 8, TinyModel.Classes);
        float[][] averaged = Scores(shifts, clips);

        var sums = new float[clips.Length, TinyModel.Classes.Length];
        for (int shift = 0; shift < shifts; shift++)
        {
            float[][] shifted = Scores(1, clips.Select(clip => Roll(clip, shift * TinyClip.Frames / shifts)));
            for (int i = 0; i < clips.Length; i++)
            {
                for (int c = 0; c < TinyModel.Classes.Length; c++)
                {
                    sums[i, c] += shifted[i][c];
                }
            }
        }

        for (int i = 0; i < clips.Length; i++)
        {
            for (int c = 0; c < TinyModel.Classes.Length; c++)
            {
                Assert.AreEqual(sums[i, c] / shifts, averaged[i][c], 1e-5);
            }
        }

        Assert.IsFalse(averaged[0].SequenceEqual(Scores(1, clips)[0]), "shifts change the scores");
    }

    private static TinyClip Roll(TinyClip clip, int frames)
    {
        int split = frames * TinyClip.Mels;
        return new TinyClip
        {
            Name = clip.Name,
            Label = clip.Label,
            Features = [.. clip.Features[^split..], .. clip.Features[..^split]],
        };
    }
}
