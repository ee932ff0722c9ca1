using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Onnx.Sessions;

namespace Microsoft.ML.AudioTransformers.Onnx.Serving;

/// <summary>What an exported model says of itself: its metadata, inputs and outputs, checked.</summary>
internal sealed class OnnxModelInfo
{
    private readonly OnnxSession _session;

    /// <param name="session">Session of the model.</param>
    /// <exception cref="InvalidDataException">
    /// It is no audio model of this library, or of a version of the metadata that is not known.
    /// </exception>
    public OnnxModelInfo(OnnxSession session)
    {
        _session = session;
        string format = Find(OnnxMetadata.Format) ?? throw new InvalidDataException(
            $"{session.Name} is an ONNX model, but no audio model that this library exported: its metadata has no "
            + $"'{OnnxMetadata.Format}'.");
        if (format is not OnnxMetadata.CurrentFormat and not OnnxMetadata.FormatWithoutSum)
        {
            throw Error(
                OnnxMetadata.Format, format,
                $"{OnnxMetadata.FormatWithoutSum} or {OnnxMetadata.CurrentFormat}; it is of another version of this library, "
                + Find(OnnxMetadata.LibraryVersion));
        }

        Task = Text(OnnxMetadata.Task);
        KeyValuePair<string, int[]>[] inputs = [.. session.Inputs];
        if (inputs.Length != 1)
        {
            throw new InvalidDataException(
                $"{session.Name} has {inputs.Length} inputs, {string.Join(", ", inputs.Select(input => input.Key))}; expected one. "
                + "ApplyOnnxModel of Microsoft.ML.OnnxTransformer takes several.");
        }

        (Input, InputSizes) = inputs[0];
        TakesWaveforms = Input == "waveform";
        FrontEnd = Find(OnnxMetadata.FrontEnd) is null ? null : Json<LogMelOptions>(OnnxMetadata.FrontEnd);
        if (!TakesWaveforms && (Input != "features" || InputSizes.Length != 3))
        {
            throw new InvalidDataException(
                $"{session.Name} has the input '{Input}' of {InputSizes.Length} dimensions; expected 'waveform', or 'features' of "
                + "(batch, frames, mels).");
        }

        if (TakesWaveforms && FrontEnd is null)
        {
            throw Error(OnnxMetadata.FrontEnd, "missing", "the front end of the waveforms");
        }
    }

    /// <summary>Task, as <see cref="OnnxMetadata.Task"/> names it.</summary>
    public string Task { get; }

    /// <summary>Name of the input.</summary>
    public string Input { get; }

    /// <summary>Sizes of the input; -1 where any is taken.</summary>
    public int[] InputSizes { get; }

    /// <summary>Whether the input is a waveform, and not log-mel features.</summary>
    public bool TakesWaveforms { get; }

    /// <summary>Front end, in the model or before it; null where the feature column holds features.</summary>
    public LogMelOptions? FrontEnd { get; }

    /// <summary>Whether several models are in the file, whose front ends can differ.</summary>
    public bool IsEnsemble => Find(OnnxMetadata.Model)?.StartsWith('[') == true;

    /// <summary>Windows of long clips; null where they are cut.</summary>
    public WindowOptions? Windows =>
        Find(OnnxMetadata.Windows) is null ? null : Json<WindowOptions>(OnnxMetadata.Windows);

    /// <summary>Value of the metadata; null if it is missing.</summary>
    public string? Find(string key) => _session.Metadata.GetValueOrDefault(key);

    /// <summary>Value of the metadata.</summary>
    /// <exception cref="InvalidDataException">It is missing.</exception>
    public string Text(string key) => Find(key) ?? throw Error(key, "missing", "a value");

    /// <summary>Whole number of the metadata.</summary>
    /// <exception cref="InvalidDataException">It is missing, or no number of 1 or more.</exception>
    public int? Number(string key) => Find(key) is not { } text
        ? null
        : int.TryParse(text, CultureInfo.InvariantCulture, out int number) && number >= 1
            ? number
            : throw Error(key, text, "a whole number, 1 or more");

    /// <summary>Object of the metadata, with checked options.</summary>
    /// <param name="key">Key of the metadata.</param>
    /// <param name="others">Members of the object that are not the type's.</param>
    /// <exception cref="InvalidDataException">It is missing, damaged, or a value is outside its range.</exception>
    public T Json<T>(string key, params ReadOnlySpan<string> others)
        where T : class
    {
        string text = Text(key);
        try
        {
            JsonNode json = SavedModel.ParseJson(text);
            foreach (string other in others)
            {
                (json as JsonObject)?.Remove(other);
            }

            T value = SavedModel.FromJson<T>(json);
            if (value is IOptionGroup options)
            {
                OptionCheck.All(options);
            }

            return value;
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException or NotSupportedException)
        {
            throw new InvalidDataException($"{_session.Name}: the metadata '{key}' is damaged: {exception.Message}", exception);
        }
    }

    /// <summary>Checks, of a file that does not end with its sum, that none was written.</summary>
    /// <exception cref="InvalidDataException">One was.</exception>
    public void CheckNoSum()
    {
        if (Text(OnnxMetadata.Format) != OnnxMetadata.FormatWithoutSum)
        {
            throw new InvalidDataException(
                $"{_session.Name} is cut short, or was changed: it does not end with the SHA-256 of its bytes. Expected the file "
                + $"as it was exported; if a tool changed it on purpose, set {nameof(OnnxAudioOptions.VerifySums)} to false.");
        }
    }

    /// <summary>Checks that an output has a number of classes, and that the metadata's labels are those.</summary>
    /// <exception cref="InvalidDataException">It is not so.</exception>
    public void CheckOutput(string output, int classes)
    {
        if (!_session.Outputs.TryGetValue(output, out int[]? sizes))
        {
            throw new InvalidDataException(
                $"{_session.Name} has no output '{output}'; it has {string.Join(", ", _session.Outputs.Keys)}.");
        }

        if (sizes.Length < 2 || sizes[^1] != classes)
        {
            throw new InvalidDataException(
                $"{_session.Name}: the output '{output}' has sizes ({string.Join(", ", sizes)}), and the metadata {classes} labels "
                + "for it; expected as many of both.");
        }
    }

    /// <summary>Checks the metadata's labels against those of the description.</summary>
    /// <exception cref="InvalidDataException">They differ.</exception>
    public void CheckLabels(IReadOnlyList<string> described)
    {
        string[] labels = Json<string[]>(OnnxMetadata.Labels);
        if (!labels.SequenceEqual(described))
        {
            throw Error(
                OnnxMetadata.Labels, string.Join(", ", labels),
                $"those of '{OnnxMetadata.Description}', {string.Join(", ", described)}");
        }
    }

    /// <summary>The error for a value of the metadata.</summary>
    public InvalidDataException Error(string key, string found, string expected) =>
        new($"{_session.Name}: the metadata '{key}' is {found}; expected {expected}.");
}
