namespace Microsoft.ML.AudioTransformers.Tasks;

/// <summary>
/// Reads events off a map of how present each class is in each frame: threshold, median filter, gaps closed, short
/// events dropped. The map comes in pieces of any size, which change nothing in the events.
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
    /// <param name="clip">The clip's name.</param>
    /// <param name="modelClassNames">The classes of the map.</param>
    /// <param name="secondsPerFrame">The time from one frame to the next, above 0.</param>
    /// <param name="options">How events are read.</param>
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
                $"The mapping names the class {_mapping.MinimumSourceCount - 1}, but the model has {modelClassNames.Count} classes.");
        }

        options.Check(_classNames.Count);
        _mapped = new float[_classNames.Count];
        _margins = [.. Enumerable.Range(0, _classNames.Count).Select(label => (
            EventDecodingOptions.ForClass(options.OnsetMargins, label),
            EventDecodingOptions.ForClass(options.OffsetMargins, label)))];
        _classes = [.. Enumerable.Range(0, _classNames.Count).Select(
            label => new ClassEventDecoder(options, label, secondsPerFrame))];
    }

    /// <summary>The events of a whole clip, class by class, each in the order of time.</summary>
    /// <param name="clip">The clip's name.</param>
    /// <param name="presence">(frames, classes), row by row.</param>
    /// <param name="modelClassNames">The classes of the map.</param>
    /// <param name="secondsPerFrame">The time from one frame to the next, above 0.</param>
    /// <param name="options">How events are read.</param>
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
    /// Adds frames; events that are over by now are appended to <paramref name="events"/>, with an offset that a margin may
    /// put after these frames.
    /// </summary>
    /// <param name="presence">(frames, classes), row by row.</param>
    /// <param name="events">Receives events in the order in which they are over.</param>
    /// <exception cref="ArgumentException">There is a part of a frame, or a presence is NaN.</exception>
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

    /// <summary>Ends the clip, and appends the events that were not over.</summary>
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

/// <summary>Frames from an onset up to, and without, an offset.</summary>
internal readonly record struct FrameSpan(long Onset, long Offset, double MeanPresence);
