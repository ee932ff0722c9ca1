using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioTransformers.Charts;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Models.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers;

/// <summary>Deformable points of a trained DATAR: where in a clip its attention samples (the paper's figure 1).</summary>
public static class DatarInspection
{
    /// <summary>Points that a deformable block samples in a clip, with their attention weights.</summary>
    /// <param name="model">Model: a trained DATAR.</param>
    /// <param name="features">Log-mel features of the clip, (frames, mel bins), as the model was trained on.</param>
    /// <param name="stage">Stage, counted from 0. Default: 3, the last.</param>
    /// <param name="block">Block of the stage, counted from 0; null for its last deformable one. Default: null.</param>
    /// <returns>Points, group by group, each row by row from the lowest mel bins up.</returns>
    /// <exception cref="InvalidOperationException">The model is no DATAR.</exception>
    /// <exception cref="ArgumentException">
    /// There are more or fewer features than the model takes, one is not finite, or the block is not a deformable one.
    /// </exception>
    public static IReadOnlyList<DeformablePoint> GetDeformablePoints(
        this AudioModelParameters model, ReadOnlySpan<float> features, int stage = 3, int? block = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.Network is not Datar network)
        {
            throw new InvalidOperationException(
                $"Only DATAR has deformable points; this model is {model.ArchitectureName}.");
        }

        FeatureShape shape = model.Description.Shape;
        if (features.Length != shape.Frames * shape.Mels)
        {
            throw new ArgumentException($"A clip has {features.Length} features; expected {shape}.", nameof(features));
        }

        if (FeatureReader.FirstNotFinite(features) is { } wrong)
        {
            throw new ArgumentException($"Feature {wrong} is {features[wrong]}; expected finite numbers.", nameof(features));
        }

        network.ThrowIfDisposed();
        using DisposeScope scope = NewDisposeScope();
        Tensor clip = TensorData.Create(features, [1, shape.Frames, shape.Mels], model.Device);
        DeformablePoints points = network.SampledPoints(network.FromFeatures(clip), stage, block);
        MapSize map = network.Options.Maps()[stage];
        return points.InFramesAndMels(shape.Frames, shape.Mels, map.Height, map.Width);
    }

    /// <summary>
    /// Draws the points of <see cref="GetDeformablePoints"/> over the log-mel features of the clip: the larger a point, the more
    /// attention it gets, with a line from its reference point and a colour for each group.
    /// </summary>
    /// <param name="model">Model: a trained DATAR.</param>
    /// <param name="features">Log-mel features of the clip, (frames, mel bins), as the model was trained on.</param>
    /// <param name="title">Title.</param>
    /// <param name="stage">Stage, counted from 0. Default: 3, the last.</param>
    /// <param name="block">Block of the stage, counted from 0; null for its last deformable one. Default: null.</param>
    /// <param name="frameMilliseconds">
    /// Hop from frame to frame in milliseconds, above 0, for an axis in seconds; null for that of the model's front end or,
    /// where it has none, an axis in frames. Default: null.
    /// </param>
    /// <returns>The chart.</returns>
    /// <exception cref="InvalidOperationException">The model is no DATAR.</exception>
    /// <exception cref="ArgumentException">
    /// There are more or fewer features than the model takes, the block is not a deformable one, or the milliseconds are not
    /// above 0.
    /// </exception>
    public static SvgChart DrawDeformablePoints(
        this AudioModelParameters model,
        ReadOnlySpan<float> features,
        string title,
        int stage = 3,
        int? block = null,
        double? frameMilliseconds = null)
    {
        ArgumentNullException.ThrowIfNull(title);
        if (frameMilliseconds is { } given && !(given > 0 && double.IsFinite(given)))
        {
            throw new ArgumentOutOfRangeException(
                nameof(frameMilliseconds), given, $"There are {given} ms from frame to frame; expected a number above 0.");
        }

        IReadOnlyList<DeformablePoint> points = model.GetDeformablePoints(features, stage, block);
        double? own = model.Description.FrontEnd is { } frontEnd ? 1000.0 * frontEnd.HopLength / frontEnd.SampleRate : null;
        return DeformablePointChart.Draw(
            title, points, features, model.Description.Shape.Mels, frameMilliseconds ?? own);
    }
}
