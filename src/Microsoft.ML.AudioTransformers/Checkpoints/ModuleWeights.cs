using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.ML.AudioFeaturization.Checks;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Checkpoints;

/// <summary>State dict of a module (parameters and buffers): to the tensors of a file, and back.</summary>
internal static class ModuleWeights
{
    private const int BlockLength = 1 << 18;

    /// <summary>State dict of a module; the elements are copied on demand.</summary>
    /// <param name="module">Module with the weights.</param>
    /// <param name="prefix">Prefix of all names in the file.</param>
    public static IReadOnlyList<CheckpointTensor> Of(nn.Module module, string prefix = "") =>
        [.. module.state_dict().Select(pair => new ModuleTensor(prefix + pair.Key, pair.Value))];

    /// <summary>A tensor with a name; the elements are copied on demand.</summary>
    public static CheckpointTensor Of(string name, Tensor tensor) => new ModuleTensor(name, tensor);

    /// <summary>Writes the state dict to a safetensors file, which Python loads under the same names.</summary>
    public static void Save(nn.Module module, string path, IReadOnlyDictionary<string, string>? metadata = null) =>
        Safetensors.Save(path, Of(module), metadata);

    /// <summary>Writes the state dict at a stream's position.</summary>
    public static void Write(nn.Module module, Stream stream, IReadOnlyDictionary<string, string>? metadata = null) =>
        Safetensors.Write(stream, Of(module), metadata);

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <param name="module">Module to load the weights into.</param>
    /// <param name="stream">Stream at the position where they were written.</param>
    /// <param name="source">Name of the stream in error messages.</param>
    /// <param name="ignored">Names of tensors that the stream may have and the module does not. Default: none.</param>
    /// <exception cref="InvalidDataException">The stream is damaged, or has the weights of another model.</exception>
    /// <remarks>
    /// Parameters of the stored type are read in their place. Others go through one tensor at a time beside the module's own.
    /// After an exception a part of the weights is read.
    /// </remarks>
    public static void Read(nn.Module module, Stream stream, string source, IReadOnlyList<string>? ignored = null)
    {
        SafetensorsHeader header = Safetensors.ReadHeader(stream, source);
        Dictionary<string, Tensor> target = module.state_dict();
        bool IsIgnored(SafetensorsEntry entry) => ignored?.Contains(entry.Name) == true;
        Check(
            module, target,
            header.Entries.Where(entry => !IsIgnored(entry)).Select(entry => (entry.Name, entry.Name, entry.Shape)), source);
        HashSet<string> parameters = [.. module.named_parameters().Select(parameter => parameter.name)];
        foreach (SafetensorsEntry entry in header.Entries)
        {
            if (IsIgnored(entry))
            {
                _ = Safetensors.ReadTensor(stream, entry, source);
                continue;
            }

            CheckpointTensor stored = new UnreadTensor(source, entry);
            Tensor own = target[entry.Name];
            if (parameters.Contains(entry.Name) && stored.DType == CheckpointDType.Float32 && IsSimple(own))
            {
                ReadParameter(stream, entry, source, own);
                continue;
            }

            using Tensor values = empty(entry.Shape, dtype: ToScalarType(stored));
            if (stored.ElementCount > 0)
            {
                Safetensors.ReadInto(stream, entry, source, values.bytes);
            }

            CheckFinite(stored, values, own);
            Copy(values, own);
        }
    }

    /// <summary>Copies tensors into a module that has exactly these names and shapes.</summary>
    /// <param name="module">Module; the values are converted to the types and devices of its tensors.</param>
    /// <param name="tensors">The whole state dict.</param>
    /// <param name="source">Name of the file in error messages.</param>
    /// <param name="prefix">Prefix of the module's names; tensors without it are skipped.</param>
    /// <exception cref="InvalidDataException">
    /// A name is missing or unknown, or a shape differs, and nothing was copied; or a number is not finite.
    /// </exception>
    public static void Load(nn.Module module, IEnumerable<CheckpointTensor> tensors, string source, string prefix = "")
    {
        Dictionary<string, Tensor> target = module.state_dict();
        Dictionary<string, CheckpointTensor> given = [];
        foreach (CheckpointTensor tensor in tensors.Where(tensor => tensor.Name.StartsWith(prefix, StringComparison.Ordinal)))
        {
            given[tensor.Name[prefix.Length..]] = tensor;
        }

        Check(module, target, given.Select(item => (item.Key, item.Value.Name, item.Value.Shape.ToArray())), source);
        foreach ((string name, CheckpointTensor tensor) in given)
        {
            using Tensor values = ToTensor(tensor);
            CheckFinite(tensor, values, target[name]);
            Copy(values, target[name]);
        }
    }

