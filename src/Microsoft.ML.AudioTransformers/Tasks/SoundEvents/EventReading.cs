using System.Runtime.InteropServices;

namespace Microsoft.ML.AudioTransformers.Tasks;

/// <summary>Reads events off the steps of one recording's presence map as they become known.</summary>
/// <param name="clip">The recording's name.</param>
/// <param name="model">The model.</param>
internal sealed class EventReading(string clip, EventModelDescription model)
{
    private EventDecoder? _decoder;
    private List<SoundEvent> _events = [];
    private double _seconds;

    /// <summary>Takes steps of the map, and empties the list.</summary>
    /// <param name="presence">(steps, classes)</param>
    /// <param name="framesPerStep">The frames that a step stands for, in one recording always the same.</param>
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
    /// <param name="duration">Its length in seconds: what padding was heard in is no event, or no part of one.</param>
    public void Finish(double duration)
    {
        _decoder?.Finish(_events);
        _events = [.. _events
            .Where(item => item.Onset < duration)
            .Select(item => item.Offset > duration ? item with { Offset = duration } : item)];
        _seconds = double.PositiveInfinity;
    }

    /// <summary>The events that are over and were not taken yet, in the order in which they ended.</summary>
    public IReadOnlyList<SoundEvent> Take()
    {
        // An offset that a margin has put after what was heard yet may turn out to be after the end.
        List<SoundEvent> taken = [.. _events.Where(item => item.Offset <= _seconds)];
        _events.RemoveAll(item => item.Offset <= _seconds);
        return taken;
    }
}
