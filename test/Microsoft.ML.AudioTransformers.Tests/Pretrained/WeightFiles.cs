using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioTransformers.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tests.Pretrained;

/// <summary>Small files of weights in the layouts of official ones, made of a network's or a golden case's weights.</summary>
internal static class WeightFiles
{
    /// <summary>Copy of the state dict of a network.</summary>
    public static IReadOnlyList<CheckpointTensor> Of(nn.Module network)
    {
        CheckpointTensor[] copy = [.. ModuleWeights.Of(network).Select(tensor => tensor.Renamed(tensor.Name))];
        GC.KeepAlive(network);
        return copy;
    }

    /// <summary>State dict of a golden case, in float32.</summary>
    public static IReadOnlyList<CheckpointTensor> Of(GoldenCase golden) =>
    [
        .. golden.Tensors.Where(pair => pair.Key.StartsWith("weights.", StringComparison.Ordinal)).Select(pair =>
            pair.Value.DType == "F32"
                ? Tensor(pair.Key["weights.".Length..], pair.Value.Shape, pair.Value.ToSingles())
                : new InMemoryTensor(
                    golden.Id, pair.Key["weights.".Length..], CheckpointDType.Int64, pair.Value.Shape, pair.Value.Bytes)),
    ];

    public static CheckpointTensor Tensor(string name, long[] shape, float[] values) => new InMemoryTensor(
        "memory", name, CheckpointDType.Float32, shape, MemoryMarshal.AsBytes<float>(values).ToArray());

    public static CheckpointTensor Renamed(this CheckpointTensor tensor, string name) =>
        new InMemoryTensor("memory", name, tensor.DType, [.. tensor.Shape], tensor.ToBytes());

    /// <summary>The tensors with a prefix before their names.</summary>
    public static IEnumerable<CheckpointTensor> Under(this IEnumerable<CheckpointTensor> tensors, string prefix) =>
        tensors.Select(tensor => tensor.Renamed(prefix + tensor.Name));

    /// <summary>The tensors in another type.</summary>
    public static IEnumerable<CheckpointTensor> As(this IEnumerable<CheckpointTensor> tensors, ScalarType type) => tensors.Select(tensor =>
    {
        using Tensor values = ModuleWeights.ToTensor(tensor);
        using Tensor converted = tensor.DType == CheckpointDType.Float32 ? values.to(type) : values.alias();
        return ModuleWeights.Of(tensor.Name, converted).Renamed(tensor.Name);
    });

    public static string Save(this IEnumerable<CheckpointTensor> tensors, string path)
    {
        Safetensors.Save(path, [.. tensors]);
        return path;
    }

    /// <summary>Saves in several files and an index, as Hugging Face's libraries do.</summary>
    /// <returns>Path of the index.</returns>
    public static string SaveInParts(this IEnumerable<CheckpointTensor> tensors, string folder, int parts)
    {
        CheckpointTensor[] all = [.. tensors];
        Dictionary<string, string> map = [];
        for (int part = 0; part < parts; part++)
        {
            string file = string.Create(CultureInfo.InvariantCulture, $"model-{part + 1:00000}-of-{parts:00000}.safetensors");
            CheckpointTensor[] own = [.. all.Where((_, i) => i % parts == part)];
            own.Save(Path.Combine(folder, file));
            Array.ForEach(own, tensor => map[tensor.Name] = file);
        }

        string index = Path.Combine(folder, "model.safetensors.index.json");
        File.WriteAllText(index, JsonSerializer.Serialize(new { metadata = new { total_size = 1 }, weight_map = map }));
        return index;
    }

    /// <summary>AST's weights under Hugging Face's names: query, key and value apart.</summary>
    public static IEnumerable<CheckpointTensor> ToHuggingFace(this IEnumerable<CheckpointTensor> tensors)
    {
        const string body = "audio_spectrogram_transformer.";
        (string Authors, string Own)[] names =
        [
            ("v.cls_token", body + "embeddings.cls_token"), ("v.dist_token", body + "embeddings.distillation_token"),
            ("v.pos_embed", body + "embeddings.position_embeddings"),
            ("v.patch_embed.proj", body + "embeddings.patch_embeddings.projection"), ("v.norm", body + "layernorm"),
            ("mlp_head.0", "classifier.layernorm"), ("mlp_head.1", "classifier.dense"), ("v.blocks", body + "encoder.layer"),
            ("attn.proj", "attention.output.dense"), ("norm1", "layernorm_before"), ("norm2", "layernorm_after"),
            ("mlp.fc1", "intermediate.dense"), ("mlp.fc2", "output.dense"),
        ];
        foreach (CheckpointTensor tensor in tensors.Where(tensor => !tensor.Name.StartsWith("v.head", StringComparison.Ordinal)))
        {
            string name = names.Aggregate(tensor.Name, (text, pair) => text.Replace(pair.Authors, pair.Own, StringComparison.Ordinal));
            if (!name.Contains("attn.qkv", StringComparison.Ordinal))
            {
                yield return tensor.Renamed(name);
                continue;
            }

            float[] values = tensor.ToSingles();
            long[] shape = [tensor.Shape[0] / 3, .. tensor.Shape.Skip(1)];
            foreach ((int part, string projection) in new[] { "query", "key", "value" }.Index())
            {
                yield return Tensor(
                    name.Replace("attn.qkv", "attention.attention." + projection, StringComparison.Ordinal), shape,
                    values[(part * values.Length / 3)..((part + 1) * values.Length / 3)]);
            }
        }
    }
}