    /// <summary>Copies values into a parameter or buffer, and converts them to its type and device.</summary>
    public static void Copy(Tensor values, Tensor target)
    {
        // copy_ returns its target, or a second reference to it; the scope disposes only the second.
        using DisposeScope scope = NewDisposeScope();
        using IDisposable guard = no_grad();
        target.copy_(values);
    }

    /// <summary>New tensor on the CPU with the stored type and elements.</summary>
    public static Tensor ToTensor(CheckpointTensor stored)
    {
        Tensor tensor = empty([.. stored.Shape], dtype: ToScalarType(stored));
        if (stored.ElementCount > 0)
        {
            stored.CopyTo(tensor.bytes);
        }

        return tensor;
    }

    /// <summary>
    /// Checks that all numbers are finite in the type of the model's own tensor, which may hold less than the file's; but where
    /// the model's own has the same number, as masks of attention have -Infinity, it may be any.
    /// </summary>
    /// <param name="stored">Tensor of the file, for messages.</param>
    /// <param name="values">Its elements, of the shape of <paramref name="own"/>.</param>
    /// <param name="own">Tensor of the model.</param>
    /// <exception cref="InvalidDataException">A number is not finite.</exception>
    public static void CheckFinite(CheckpointTensor stored, Tensor values, Tensor own)
    {
        if (!values.is_floating_point())
        {
            return;
        }

        using DisposeScope scope = NewDisposeScope();
        using IDisposable guard = no_grad();
        Tensor held = own.is_floating_point() ? values.to(own.dtype) : values;
        Tensor finite = held.isfinite();
        if (finite.all().item<bool>())
        {
            return;
        }

        Tensor right = finite.logical_or(values.eq(own.cpu().to(values.dtype))).view(-1);
        if (!right.all().item<bool>())
        {
            long place = right.to(ScalarType.Byte).argmin().item<long>();
            double value = values.reshape(-1)[place].to(ScalarType.Float64).item<double>();
            throw NotFinite(stored.Source, stored.Name, place, value);
        }
    }

    /// <summary>
    /// Name of the first parameter, or running statistic of a normalization, with a number that is not finite; null where all
    /// are finite.
    /// </summary>
    public static string? FirstNotFinite(nn.Module module)
    {
        using IDisposable guard = no_grad();
        HashSet<string> parameters = [.. module.named_parameters().Select(parameter => parameter.name)];
        foreach ((string name, Tensor tensor) in module.state_dict())
        {
            if ((parameters.Contains(name) || name.Split('.')[^1] is "running_mean" or "running_var") && !IsFinite(tensor))
            {
                return name;
            }
        }

        return null;
    }

    private static bool IsFinite(Tensor tensor)
    {
        if (IsSimple(tensor))
        {
            return FiniteNumbers.FirstOther(MemoryMarshal.Cast<byte, float>(tensor.bytes)) < 0;
        }

        using Tensor finite = tensor.isfinite();
        using Tensor all = finite.all();
        return all.item<bool>();
    }

    /// <summary>Whether a tensor's memory is that of its float32 elements in row-major order.</summary>
    private static bool IsSimple(Tensor own) =>
        own.dtype == ScalarType.Float32 && own.device_type == DeviceType.CPU && own.is_contiguous();

    /// <summary>Reads a parameter in its place, block by block, so that a block is checked while it is in the cache.</summary>
    /// <exception cref="InvalidDataException">The stream ends early, or a number is not finite.</exception>
    private static void ReadParameter(Stream stream, SafetensorsEntry entry, string source, Tensor own)
    {
        Span<byte> bytes = own.bytes;
        for (int begin = 0; begin < bytes.Length; begin += BlockLength)
        {
            Span<byte> block = bytes[begin..Math.Min(begin + BlockLength, bytes.Length)];
            Safetensors.ReadInto(stream, entry, source, block, begin);
            ReadOnlySpan<float> values = MemoryMarshal.Cast<byte, float>(block);
            if (FiniteNumbers.FirstOther(values) is >= 0 and var place)
            {
                throw NotFinite(source, entry.Name, (begin / sizeof(float)) + place, values[place]);
            }
        }
    }

