using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Checkpoints;

/// <summary>
/// Which tensor of a checkpoint becomes which tensor of a model, and by what change. A model's name map fills it from
/// names and shapes alone; nothing is read before it is applied.
/// </summary>
/// <param name="path">The checkpoint, for messages.</param>
/// <param name="target">The names and shapes of the model's state dict.</param>
internal sealed class WeightMap(string path, IReadOnlyDictionary<string, long[]> target)
{
    private readonly List<Step> _steps = [];
    private readonly List<(string Name, string Reason)> _leftOut = [];
    private string? _misfit;

    /// <summary>The model's names and shapes.</summary>
    public IReadOnlyDictionary<string, long[]> Target => target;

    /// <summary>The names and shapes of a module's state dict.</summary>
    public static IReadOnlyDictionary<string, long[]> Shapes(nn.Module module) =>
        module.state_dict().ToDictionary(pair => pair.Key, pair => pair.Value.shape);

    /// <summary>Takes a tensor as it is if the model has one of that name and shape, else leaves it out.</summary>
    public void Take(string name, CheckpointTensor stored)
    {
        if (!target.TryGetValue(name, out long[]? shape))
        {
            LeaveOut(stored, "the model has no such tensor");
        }
        else if (!shape.SequenceEqual(stored.Shape))
        {
            string reason = $"it is {CheckpointTensor.Describe(stored.Shape)}, the model's is {CheckpointTensor.Describe(shape)}";
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

    /// <summary>Takes a tensor after a change, given and done in float32, that gives it the model's shape.</summary>
    public void Adapt(string name, CheckpointTensor stored, string change, Func<Tensor, Tensor> adapt) =>
        _steps.Add(new Step(name, stored, change, tensor => adapt(tensor.to(ScalarType.Float32))));

    public void LeaveOut(CheckpointTensor stored, string reason) => _leftOut.Add((stored.Name, reason));

    /// <summary>Copies everything into a module.</summary>
    /// <exception cref="InvalidDataException">
    /// The file is damaged, no weight matrix of it fits, or one of a block has another shape than the model's.
    /// </exception>
    public CheckpointReport Apply(nn.Module module)
    {
        // Norms and biases of any model of the same width fit by chance.
        if (!_steps.Exists(step => target[step.Name].Length > 1))
        {
            string reasons = string.Join("; ", _leftOut.Take(3).Select(item => $"{item.Name}: {item.Reason}"));
            throw new InvalidDataException(
                $"'{path}' holds no weights for {module.GetName()}: none of its {_leftOut.Count + _steps.Count} tensors fits ({reasons}).");
        }

        if (_misfit is not null)
        {
            throw new InvalidDataException(
                $"'{path}' does not fit this {module.GetName()}: {_misfit}. Expected blocks of the model's own sizes.");
        }

        Dictionary<string, Tensor> parameters = module.state_dict();
        foreach ((string name, Tensor values) in Tensors())
        {
            using (values)
            {
                ModuleWeights.Copy(values, parameters[name]);
            }
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
    /// The model's tensors one after another, by name; each is read when it is its turn, and the caller's to dispose.
    /// </summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public IEnumerable<(string Name, Tensor Values)> Tensors()
    {
        foreach (Step step in _steps)
        {
            yield return (step.Name, Read(step));
        }
    }

    // Heads are for other classes, and positions for other clips and windows, where a model is trained further.
    private static bool IsOfBlock(string name) =>
        name.Split('.').Any(part => part is "blocks" or "layers" or "stages")
        && !name.EndsWith("table", StringComparison.Ordinal) && !name.EndsWith("rpb", StringComparison.Ordinal);

    // The kernel of a convolution follows the map, not the width of the model.
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
                $"'{path}': '{step.Stored.Name}' becomes {CheckpointTensor.Describe(values.shape)}, which does not fit {step.Name}, {CheckpointTensor.Describe(target[step.Name])}.");
        }

        return values.MoveToOuterDisposeScope();
    }

    private sealed record Step(string Name, CheckpointTensor Stored, string? Change, Func<Tensor, Tensor> Adapt);
}
