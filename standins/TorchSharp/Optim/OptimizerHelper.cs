using TorchSharp.Utils;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>What the optimizers share: the state of each parameter, and the step over the groups.</summary>
public abstract class OptimizerHelper : optim.Optimizer
{
    protected OptimizerOptions _defaults;
    protected OrderedDict<IntPtr, OptimizerState> _state = new();

    public OptimizerHelper()
    {
    }

    public virtual StateDictionary state_dict()
    {
        var result = new StateDictionary();
        foreach (ParamGroup group in _parameter_groups)
        {
            result.Options.Add(group.Options);
            List<int> positions = [];
            foreach (Parameter parameter in group.Parameters)
            {
                positions.Add(result.State.Count);
                result.State.Add(_state[parameter.Handle]);
            }
            result.StateIndexRef.Add(positions);
        }
        return result;
    }

    public virtual void load_state_dict(StateDictionary state_dict)
    {
        StateDictionary own = this.state_dict();
        CheckCount(state_dict.Options.Count == own.Options.Count, "parameter groups");
        CheckCount(state_dict.State.Count == own.State.Count, "states");
        for (int i = 0; i < own.Options.Count; i++)
        {
            if (own.Options[i] != state_dict.Options[i])
            {
                own.Options[i].LoadStateDict(state_dict.Options[i]);
            }
        }
        for (int i = 0; i < own.State.Count; i++)
        {
            if (own.State[i] != state_dict.State[i])
            {
                own.State[i].LoadStateDict(state_dict.State[i]);
            }
        }
    }

    public void save_state_dict(string location)
    {
        using var writer = new BinaryWriter(File.Create(location));
        save_state_dict(writer);
    }

    public void save_state_dict(BinaryWriter writer)
    {
        StateDictionary own = state_dict();
        writer.Write(GetType().Name);
        writer.Write7BitEncodedInt64(own.Options.Count);
        writer.Write7BitEncodedInt64(own.State.Count);
        own.Options.ForEach(options => options.SaveStateDict(writer));
        own.State.ForEach(state => state.SaveStateDict(writer));
    }

    public void load_state_dict(string location)
    {
        using var reader = new BinaryReader(File.OpenRead(location));
        load_state_dict(reader);
    }

    public void load_state_dict(BinaryReader reader)
    {
        string kind = reader.ReadString();
        if (kind != GetType().Name)
        {
            throw new InvalidDataException(
                $"Mismatched optimizer type: expected '{GetType().Name}', but found '{kind}' in the loaded stream.");
        }
        StateDictionary own = state_dict();
        CheckCount(reader.Read7BitEncodedInt64() == own.Options.Count, "parameter groups");
        CheckCount(reader.Read7BitEncodedInt64() == own.State.Count, "states");
        own.Options.ForEach(options => options.LoadStateDict(reader));
        own.State.ForEach(state => state.LoadStateDict(reader));
    }

    public void to(Device device)
    {
        foreach (Parameter parameter in parameters())
        {
            _state[parameter.Handle].to(device);
        }
    }

    /// <summary>Runs the closure, if any, with gradients, then the body over every group without.</summary>
    protected Tensor _step<T>(Action<T> body, Func<Tensor> loss_closure = null) where T : ParamGroup
    {
        Tensor loss = null;
        if (loss_closure is not null)
        {
            using IDisposable grad = enable_grad();
            loss = loss_closure();
        }
        using IDisposable noGrad = no_grad();
        using DisposeScope scope = NewDisposeScope();
        foreach (ParamGroup group in _parameter_groups)
        {
            body((T)group);
        }
        return loss;
    }

    /// <summary>Takes in a group whose options are complete, with a fresh state for each parameter.</summary>
    private protected void Adopt(ParamGroup group, Func<Parameter, OptimizerState> newState)
    {
        group.Options.InitialLearningRate = group.Options.LearningRate.Value;
        _parameter_groups.Add(group);
        foreach (Parameter parameter in group.Parameters)
        {
            OptimizerState state = newState(parameter);
            _state[parameter.Handle] = state;
            state.Initialize(group.Options);
        }
    }

    private protected static void CheckRange(bool holds, string what, double value)
    {
        if (!holds)
        {
            throw new ArgumentException($"Invalid {what}: {value}");
        }
    }

    private static void CheckCount(bool same, string what)
    {
        if (!same)
        {
            throw new ArgumentException($"Invalid optimizer state -- different number of {what}.");
        }
    }

    /// <summary>A tensor of zeros beside a parameter that outlives every dispose scope.</summary>
    private protected static Tensor ZerosLike(Parameter parameter) =>
        zeros_like(parameter).DetachFromDisposeScope();
}