    private static InvalidDataException NotFinite(string source, string name, long place, double value) => new(
        $"'{source}': element {place} of '{name}' is {value.ToString(CultureInfo.InvariantCulture)}; expected finite numbers"
        + $"{(double.IsFinite(value) ? " of the model's type, which does not hold it" : "")}.");

    /// <summary>Checks that there are exactly the names and shapes of a module.</summary>
    /// <param name="module">Module, for messages.</param>
    /// <param name="target">Its state dict.</param>
    /// <param name="given">Names in the module and in the file, and shapes.</param>
    /// <param name="source">Name of the file in error messages.</param>
    private static void Check(
        nn.Module module, Dictionary<string, Tensor> target, IEnumerable<(string Own, string Stored, long[] Shape)> given,
        string source)
    {
        HashSet<string> found = [];
        foreach ((string name, string stored, long[] shape) in given)
        {
            if (!target.TryGetValue(name, out Tensor? own))
            {
                throw new InvalidDataException($"'{source}' holds '{stored}', which {module.GetName()} has not.");
            }

            if (!own.shape.SequenceEqual(shape))
            {
                throw new InvalidDataException(
                    $"'{source}': '{stored}' is {CheckpointTensor.Describe(shape)}; expected "
                    + $"{CheckpointTensor.Describe(own.shape)}.");
            }

            found.Add(name);
        }

        if (target.Keys.FirstOrDefault(name => !found.Contains(name)) is { } missing)
        {
            throw new InvalidDataException($"'{source}' lacks '{missing}', which {module.GetName()} needs.");
        }
    }

    private static ScalarType ToScalarType(CheckpointTensor stored) => stored.DType switch
    {
        CheckpointDType.Bool => ScalarType.Bool,
        CheckpointDType.UInt8 => ScalarType.Byte,
        CheckpointDType.Int8 => ScalarType.Int8,
        CheckpointDType.Int16 => ScalarType.Int16,
        CheckpointDType.Int32 => ScalarType.Int32,
        CheckpointDType.Int64 => ScalarType.Int64,
        CheckpointDType.Float16 => ScalarType.Float16,
        CheckpointDType.BFloat16 => ScalarType.BFloat16,
        CheckpointDType.Float32 => ScalarType.Float32,
        CheckpointDType.Float64 => ScalarType.Float64,
        _ => throw new InvalidDataException(
            $"'{stored.Source}': '{stored.Name}' has the type {stored.DType}; expected real numbers of a type that TorchSharp "
            + "has."),
    };

    private static CheckpointDType FromScalarType(ScalarType type) => type switch
    {
        ScalarType.Bool => CheckpointDType.Bool,
        ScalarType.Byte => CheckpointDType.UInt8,
        ScalarType.Int8 => CheckpointDType.Int8,
        ScalarType.Int16 => CheckpointDType.Int16,
        ScalarType.Int32 => CheckpointDType.Int32,
        ScalarType.Int64 => CheckpointDType.Int64,
        ScalarType.Float16 => CheckpointDType.Float16,
        ScalarType.BFloat16 => CheckpointDType.BFloat16,
        ScalarType.Float32 => CheckpointDType.Float32,
        ScalarType.Float64 => CheckpointDType.Float64,
        ScalarType.ComplexFloat32 => CheckpointDType.Complex64,
        ScalarType.ComplexFloat64 => CheckpointDType.Complex128,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "A tensor of this type cannot be stored."),
    };

    /// <summary>Tensor whose bytes go straight to native memory; here for its name and type.</summary>
    private sealed class UnreadTensor(string source, SafetensorsEntry entry)
        : CheckpointTensor(source, entry.Name, entry.DType, entry.Shape)
    {
        protected override void Read(Span<byte> destination) => throw new NotSupportedException("The bytes were not kept.");
    }

    private sealed class ModuleTensor(string name, Tensor tensor)
        : CheckpointTensor("the model", name, FromScalarType(tensor.dtype), tensor.shape)
    {
        public override void WriteTo(Stream stream)
        {
            if (ElementCount > 0)
            {
                using DisposeScope scope = NewDisposeScope();
                stream.Write(Bytes());
            }
        }

        protected override void Read(Span<byte> destination)
        {
            if (!destination.IsEmpty)
            {
                using DisposeScope scope = NewDisposeScope();
                Bytes().CopyTo(destination);
            }
        }

        private Span<byte> Bytes() => tensor.detach().cpu().contiguous().bytes;
    }
}
