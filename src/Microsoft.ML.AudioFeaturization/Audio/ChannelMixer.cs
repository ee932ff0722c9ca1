namespace Microsoft.ML.AudioFeaturization.Audio;

/// <summary>Interleaved channels to one.</summary>
internal static class ChannelMixer
{
    /// <summary>Takes one channel of each frame, or the mean of all.</summary>
    /// <param name="interleaved">Frames of <paramref name="channels"/> samples.</param>
    /// <param name="channels">At least 2.</param>
    /// <param name="channel">Which one, counted from 0, or null for the mean.</param>
    /// <param name="mono">One sample a frame.</param>
    public static void ToMono(ReadOnlySpan<float> interleaved, int channels, int? channel, Span<float> mono)
    {
        if (channel is int chosen)
        {
            for (int i = 0; i < mono.Length; i++)
            {
                mono[i] = interleaved[(i * channels) + chosen];
            }
        }
        else if (channels == 2)
        {
            for (int i = 0; i < mono.Length; i++)
            {
                mono[i] = (interleaved[2 * i] + interleaved[(2 * i) + 1]) * 0.5f;
            }
        }
        else
        {
            for (int i = 0; i < mono.Length; i++)
            {
                float sum = 0;
                foreach (float sample in interleaved.Slice(i * channels, channels))
                {
                    sum += sample;
                }

                mono[i] = sum / channels;
            }
        }
    }
}
