using Microsoft.ML.AudioTransformers.Onnx;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>Values that the graph of a network gives; those that nothing uses are left out of the file.</summary>
/// <param name="Logits">Logits of the forward pass, (B, classes).</param>
/// <param name="Embedding">Embeddings, (B, D).</param>
/// <param name="Detection">Scores and presence map of a model that has one, else null.</param>
internal sealed record ModelGraph(OnnxValue Logits, OnnxValue Embedding, PresenceGraph? Detection = null);

/// <summary>Values of a graph that detects sound events, see <see cref="PresenceDetection"/>.</summary>
/// <param name="Scores">Probability of each class in the whole clip, (B, classes).</param>
/// <param name="Presence">Probability of each class in each step, (B, steps, classes).</param>
internal sealed record PresenceGraph(OnnxValue Scores, OnnxValue Presence);
