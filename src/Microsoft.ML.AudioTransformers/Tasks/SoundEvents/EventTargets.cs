namespace Microsoft.ML.AudioTransformers.Tasks;

/// <summary>Events as tags, of a clip as a whole or of each step in time of a model's event presence map.</summary>
internal static class EventTargets
{
    /// <summary>The tags of a clip, (classes): 1 for each class that is heard in it.</summary>
    public static float[] OfClip(IReadOnlyList<SoundEvent> events, IReadOnlyDictionary<string, int> classes)
    {
        var tags = new float[classes.Count];
        foreach (SoundEvent heard in events)
        {
            tags[classes[heard.Label]] = 1;
        }

        return tags;
    }

    /// <summary>
    /// The tags of steps, (steps, classes): 1 for each step whose middle an event holds, or, of one that is shorter and
    /// holds none, for the step that its own middle is in.
    /// </summary>
    /// <param name="events">The events.</param>
    /// <param name="classes">The places of the classes.</param>
    /// <param name="steps">How many steps there are.</param>
    /// <param name="secondsPerStep">How long one is.</param>
    public static float[] OfSteps(
        IReadOnlyList<SoundEvent> events, IReadOnlyDictionary<string, int> classes, int steps, double secondsPerStep)
    {
        var tags = new float[steps * classes.Count];
        foreach (SoundEvent heard in events)
        {
            int first = (int)Math.Ceiling((heard.Onset / secondsPerStep) - 0.5);
            int end = (int)Math.Min(steps, Math.Ceiling((heard.Offset / secondsPerStep) - 0.5));
            if (first >= end)
            {
                first = (int)Math.Min((heard.Onset + heard.Offset) / 2 / secondsPerStep, int.MaxValue - 1);
                end = Math.Min(steps, first + 1);
            }

            for (int step = first; step < end; step++)
            {
                tags[(step * classes.Count) + classes[heard.Label]] = 1;
            }
        }

        return tags;
    }
}
