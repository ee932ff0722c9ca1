using System.Runtime.InteropServices;
using Microsoft.ML.AudioTransformers;

namespace Microsoft.ML.AudioFeaturization.EventDecoding;

/// <summary>
/// Decoder of events from a presence map: threshold, median filter, gaps closed, short events dropped. The map is added in
/// pieces of any size; the events do not depend on the sizes.
/// </summary>
internal sealed class EventDecoder
{
    private readonly string _clip;
    private readonly IReadOnlyList<string> _classNames;
    private readonly int _modelClassCount;
    private readonly double _secondsPerFrame;
    private readonly ClassMapping? _mapping;
    private readonly ClassEventDecoder[] _classes;
    private readonly (double Onset, double Offset)[] _margins;
    private readonly float[] _mapped;
    private long _frames;

    /// <summary>Starts a clip.</summary>
    /// <param name="clip">Name of the clip.</param>
    /// <param name="modelClassNames">Classes of the map.</param>
    /// <param name="secondsPerFrame">Seconds from one frame of the map to the next, above 0.</param>
    /// <param name="options">Decoding options.</param>
    /// <exception cref="ArgumentException">The options do not fit the classes.</exception>
    public EventDecoder(
        string clip, IReadOnlyList<string> modelClassNames, double secondsPerFrame, EventDecodingOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(secondsPerFrame);
        _clip = clip;
        _mapping = options.Mapping;
        _modelClassCount = modelClassNames.Count;
        _classNames = _mapping?.ClassNames ?? modelClassNames;
        _secondsPerFrame = secondsPerFrame;
        if (_mapping?.MinimumSourceCount > modelClassNames.Count)
        {
            throw new ArgumentException(
                $"The mapping names the class {_mapping.MinimumSourceCount - 1}, but the model has {modelClassNames.Count} "
                + "classes.");
        }

        options.Check(_classNames.Count);
        _mapped = new float[_classNames.Count];
        _margins = [.. Enumerable.Range(0, _classNames.Count).Select(label => (
            EventDecodingOptions.ForClass(options.OnsetMargins, label),
            EventDecodingOptions.ForClass(options.OffsetMargins, label)))];
        _classes = [.. Enumerable.Range(0, _classNames.Count).Select(
            label => new ClassEventDecoder(options, label, secondsPerFrame))];
    }

    /// <summary>Decodes the events of a whole clip.</summary>
    /// <param name="clip">Name of the clip.</param>
    /// <param name="presence">Presence map, (frames, classes), row by row.</param>
    /// <param name="modelClassNames">Classes of the map.</param>
    /// <param name="secondsPerFrame">Seconds from one frame of the map to the next, above 0.</param>
    /// <param name="options">Decoding options.</param>
    /// <returns>The events by class, those of a class by onset.</returns>
    public static List<SoundEvent> Decode(
        string clip,
        ReadOnlySpan<float> presence,
        IReadOnlyList<string> modelClassNames,
        double secondsPerFrame,
        EventDecodingOptions options)
    {
        var decoder = new EventDecoder(clip, modelClassNames, secondsPerFrame, options);
        var events = new List<SoundEvent>();
        decoder.Add(presence, events);
        decoder.Finish(events);
        double end = decoder._frames * secondsPerFrame;
        Dictionary<string, int> order = decoder._classNames.Select((name, label) => (name, label))
            .ToDictionary(item => item.name, item => item.label);
        return [.. events
            .Select(item => item with { Offset = Math.Min(item.Offset, end) })
            .OrderBy(item => order[item.Label])
            .ThenBy(item => item.Onset)];
    }

