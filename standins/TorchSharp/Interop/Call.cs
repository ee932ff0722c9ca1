using System.Text;

namespace TorchSharp.Interop;

/// <summary>Calls operators. Arguments after the last that is given take the defaults of the schema.</summary>
internal static unsafe class Call
{
    // Lists of tensors may be long; a stack is not.
    private const int StackLimit = 4096;

    /// <summary>Calls an operator that returns one tensor.</summary>
    internal static torch.Tensor One(Operator op, params ReadOnlySpan<Argument> arguments) =>
        new(OneHandle(op, arguments));

    /// <summary>
    /// Calls an operator that writes to its first argument, and returns that argument itself, as the package does: to
    /// dispose the result is to dispose the tensor.
    /// </summary>
    internal static torch.Tensor InPlace(Operator op, params ReadOnlySpan<Argument> arguments)
    {
        Shim.shim_tensor_free(OneHandle(op, arguments));
        return (torch.Tensor)arguments[0].Object;
    }

    private static nint OneHandle(Operator op, ReadOnlySpan<Argument> arguments)
    {
        Value* values = stackalloc Value[arguments.Length];
        int size = Lay(arguments, values);
        if (size == 0)
        {
            return Shim.Check(Shim.shim_operator_call_one(op.Handle, values, arguments.Length));
        }

        Span<byte> lists = size <= StackLimit ? stackalloc byte[size] : new byte[size];
        fixed (byte* pinned = lists)
        {
            Fill(arguments, values, pinned);
            return Shim.Check(Shim.shim_operator_call_one(op.Handle, values, arguments.Length));
        }
    }

    /// <summary>
    /// Calls an operator and returns its tensors in order, those of lists included; null where one is undefined.
    /// </summary>
    internal static torch.Tensor[] Many(Operator op, params ReadOnlySpan<Argument> arguments)
    {
        ReadOnlySpan<Value> results = Results(op, arguments);
        var tensors = new torch.Tensor[results.Length];
        for (int i = 0; i < tensors.Length; i++)
        {
            tensors[i] = results[i].Tag == Tag.Tensor ? new torch.Tensor((nint)results[i].Bits) : null;
        }

        return tensors;
    }

    /// <summary>Calls an operator that returns two tensors.</summary>
    internal static (torch.Tensor, torch.Tensor) Two(Operator op, params ReadOnlySpan<Argument> arguments)
    {
        torch.Tensor[] tensors = Many(op, arguments);
        return (tensors[0], tensors[1]);
    }

    /// <summary>Calls an operator that returns three tensors.</summary>
    internal static (torch.Tensor, torch.Tensor, torch.Tensor) Three(
        Operator op, params ReadOnlySpan<Argument> arguments)
    {
        torch.Tensor[] tensors = Many(op, arguments);
        return (tensors[0], tensors[1], tensors[2]);
    }

    /// <summary>Calls an operator that returns one number or truth value.</summary>
    internal static Scalar Number(Operator op, params ReadOnlySpan<Argument> arguments)
    {
        Value result = Results(op, arguments)[0];
        return result.Tag switch
        {
            Tag.Double => new Scalar(BitConverter.Int64BitsToDouble(result.Bits)),
            Tag.Bool => new Scalar(result.Bits != 0),
            _ => new Scalar(result.Bits),
        };
    }

    /// <summary>Calls an operator that returns one truth value.</summary>
    internal static bool Truth(Operator op, params ReadOnlySpan<Argument> arguments) =>
        Results(op, arguments)[0].Bits != 0;

    // The results are the shim's, until the thread's next call.
    private static ReadOnlySpan<Value> Results(Operator op, ReadOnlySpan<Argument> arguments)
    {
        Value* values = stackalloc Value[arguments.Length];
        int size = Lay(arguments, values);
        Span<byte> lists = size <= StackLimit ? stackalloc byte[size] : new byte[size];
        fixed (byte* pinned = lists)
        {
            Fill(arguments, values, pinned);
            Value* results;
            int count = Shim.shim_operator_call(op.Handle, values, arguments.Length, &results);
            Shim.Check(count);
            return new ReadOnlySpan<Value>(results, count);
        }
    }

    // Returns how many bytes the lists and strings take.
    private static int Lay(ReadOnlySpan<Argument> arguments, Value* values)
    {
        int size = 0;
        for (int i = 0; i < arguments.Length; i++)
        {
            ref readonly Argument argument = ref arguments[i];
            values[i].Tag = argument.Tag;
            values[i].Count = argument.Count;
            values[i].Bits = argument.Bits;
            size += argument.ListBytes;
        }

        return size;
    }

    private static void Fill(ReadOnlySpan<Argument> arguments, Value* values, byte* lists)
    {
        for (int i = 0; i < arguments.Length; i++)
        {
            ref readonly Argument argument = ref arguments[i];
            int size = argument.ListBytes;
            if (size == 0)
            {
                continue;
            }

            values[i].Bits = (long)lists;
            switch (argument.Object)
            {
                case torch.Tensor[] tensors:
                    for (int j = 0; j < tensors.Length; j++)
                    {
                        ((nint*)lists)[j] = tensors[j]?.Handle ?? 0;
                    }

                    break;
                case long[] numbers:
                    numbers.CopyTo(new Span<long>(lists, numbers.Length));
                    break;
                case double[] numbers:
                    numbers.CopyTo(new Span<double>(lists, numbers.Length));
                    break;
                case string text:
                    values[i].Count = Encoding.UTF8.GetBytes(text, new Span<byte>(lists, size));
                    break;
            }

            lists += size;
        }
    }
}
