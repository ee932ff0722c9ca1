using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tasks;

/// <summary>
/// The event presence map of a recording of any length, whose log-mel frames come in pieces of any size, which change
/// nothing in the map. A recording that is longer than an image is seen in images that overlap by half, one at a time, so
/// that memory does not grow with it.
/// </summary>
internal sealed class PresenceStream
{
    private readonly PresenceEnsemble _networks;
    private readonly Device _device;
    private readonly PresenceMapGeometry _geometry;
    private readonly int _mels;
    private readonly int _image;
    private readonly WindowStitcher _stitcher;
    private readonly double[] _scores;
    private int _images;

    // The latest frames, the first of which is number _start, and where the next image begins.
    private readonly float[] _frames;
    private long _start;
    private int _count;
    private long _next;

    /// <param name="networks">The models, on <paramref name="device"/>, outside training; they stay the caller's.</param>
    /// <param name="device">Where the models are.</param>
    public PresenceStream(PresenceEnsemble networks, Device device)
    {
        _networks = networks;
        _device = device;
        _geometry = networks.Geometry;
        _mels = _geometry.Mels;
        _image = _geometry.Frames;
        _stitcher = new WindowStitcher(_geometry);
        _scores = new double[_geometry.Classes];
        _frames = new float[checked((2 * _image + _geometry.WindowHop) * _mels)];
    }

    /// <summary>Frames received.</summary>
    public long FrameCount => _start + _count;

    /// <summary>Takes the next frames; the steps of the map that no later frame changes are appended.</summary>
    /// <param name="frames">(frames, mels), in decibels.</param>
    /// <param name="presence">Receives (steps, classes), each of <see cref="PresenceMapGeometry.FramesPerStep"/>.</param>
    public void Add(ReadOnlySpan<float> frames, List<float> presence)
    {
        while (frames.Length > 0)
        {
            int taken = Math.Min(frames.Length, _frames.Length - (_count * _mels));
            frames[..taken].CopyTo(_frames.AsSpan(_count * _mels));
            _count += taken / _mels;
            frames = frames[taken..];

            // The last image is taken when the end is known.
            for (; FrameCount > _next + _image; _next += _geometry.WindowHop)
            {
                Detect(_next, presence);
                Drop(_next);
            }
        }
    }

    /// <summary>Ends the recording, and appends the steps that are left.</summary>
    /// <param name="presence">Receives (steps, classes).</param>
    /// <returns>Frames of the recording that a step stands for, which in one shorter than an image are fewer.</returns>
    /// <exception cref="InvalidOperationException">There are no frames.</exception>
    public double Finish(List<float> presence)
    {
        if (FrameCount == 0)
        {
            throw new InvalidOperationException("The recording has no frames; expected at least one.");
        }

        if (FrameCount <= _image)
        {
            return DetectShort(presence);
        }

        // Where the last window ends after the recording, the last frame is repeated.
        long last = _geometry.LastStart(FrameCount);
        int missing = (int)(last + _image - FrameCount);
        Drop(last);
        for (int i = 0; i < missing; i++, _count++)
        {
            _frames.AsSpan((_count - 1) * _mels, _mels).CopyTo(_frames.AsSpan(_count * _mels));
        }

        Detect(last, presence);
        _stitcher.Finish(presence);
        return _geometry.FramesPerStep;
    }

    /// <summary>The probability of each class in the whole recording, so far as it was looked at.</summary>
    public float[] Scores() => Array.ConvertAll(_scores, sum => (float)(sum / _images));

    private double DetectShort(List<float> presence)
    {
        using IDisposable guard = no_grad();
        using DisposeScope scope = NewDisposeScope();
        (float[] scores, float[] map, double framesPerStep) = _networks.Detect(TensorData.Create<float>(
            _frames.AsSpan(0, _count * _mels), [1, 1, _count, _mels], _device));
        Add(scores);

        // Where the recording was repeated, the map goes on beyond its end.
        int steps = (int)Math.Ceiling((_count / framesPerStep) - 1e-9);
        presence.AddRange(map[..(steps * _geometry.Classes)]);
        return framesPerStep;
    }

    private void Detect(long start, List<float> presence)
    {
        using IDisposable guard = no_grad();
        using DisposeScope scope = NewDisposeScope();
        ReadOnlySpan<float> image = _frames.AsSpan((int)(start - _start) * _mels, _image * _mels);
        (float[] scores, float[] map, _) = _networks.Detect(TensorData.Create(image, [1, 1, _image, _mels], _device));
        Add(scores);
        _stitcher.Add(map, start, presence);
    }

    private void Add(float[] scores)
    {
        for (int i = 0; i < scores.Length; i++)
        {
            _scores[i] += scores[i];
        }

        _images++;
    }

    /// <summary>Forgets the frames before one of them.</summary>
    private void Drop(long before)
    {
        int dropped = (int)(before - _start);
        _frames.AsSpan(dropped * _mels, (_count - dropped) * _mels).CopyTo(_frames);
        _start = before;
        _count -= dropped;
    }
}
