using System.Runtime.InteropServices;
using Microsoft.ML.AudioTransformers.Checkpoints;

namespace Microsoft.ML.AudioTransformers.Tests.WrongInput;

/// <summary>A file of weights with something wrong in it.</summary>
internal sealed class TamperedFile
{
    private readonly Dictionary<string, CheckpointTensor> _tensors;
    private readonly Dictionary<string, string> _metadata;
    private double _share = 1;

    private TamperedFile(SafetensorsFile file)
    {
        _tensors = file.Tensors.ToDictionary(tensor => tensor.Name, tensor => (CheckpointTensor)Copy(tensor, tensor.Name));
        _metadata = file.Metadata.Where(item => item.Key != "format").ToDictionary();
    }

    /// <summary>Writes a file as another is, but for a change.</summary>
    public static void Change(string source, string target, Action<TamperedFile> change)
    {
        TamperedFile tampered;
        using (SafetensorsFile file = SafetensorsFile.Open(source))
        {
            tampered = new TamperedFile(file);
        }

        change(tampered);
        if (tampered._metadata.ContainsKey("sha256"))
        {
            // With a checksum that fits, as one who wants to do harm would write it.
            SealedSafetensors.Save(target, tampered._tensors.Values, tampered._metadata);
        }
        else
        {
            Safetensors.Save(target, tampered._tensors.Values, tampered._metadata);
        }

        byte[] bytes = File.ReadAllBytes(target);
        File.WriteAllBytes(target, bytes[..(int)(bytes.Length * tampered._share)]);
    }

    /// <summary>Keeps the first half of the bytes.</summary>
    public static void Cut(TamperedFile file) => file._share = 0.5;

    public void Remove(string name) => _tensors.Remove(name);

    /// <summary>Gives two tensors each other's name.</summary>
    public void Swap(string one, string other) =>
        (_tensors[one], _tensors[other]) = (Copy(_tensors[other], one), Copy(_tensors[one], other));

    /// <summary>Swaps the first matrix and the first that has another shape.</summary>
    public void SwapFirstThatDiffer()
    {
        CheckpointTensor[] matrices = [.. _tensors.Values.Where(tensor => tensor.Shape.Count == 2)];
        Swap(matrices[0].Name, matrices.First(tensor => !tensor.Shape.SequenceEqual(matrices[0].Shape)).Name);
    }

    /// <summary>The transpose of a matrix, in name and shape; its numbers stay where they are.</summary>
    public void Transpose(string name)
    {
        CheckpointTensor own = _tensors[name];
        _tensors[name] = new InMemoryTensor(
            "tampered", name, own.DType, [.. own.Shape.Reverse()], own.ToBytes());
    }

    /// <summary>As many numbers of another type: Float32 in place of a wider or an integral one.</summary>
    public void Retype(string name)
    {
        CheckpointTensor own = _tensors[name];
        _tensors[name] = new InMemoryTensor(
            "tampered", name, CheckpointDType.Float32, [.. own.Shape],
            MemoryMarshal.AsBytes<float>(own.ToSingles()).ToArray());
    }

    /// <summary>One number replaced.</summary>
    public void Set(string name, int place, float value)
    {
        CheckpointTensor own = _tensors[name];
        float[] numbers = own.ToSingles();
        numbers[place] = value;
        _tensors[name] = new InMemoryTensor(
            "tampered", name, CheckpointDType.Float32, [.. own.Shape], MemoryMarshal.AsBytes<float>(numbers).ToArray());
    }

    /// <summary>The same numbers in float64, of which one is replaced.</summary>
    public void Widen(string name, int place, double value)
    {
        CheckpointTensor own = _tensors[name];
        double[] numbers = Array.ConvertAll(own.ToSingles(), number => (double)number);
        numbers[place] = value;
        _tensors[name] = new InMemoryTensor(
            "tampered", name, CheckpointDType.Float64, [.. own.Shape], MemoryMarshal.AsBytes<double>(numbers).ToArray());
    }

    /// <summary>Replaces a number of the first matrix.</summary>
    public void SetFirst(float value) => Set(_tensors.Values.First(tensor => tensor.Shape.Count == 2).Name, 3, value);

    /// <summary>The same numbers as real parts.</summary>
    public void MakeComplex(string name)
    {
        CheckpointTensor own = _tensors[name];
        float[] numbers = [.. own.ToSingles().SelectMany(number => new[] { number, 1f })];
        _tensors[name] = new InMemoryTensor(
            "tampered", name, CheckpointDType.Complex64, [.. own.Shape], MemoryMarshal.AsBytes<float>(numbers).ToArray());
    }

    /// <summary>Zeros of another shape.</summary>
    public void Reshape(string name, params long[] shape) => _tensors[name] = new InMemoryTensor(
        "tampered", name, CheckpointDType.Float32, shape, new byte[4 * CheckpointTensor.CountElements(shape)!.Value]);

    /// <summary>Replaces a part of a text in the header.</summary>
    public void Replace(string key, string part, string by) => _metadata[key] = _metadata[key].Contains(part, StringComparison.Ordinal)
        ? _metadata[key].Replace(part, by, StringComparison.Ordinal)
        : throw new KeyNotFoundException($"'{part}' is not in {_metadata[key]}.");

    private static InMemoryTensor Copy(CheckpointTensor tensor, string name) =>
        new("tampered", name, tensor.DType, [.. tensor.Shape], tensor.ToBytes());
}
