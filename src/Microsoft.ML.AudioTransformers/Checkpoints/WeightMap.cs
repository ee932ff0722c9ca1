using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Checkpoints;

/// <summary>
/// Mapping of a checkpoint's tensors to a model's, with the change of each. It is built from names and shapes; tensors are read
/// when it is applied.
/// </summary>
/// <param name="path">Path of the checkpoint, for messages.</param>
/// <param name="target">Names and shapes of the model's state dict.</param>
internal sealed class WeightMap(string path, IReadOnlyDictionary<string, long[]> target)
{
    private readonly List<Step> _steps = [];
    private readonly List<(string Name, string Reason)> _leftOut = [];
    private readonly List<UnreadableTensor> _unreadable = [];
    private string? _misfit;

    /// <summary>Names and shapes of the model's state dict.</summary>
    public IReadOnlyDictionary<string, long[]> Target => target;

    /// <summary>Names and shapes of a module's state dict.</summary>
    public static IReadOnlyDictionary<string, long[]> Shapes(nn.Module module) =>
        module.state_dict().ToDictionary(pair => pair.Key, pair => pair.Value.shape);

    /// <summary>Maps a tensor unchanged if the model has one with that name and shape; else leaves it out.</summary>
    public void Take(string name, CheckpointTensor stored)
    {
        if (!target.TryGetValue(name, out long[]? shape))
        {
            LeaveOut(stored, "the model has no such tensor");
        }
        else if (!shape.SequenceEqual(stored.Shape))
        {
            string reason =
                $"it is {CheckpointTensor.Describe(stored.Shape)}, the model's is {CheckpointTensor.Describe(shape)}";
            LeaveOut(stored, reason);
            if (_misfit is null && IsOfBlock(name) && !AreOfOneWidth(shape, stored.Shape))
            {
                _misfit = $"{stored.Name}: {reason}";
            }
        }
        else
        {
            _steps.Add(new Step(name, stored, null, static tensor => tensor));
        }
    }

    /// <summary>Maps a tensor with a change to the model's shape.</summary>
    /// <param name="name">Name of the model's tensor.</param>
    /// <param name="stored">Tensor of the checkpoint.</param>
    /// <param name="change">Change in words, for the report.</param>
    /// <param name="adapt">Computes the change, in float32.</param>
    public void Adapt(string name, CheckpointTensor stored, string change, Func<Tensor, Tensor> adapt) =>
        _steps.Add(new Step(name, stored, change, tensor => adapt(tensor.to(ScalarType.Float32))));

    public void LeaveOut(CheckpointTensor stored, string reason) => _leftOut.Add((stored.Name, reason));

    /// <summary>Leaves out tensors of types that the library does not know; to need one of them is an error.</summary>
    public void LeaveOut(IEnumerable<UnreadableTensor> unreadable)
    {
        foreach (UnreadableTensor tensor in unreadable)
        {
            _unreadable.Add(tensor);
            _leftOut.Add((tensor.Name, $"its type, {tensor.Type}, is not one that this library reads"));
        }
    }

    /// <summary>Copies all mapped tensors into a module.</summary>
    /// <exception cref="InvalidDataException">
    /// The file is damaged, none of its weight matrices fits, one of a block has another shape than the model's, a number is not
    /// finite, or a tensor that the model needs is of a type that the library does not know.
    /// </exception>
    public CheckpointReport Apply(nn.Module module)
    {
        CheckUnreadable(module);

        // Vectors (norms and biases) do not count: those of any model of the same width fit by chance.
        if (!_steps.Exists(step => target[step.Name].Length > 1))
        {
            string reasons = string.Join("; ", _leftOut.Take(3).Select(item => $"{item.Name}: {item.Reason}"));
            throw new InvalidDataException(
                $"'{path}' holds no weights for {module.GetName()}: none of its {_leftOut.Count + _steps.Count} tensors fits "
                + $"({reasons}).");
        }

        if (_misfit is not null)
        {
            throw new InvalidDataException(
                $"'{path}' does not fit this {module.GetName()}: {_misfit}. Expected blocks of the model's own sizes.");
        }

        Dictionary<string, Tensor> parameters = module.state_dict();
        foreach (Step step in _steps)
        {
            using Tensor values = Read(step);
            ModuleWeights.CheckFinite(step.Stored, values, parameters[step.Name]);
            ModuleWeights.Copy(values, parameters[step.Name]);
        }

        HashSet<string> taken = [.. _steps.Select(step => step.Name)];
        return new CheckpointReport(
            path,
            [.. _steps.Where(step => step.Change == null).Select(step => step.Name)],
            [.. _steps.Where(step => step.Change != null).Select(step => (step.Name, step.Change!))],
            _leftOut,
            [.. target.Keys.Where(name => !taken.Contains(name))]);
    }

    /// <summary>
    /// The model's tensors one after another, with their names. Each is read when it is enumerated; the caller disposes it.
    /// </summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public IEnumerable<(string Name, Tensor Values)> Tensors()
    {
        foreach (Step step in _steps)
        {
            yield return (step.Name, Read(step));
        }
    }

    private void CheckUnreadable(nn.Module module)
    {
        HashSet<string> taken = [.. _steps.Select(step => step.Name)];
        foreach (UnreadableTensor tensor in _unreadable)
        {
            string? needed = target.Keys.FirstOrDefault(name =>
                !taken.Contains(name) && ("." + tensor.Name).EndsWith("." + name, StringComparison.Ordinal));
            if (needed is not null)
            {
                throw new InvalidDataException(
                    $"'{path}' is a valid file, but stores '{tensor.Name}', which {module.GetName()} needs, as {tensor.Type}. "
                    + "Expected float32, float16 or bfloat16: convert the file.");
            }
        }
    }

    // In fine-tuning, heads may have other classes, and position encodings other clips and windows; blocks must fit.
    private static bool IsOfBlock(string name) =>
        name.Split('.').Any(part => part is "blocks" or "layers" or "stages")
        && !name.EndsWith("table", StringComparison.Ordinal) && !name.EndsWith("rpb", StringComparison.Ordinal);

    // A kernel of another size follows from another feature map, not from another width of the model.
    private static bool AreOfOneWidth(long[] shape, IReadOnlyList<long> stored) =>
        shape.Length == 4 && stored.Count == 4 && shape[0] == stored[0] && shape[1] == stored[1];

    private Tensor Read(Step step)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable guard = no_grad();
        Tensor values = step.Adapt(ModuleWeights.ToTensor(step.Stored));
        if (!values.shape.SequenceEqual(target[step.Name]))
        {
            throw new InvalidDataException(
                $"'{path}': '{step.Stored.Name}' becomes {CheckpointTensor.Describe(values.shape)}, which does not fit "
                + $"{step.Name}, {CheckpointTensor.Describe(target[step.Name])}.");
        }

        return values.MoveToOuterDisposeScope();
    }

    private sealed record Step(string Name, CheckpointTensor Stored, string? Change, Func<Tensor, Tensor> Adapt);
}
