using Microsoft.ML.AudioTransformers.Checkpoints;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>
/// Names of AST's weights in Hugging Face's transformers (<c>ASTModel</c>, <c>ASTForAudioClassification</c>), and the authors'
/// names of the same. Source: the names in that library's conversion of the authors' files.
/// </summary>
internal static class HuggingFaceAst
{
    private const string Body = "audio_spectrogram_transformer.";
    private const string Anchor = "embeddings.patch_embeddings.projection.weight";

    private static readonly (string Own, string Authors)[] s_body =
    [
        ("embeddings.cls_token", "v.cls_token"),
        ("embeddings.distillation_token", "v.dist_token"),
        ("embeddings.position_embeddings", "v.pos_embed"),
        ("embeddings.patch_embeddings.projection.weight", "v.patch_embed.proj.weight"),
        ("embeddings.patch_embeddings.projection.bias", "v.patch_embed.proj.bias"),
        ("layernorm.weight", "v.norm.weight"),
        ("layernorm.bias", "v.norm.bias"),
    ];

    private static readonly (string Own, string Authors)[] s_head =
    [
        ("classifier.layernorm.weight", "mlp_head.0.weight"),
        ("classifier.layernorm.bias", "mlp_head.0.bias"),
        ("classifier.dense.weight", "mlp_head.1.weight"),
        ("classifier.dense.bias", "mlp_head.1.bias"),
    ];

    private static readonly (string Own, string Authors)[] s_block =
    [
        ("layernorm_before", "norm1"),
        ("layernorm_after", "norm2"),
        ("attention.output.dense", "attn.proj"),
        ("intermediate.dense", "mlp.fc1"),
        ("output.dense", "mlp.fc2"),
    ];

    private static readonly string[] s_projections =
        ["attention.attention.query", "attention.attention.key", "attention.attention.value"];

    /// <summary>
    /// State dict under the authors' names, with query, key and value joined; tensors that have no such name keep theirs. Null
    /// if it is not of Hugging Face's AST.
    /// </summary>
    /// <exception cref="InvalidDataException">Query, key and value of a block differ in type or shape.</exception>
    public static IReadOnlyDictionary<string, CheckpointTensor>? Translate(
        IReadOnlyDictionary<string, CheckpointTensor> stateDict)
    {
        if (WeightNames.Find(stateDict, Anchor) is not { } names)
        {
            return null;
        }

        string outer = names.Prefix.EndsWith(Body, StringComparison.Ordinal) ? names.Prefix[..^Body.Length] : names.Prefix;
        Dictionary<string, string> renamed = s_body.ToDictionary(pair => names.Prefix + pair.Own, pair => pair.Authors);
        foreach ((string own, string authors) in s_head)
        {
            renamed[outer + own] = authors;
        }

        string blocks = names.Prefix + "encoder.layer.";
        Dictionary<string, CheckpointTensor> translated = [];
        HashSet<string> joined = [];
        foreach ((string name, CheckpointTensor tensor) in stateDict)
        {
            string authors = renamed.GetValueOrDefault(name, name);
            if (name.StartsWith(blocks, StringComparison.Ordinal) && Block(name[blocks.Length..]) is { } block)
            {
                if (block.IsProjection)
                {
                    string[] parts = [.. s_projections.Select(each => $"{blocks}{block.Number}.{each}.{block.Kind}")];
                    if (parts.All(stateDict.ContainsKey))
                    {
                        if (joined.Add($"{block.Number}.{block.Kind}"))
                        {
                            translated[$"v.blocks.{block.Number}.attn.qkv.{block.Kind}"] =
                                ConcatenatedTensor.Of([.. parts.Select(part => stateDict[part])]);
                        }

                        continue;
                    }
                }
                else
                {
                    authors = $"v.blocks.{block.Number}.{block.Module}.{block.Kind}";
                }
            }

            translated[authors] = tensor;
        }

        return translated;
    }

    /// <summary>Parts of a name such as <c>11.attention.output.dense.bias</c>; null if it is not one of a block.</summary>
    private static (string Number, string Module, string Kind, bool IsProjection)? Block(string name)
    {
        int first = name.IndexOf('.', StringComparison.Ordinal);
        int last = name.LastIndexOf('.');
        if (first <= 0 || last <= first)
        {
            return null;
        }

        (string number, string module, string kind) = (name[..first], name[(first + 1)..last], name[(last + 1)..]);
        if (s_projections.Contains(module))
        {
            return (number, module, kind, true);
        }

        string? authors = s_block.FirstOrDefault(pair => pair.Own == module).Authors;
        return authors is null ? null : (number, authors, kind, false);
    }
}
