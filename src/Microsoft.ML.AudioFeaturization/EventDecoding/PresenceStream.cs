using Microsoft.ML.AudioFeaturization.Clips;

namespace Microsoft.ML.AudioFeaturization.EventDecoding;

/// <summary>
/// Presence map of a recording of any length. Its log-mel frames are added in pieces of any size; the map does not depend on
/// the sizes. A recording longer than the network's image is processed in images that overlap by half, one at a time, in
/// constant memory.
/// </summary>
internal sealed class PresenceStream
{
    private readonly IPresenceModel _model;
    private readonly PresenceMapGeometry _geometry;
    private readonly int _mels;
    private readonly int _image;
    private readonly WindowStitcher _stitcher;
    private readonly double[] _scores;
    private int _images;

    // The latest frames; _start is the number of the first of them, _next that of the first frame of the next image.
    private readonly float[] _frames;
    private long _start;
    private int _count;
    private long _next;

    /// <param name="model">Model; the caller still disposes it.</param>
    public PresenceStream(IPresenceModel model)
    {
        _model = model;
        _geometry = model.Geometry;
        _mels = _geometry.Mels;
        _image = _geometry.Frames;
        _stitcher = new WindowStitcher(_geometry);
        _scores = new double[_geometry.Classes];
        _frames = new float[checked((2 * _image + _geometry.WindowHop) * _mels)];
    }

    /// <summary>Frames received.</summary>
    public long FrameCount => _start + _count;

    /// <summary>Adds frames, and appends the steps of the map that no later frame can change.</summary>
    /// <param name="frames">Log-mel frames in decibels, (frames, mels).</param>
    /// <param name="presence">
    /// Receives steps (steps, classes) of <see cref="PresenceMapGeometry.FramesPerStep"/> frames each.
    /// </param>
    public void Add(ReadOnlySpan<float> frames, List<float> presence)
    {
        while (frames.Length > 0)
        {
            int taken = Math.Min(frames.Length, _frames.Length - (_count * _mels));
            frames[..taken].CopyTo(_frames.AsSpan(_count * _mels));
            _count += taken / _mels;
            frames = frames[taken..];

            // The last image is processed in Finish, when the end is known.
            for (; FrameCount > _next + _image; _next += _geometry.WindowHop)
            {
                Detect(_next, presence);
                Drop(_next);
            }
        }
    }

    /// <summary>Ends the recording, and appends the remaining steps.</summary>
    /// <param name="presence">Receives steps, (steps, classes).</param>
    /// <returns>Frames of the recording in a step; fewer in a recording shorter than an image.</returns>
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

    /// <summary>Probability of each class in the recording, the mean over the images processed so far.</summary>
    public float[] Scores() => Array.ConvertAll(_scores, sum => (float)(sum / _images));

    private double DetectShort(List<float> presence)
    {
        (float[] scores, float[] map) = _model.Detect(_frames.AsSpan(0, _count * _mels));
        Add(scores);
        double framesPerStep = _geometry.StepLength(_count);

        // Where the recording was repeated, the map goes on beyond its end.
        int steps = (int)Math.Ceiling((_count / framesPerStep) - 1e-9);
        presence.AddRange(map[..(steps * _geometry.Classes)]);
        return framesPerStep;
    }

    private void Detect(long start, List<float> presence)
    {
        ReadOnlySpan<float> image = _frames.AsSpan((int)(start - _start) * _mels, _image * _mels);
        (float[] scores, float[] map) = _model.Detect(image);
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

    /// <summary>Drops the frames before a frame.</summary>
    private void Drop(long before)
    {
        int dropped = (int)(before - _start);
        _frames.AsSpan(dropped * _mels, (_count - dropped) * _mels).CopyTo(_frames);
        _start = before;
        _count -= dropped;
    }
}
