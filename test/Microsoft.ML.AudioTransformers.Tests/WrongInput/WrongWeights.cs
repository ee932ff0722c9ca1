using AudioMLNet.TestSupport;

namespace Microsoft.ML.AudioTransformers.Tests.WrongInput;

/// <summary>Files of pretrained weights that are damaged, tampered with, or another model's.</summary>
internal static class WrongWeights
{
    private static readonly Dictionary<string, (string One, string Other)> s_names = new()
    {
        ["PaSST"] = ("blocks.0.attn.qkv.weight", "blocks.0.mlp.fc2.weight"),
        ["AST"] = ("v.blocks.0.attn.qkv.weight", "v.blocks.0.mlp.fc2.weight"),
        ["HTS-AT"] = ("layers.0.blocks.0.attn.qkv.weight", "layers.0.blocks.0.mlp.fc2.weight"),
        ["DATAR"] = ("stages.0.attns.0.proj_out.weight", "stages.0.attns.0.proj_qkv.weight"),
    };

    public static IEnumerable<WrongCall> Calls(TemporaryFolder folder)
    {
        foreach (string model in s_names.Keys)
        {
            using AudioClassificationTransformer trained = Right.Train(Right.Models[model]());
            trained.Model.SaveSafetensors(Weights(folder, model));
        }

        return s_names.Keys.SelectMany(model => Calls(folder, model));
    }

    private static IEnumerable<WrongCall> Calls(TemporaryFolder folder, string model)
    {
        (string one, string other) = s_names[model];
        yield return Tampered("two of its tensors swapped", file => file.Swap(one, other), one, "the model's is");
        yield return Tampered("a tensor transposed", file => file.Transpose(other), other, "the model's is");
        yield return Tampered(
            "a tensor of three dimensions more", file => file.Reshape(one, 1, 1, 1, 2, 2), one, "[1, 1, 1, 2, 2]");
        yield return Tampered("an empty tensor", file => file.Reshape(one, 0, 16), one, "[0, 16]");
        yield return Tampered("a weight that is not a number", file => file.Set(other, 7, float.NaN), other, "element 7", "NaN");
        yield return Tampered("an infinite weight", file => file.Set(one, 5, float.PositiveInfinity), one, "element 5", "Infinity");
        yield return Tampered(
            "a weight that only float64 holds", file => file.Widen(other, 7, 1e39), other, "element 7", "1E+39",
            "does not hold it");
        yield return Tampered("complex numbers", file => file.MakeComplex(one), one, "Complex64");
        yield return Tampered("cut short", TamperedFile.Cut, "tampered.safetensors");
        yield return Loaded(
            "no weights at all", path => File.WriteAllText(path, "no weights at all"), "neither a safetensors file");
        yield return Loaded("an empty file", path => File.WriteAllBytes(path, []), "neither a safetensors file");
        yield return Loaded(
            "a header longer than the file",
            path => File.WriteAllBytes(path, [255, 255, 255, 255, 0, 0, 0, 0, (byte)'{', 0]), "header claims");
        string others = s_names.Keys.First(name => name != model && name is "DATAR" or "HTS-AT");
        yield return Loaded(
            $"the weights of {others}", path => File.Copy(Weights(folder, others), path, overwrite: true),
            "tampered.safetensors");

        WrongCall Tampered(string what, Action<TamperedFile> change, params string[] parts) =>
            Loaded(what, path => TamperedFile.Change(Weights(folder, model), path, change), parts);

        WrongCall Loaded(string what, Action<string> write, params string[] parts) => new(
            $"{model} pretrained weights: {what}",
            () =>
            {
                AudioTrainerOptions options = Right.Models[model]();
                options.PretrainedWeights = folder.File("tampered.safetensors");
                write(options.PretrainedWeights);
                Right.Train(options).Dispose();
            },
            ["tampered.safetensors", .. parts]);
    }

    private static string Weights(TemporaryFolder folder, string model) => folder.File($"{model}.safetensors");
}
