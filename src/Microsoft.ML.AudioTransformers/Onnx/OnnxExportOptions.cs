using System.Diagnostics.CodeAnalysis;
using Microsoft.ML.AudioFeaturization.Checks;

namespace Microsoft.ML.AudioTransformers;

/// <summary>Options of an export to ONNX: what the file takes, and how its numbers are stored.</summary>
public sealed class OnnxExportOptions : IOptionGroup
{
    /// <summary>
    /// Input of the model. Default: <see cref="OnnxModelInput.Waveform"/>; a model that was trained on features, without a
    /// front end, takes features whatever this says.
    /// </summary>
    public OnnxModelInput Input = OnnxModelInput.Waveform;

    /// <summary>
    /// Version of ONNX's operators, 17 to 21. Default: 17, the first that has all that is needed; newer ones are for tools
    /// that ask for them.
    /// </summary>
    [Whole(17, 21)]
    public int Opset = 17;

    /// <summary>Precision of the weights. Default: <see cref="OnnxPrecision.Float32"/>.</summary>
    public OnnxPrecision Precision = OnnxPrecision.Float32;

    /// <summary>
    /// Whether weights go to a file of their own beside the model's, whose name the model holds. Default: false; they do so
    /// in any case where the model would exceed 2 GB, the most that one ONNX file can be.
    /// </summary>
    public bool ExternalData;

    /// <summary>
    /// Licence of the weights, an SPDX expression for example, for the file's metadata; null if it is not known. Default:
    /// null.
    /// </summary>
    public string? License;

    void IOptionGroup.CheckTogether(string prefix)
    {
    }
}

/// <summary>Input of an exported model.</summary>
public enum OnnxModelInput
{
    /// <summary>Waveforms at the model's sample rate, (batch, samples); the front end is part of the graph.</summary>
    Waveform,

    /// <summary>Log-mel features, (batch, frames, mels), as the model's front end makes them.</summary>
    Features,
}

/// <summary>Precision of the weights of an exported model.</summary>
[SuppressMessage("Naming", "CA1720", Justification = "Number formats are what the values are, by ONNX's names.")]
public enum OnnxPrecision
{
    /// <summary>float32: the scores are those of the model that was exported, up to rounding.</summary>
    Float32,

    /// <summary>
    /// float16 in the file but for the kernels of convolutions, about half its size; the weights become float32 when a
    /// session loads them, and all arithmetic is in float32, so that the file runs wherever a float32 one does.
    /// </summary>
    Float16,

    /// <summary>
    /// int8: the matrices are rounded to 8 bits with a scale for each output, a quarter of their size, and multiplied in
    /// integers with inputs that are rounded to 8 bits as they come (dynamic quantization). Convolutions have kernels that
    /// are rounded so, and multiply in float32. All else is in float32.
    /// </summary>
    Int8,
}
