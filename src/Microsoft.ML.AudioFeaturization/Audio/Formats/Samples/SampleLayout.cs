namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Samples;

/// <summary>Where the samples of a file lie, and how they are coded: what its headers say.</summary>
/// <param name="Format">Name of the container, such as "WAV".</param>
/// <param name="SampleRate">In Hz.</param>
/// <param name="Channels">At least 1.</param>
/// <param name="Coding">The coding of the samples.</param>
/// <param name="DataStart">The first byte of the samples, counted from the file's first.</param>
/// <param name="DataLength">
/// Bytes of samples that the header promises, or <see cref="long.MaxValue"/> for "to the end".
/// </param>
/// <param name="Frames">Frames that count, where the last block holds more; else <see cref="long.MaxValue"/>.</param>
/// <param name="IsMpeg">Whether the data are frames of MPEG audio, which <paramref name="Coding"/> says nothing about.</param>
internal sealed record SampleLayout(
    string Format,
    int SampleRate,
    int Channels,
    BlockCoding Coding,
    long DataStart,
    long DataLength,
    long Frames = long.MaxValue,
    bool IsMpeg = false)
{
    /// <summary>Channels above this are taken for damage.</summary>
    public const int MaximumChannels = ushort.MaxValue;

    /// <summary>Checks the number of channels and the sample rate that a header claims.</summary>
    /// <exception cref="InvalidDataException">One is outside its range; the message names it.</exception>
    public static void Check(string name, long channels, double sampleRate)
    {
        if (channels is < 1 or > MaximumChannels)
        {
            throw new InvalidDataException($"'{name}' claims {channels} channels; expected 1 to {MaximumChannels}.");
        }

        if (!(sampleRate >= 1 && sampleRate <= AudioInfo.MaximumSampleRate))
        {
            throw new InvalidDataException(string.Create(
                System.Globalization.CultureInfo.InvariantCulture,
                $"'{name}' claims a sample rate of {sampleRate} Hz; expected 1 to {AudioInfo.MaximumSampleRate}."));
        }
    }

    /// <summary>An exception for a coding that is not read here.</summary>
    /// <param name="name">The file.</param>
    /// <param name="coding">The coding's name, such as "GSM 6.10".</param>
    public static NotSupportedException Refuse(string name, string coding) => new(
        $"'{name}' is coded in {coding}, which is not read here. Convert it, for example by 'ffmpeg -i FILE NEW.wav'.");
}
