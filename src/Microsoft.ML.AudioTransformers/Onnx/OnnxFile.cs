using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Google.Protobuf;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioFeaturization.Files;

namespace Microsoft.ML.AudioTransformers.Onnx;

/// <summary>
/// Writer of ONNX files. A file is written whole or not at all, and so is the pair of a model and the file of its weights.
/// </summary>
internal static partial class OnnxFile
{
    // A message is at most 2 GiB; nodes and names have the rest.
    private const long MostInternal = (1L << 31) - (64L << 20);

    // Readers map the file of weights; each tensor begins a page of theirs.
    private const int Alignment = 4096;

    // A smaller constant stays in the model, which readers of shapes need.
    private const int LeastExternal = 1024;

    // Digits of the sum of the weights that the name of their file has.
    private const int NamedDigits = 16;

    /// <summary>Writes or replaces a model.</summary>
    /// <param name="path">Path of the model.</param>
    /// <param name="graph">Graph with its outputs.</param>
    /// <param name="documentation">Meaning of the model, for whoever reads the file.</param>
    /// <param name="metadata">Metadata of the model.</param>
    /// <param name="isExternal">
    /// Whether the weights go to a file beside it, which they do anyway if there are 2 GB of them.
    /// </param>
    /// <exception cref="IOException">The file cannot be written; a model that was there is as it was.</exception>
    /// <exception cref="UnauthorizedAccessException">The file must not be written.</exception>
    public static void Write(
        string path, OnnxGraph graph, string documentation, IReadOnlyDictionary<string, string> metadata, bool isExternal)
    {
        GraphProto message = graph.Build("audio", documentation, out IReadOnlyList<OnnxTensor> tensors);
        var model = new ModelProto
        {
            IrVersion = IrVersion(graph.Opset),
            ProducerName = "Microsoft.ML.AudioTransformers",
            ProducerVersion = typeof(OnnxFile).Assembly.GetName().Version!.ToString(3),
            DocString = documentation,
            Graph = message,
            OpsetImport = { new OperatorSetIdProto { Domain = "", Version = graph.Opset } },
        };
        foreach ((string key, string value) in metadata)
        {
            model.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
        }

        AtomicFile.RemoveAbandoned(path);
        if (isExternal || tensors.Sum(tensor => tensor.ByteCount) > MostInternal)
        {
            WriteInTwo(path, model, tensors);
            return;
        }

        foreach (OnnxTensor tensor in tensors)
        {
            message.Initializer.Add(Internal(tensor));
        }

        WriteSummed(path, model);
        DeleteWeights(path, but: null);
    }

    private static void WriteSummed(string path, ModelProto model) => AtomicFile.Write(path, stream =>
    {
        using var hash = SHA256.Create();
        using (var summed = new CryptoStream(stream, hash, CryptoStreamMode.Write, leaveOpen: true))
        {
            model.WriteTo(summed);
        }

        stream.Write(OnnxSum.Entry(hash.Hash));
    });

    // The name of the file of weights follows from its content: until the model is renamed, the one before it finds its own.
    private static void WriteInTwo(string path, ModelProto model, IReadOnlyList<OnnxTensor> tensors)
    {
        string temporary = AtomicFile.TemporaryPath(path);
        string? weights = null;
        bool isNew = false;
        try
        {
            Dictionary<string, (long Offset, long Length)> places = new(StringComparer.Ordinal);
            using FileStream stream = new(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
            string hash = WriteWeights(stream, tensors.Where(tensor => tensor.ByteCount >= LeastExternal), places);
            string name = $"{Path.GetFileName(path)}.{hash[..NamedDigits]}.data";
            weights = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, name);
            foreach (OnnxTensor tensor in tensors)
            {
                model.Graph.Initializer.Add(places.TryGetValue(tensor.Name, out (long Offset, long Length) place)
                    ? External(tensor, name, place.Offset, place.Length)
                    : Internal(tensor));
            }

            model.MetadataProps.Add(new StringStringEntryProto { Key = OnnxMetadata.ExternalData, Value = name });
            model.MetadataProps.Add(new StringStringEntryProto { Key = OnnxMetadata.ExternalSum, Value = hash });
            isNew = !File.Exists(weights);
            AtomicFile.Rename(stream, temporary, weights);
            WriteSummed(path, model);
        }
        catch
        {
            File.Delete(temporary);
            if (isNew)
            {
                File.Delete(weights!);
            }

            throw;
        }

        DeleteWeights(path, but: weights);
    }

    private static string WriteWeights(
        FileStream stream, IEnumerable<OnnxTensor> tensors, Dictionary<string, (long Offset, long Length)> places)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (OnnxTensor tensor in tensors)
        {
            var padding = new byte[(Alignment - (stream.Position % Alignment)) % Alignment];
            hash.AppendData(padding);
            stream.Write(padding);
            byte[] bytes = tensor.ToBytes();
            places.Add(tensor.Name, (stream.Position, bytes.Length));
            hash.AppendData(bytes);
            stream.Write(bytes);
        }

        stream.Flush(flushToDisk: true);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Deletes files of weights that models before this one had under the same name.</summary>
    private static void DeleteWeights(string path, string? but)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        string prefix = Path.GetFileName(path) + ".";
        foreach (string file in Directory.EnumerateFiles(folder, "*.data"))
        {
            string name = Path.GetFileName(file);
            if (name.StartsWith(prefix, StringComparison.Ordinal) && HashedName().IsMatch(name[prefix.Length..])
                && name != Path.GetFileName(but))
            {
                try
                {
                    File.Delete(file);
                }
                catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
                {
                    // A session may still read it; the new model does not.
                }
            }
        }
    }

    [GeneratedRegex("^[0-9a-f]{16}\\.data$")]
    private static partial Regex HashedName();

    private static TensorProto Describe(OnnxTensor tensor) => new()
    {
        Name = tensor.Name,
        DataType = (int)tensor.Type,
        Dims = { tensor.Shape },
    };

    private static TensorProto Internal(OnnxTensor tensor)
    {
        TensorProto message = Describe(tensor);
        message.RawData = UnsafeByteOperations.UnsafeWrap(tensor.ToBytes());
        return message;
    }

    private static TensorProto External(OnnxTensor tensor, string file, long offset, long length)
    {
        TensorProto message = Describe(tensor);
        message.DataLocation = TensorProto.Types.DataLocation.External;
        message.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = file });
        message.ExternalData.Add(new StringStringEntryProto { Key = "offset", Value = Text(offset) });
        message.ExternalData.Add(new StringStringEntryProto { Key = "length", Value = Text(length) });
        return message;

        static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
    }

    // Of ONNX 1.12, 1.14, 1.15 and 1.16, which brought those operators.
    private static long IrVersion(int opset) => opset switch
    {
        <= 18 => 8,
        <= 20 => 9,
        _ => 10,
    };
}