    /// <summary>
    /// Adds frames, and appends the events that have ended to <paramref name="events"/>. An offset margin may put the end of an
    /// event after these frames.
    /// </summary>
    /// <param name="presence">Presence of each class, (frames, classes), row by row.</param>
    /// <param name="events">Receives the events in the order in which they end.</param>
    /// <exception cref="ArgumentException">The last frame is incomplete, or a presence is NaN.</exception>
    public void Add(ReadOnlySpan<float> presence, List<SoundEvent> events)
    {
        if (presence.Length % _modelClassCount != 0)
        {
            throw new ArgumentException(
                $"Clip '{_clip}' has {presence.Length} values; expected whole frames of {_modelClassCount} classes.");
        }

        for (int at = 0; at < presence.Length; at += _modelClassCount, _frames++)
        {
            ReadOnlySpan<float> frame = presence.Slice(at, _modelClassCount);
            if (_mapping is not null)
            {
                _mapping.Map(frame, _mapped);
                frame = _mapped;
            }

            for (int label = 0; label < _classes.Length; label++)
            {
                if (float.IsNaN(frame[label]))
                {
                    throw new ArgumentException(
                        $"Clip '{_clip}' has the presence NaN of class {label} ('{_classNames[label]}') in frame {_frames}.");
                }

                Append(label, _classes[label].Add(frame[label]), events);
            }
        }
    }

    /// <summary>Ends the clip, and appends the events that had not ended.</summary>
    public void Finish(List<SoundEvent> events)
    {
        for (int label = 0; label < _classes.Length; label++)
        {
            while (_classes[label].Finish(out FrameSpan? span))
            {
                Append(label, span, events);
            }
        }
    }

    private void Append(int label, FrameSpan? span, List<SoundEvent> events)
    {
        if (span is FrameSpan found)
        {
            events.Add(new SoundEvent(
                _clip,
                _classNames[label],
                Math.Max(0, (found.Onset * _secondsPerFrame) - _margins[label].Onset),
                (found.Offset * _secondsPerFrame) + _margins[label].Offset,
                found.MeanPresence));
        }
    }
}

/// <summary>An event in frames.</summary>
/// <param name="Onset">First frame.</param>
/// <param name="Offset">Frame after the last.</param>
/// <param name="MeanPresence">Mean presence of the class over these frames.</param>
internal readonly record struct FrameSpan(long Onset, long Offset, double MeanPresence);

/// <summary>Decoder of the events of one recording whose presence map is computed step by step.</summary>
/// <param name="clip">Name of the recording.</param>
/// <param name="model">Description of the model.</param>
internal sealed class StreamingEventDecoder(string clip, EventDescription model)
{
    private EventDecoder? _decoder;
    private List<SoundEvent> _events = [];
    private double _seconds;

    /// <summary>Adds steps of the map, and empties the list.</summary>
    /// <param name="presence">Presence of each class, (steps, classes).</param>
    /// <param name="framesPerStep">Frames of a step, the same in all calls for one recording.</param>
    public void Add(List<float> presence, double framesPerStep)
    {
        if (presence.Count > 0)
        {
            double secondsPerStep = framesPerStep * model.SecondsPerFrame;
            _decoder ??= new EventDecoder(clip, model.ClassNames, secondsPerStep, model.CreateDecoding());
            _seconds += presence.Count / model.ClassNames.Count * secondsPerStep;
            _decoder.Add(CollectionsMarshal.AsSpan(presence), _events);
            presence.Clear();
        }
    }

    /// <summary>Ends the recording.</summary>
    /// <param name="duration">
    /// Duration in seconds. Events that begin in the padding after it are dropped, and those that go on into it are cut.
    /// </param>
    public void Finish(double duration)
    {
        _decoder?.Finish(_events);
        _events = [.. _events
            .Where(item => item.Onset < duration)
            .Select(item => item.Offset > duration ? item with { Offset = duration } : item)];
        _seconds = double.PositiveInfinity;
    }

    /// <summary>Takes the events that have ended since the last call, in the order in which they ended.</summary>
    public IReadOnlyList<SoundEvent> Take()
    {
        // A margin may put an offset after the steps added so far: the recording may end before it.
        List<SoundEvent> taken = [.. _events.Where(item => item.Offset <= _seconds)];
        _events.RemoveAll(item => item.Offset <= _seconds);
        return taken;
    }
}
