using System.Globalization;
using System.Numerics;

namespace Microsoft.ML.AudioTransformers.Checkpoints.TorchFiles;

/// <summary>
/// Unpickler for data only: creates numbers, text, containers and tensor views, and an inert <see cref="PickleObject"/> where
/// Python would call a class or function. It is a loop, not a recursion, with a limit on the number of instructions. Protocols
/// 0 to 5. Source: the comments in CPython's <c>pickletools</c>.
/// </summary>
/// <param name="reader">Reader of the pickle.</param>
/// <param name="resolve">Resolves a persistent id to a storage.</param>
internal sealed class Unpickler(PickleReader reader, Func<object?, object?> resolve)
{
    // A tensor takes about 30 instructions: enough for over a hundred thousand tensors.
    private const int MaximumInstructions = 4_000_000;

    private readonly List<object?> _stack = [];
    private readonly Stack<int> _marks = [];
    private readonly Dictionary<long, object?> _memo = [];

    /// <summary>Reads one pickle and leaves the stream at its end.</summary>
    /// <exception cref="InvalidDataException">
    /// The pickle is damaged, too long, or names code that no checkpoint needs.
    /// </exception>
    public object? Load()
    {
        for (int instruction = 0; instruction < MaximumInstructions; instruction++)
        {
            byte code = reader.ReadByte();
            if (code == '.')
            {
                return Pop();
            }

            if (!PushValue(code) && !Assemble(code) && !Memorize(code))
            {
                throw reader.Error($"a pickle has the unknown instruction 0x{code:X2}");
            }
        }

        throw reader.Error($"a pickle has more than {MaximumInstructions} instructions");
    }

    /// <summary>Executes an instruction that pushes a new value; false for another instruction.</summary>
    private bool PushValue(byte code)
    {
        switch (code)
        {
            case (byte)'N': Push(null); break;
            case 0x88: Push(true); break;
            case 0x89: Push(false); break;
            case (byte)'K': Push((long)reader.ReadByte()); break;
            case (byte)'M': Push((long)reader.ReadUInt16()); break;
            case (byte)'J': Push((long)reader.ReadInt32()); break;
            case (byte)'I': Push(ParseInteger(reader.ReadLine())); break;
            case (byte)'L': Push(ParseInteger(reader.ReadLine().TrimEnd('L'))); break;
            case 0x8A: Push(reader.ReadInteger(reader.ReadByte())); break;
            case 0x8B: Push(reader.ReadInteger(reader.ReadInt32())); break;
            case (byte)'G': Push(reader.ReadDouble()); break;
            case (byte)'F': Push(ParseFloat(reader.ReadLine())); break;
            case (byte)'X': Push(reader.ReadString(reader.ReadUInt32())); break;
            case 0x8C: Push(reader.ReadString(reader.ReadByte())); break;
            case 0x8D: Push(reader.ReadString(reader.ReadLength())); break;
            case (byte)'V': Push(reader.ReadLine()); break;
            case (byte)'S': Push(reader.ReadLine().Trim('\'', '"')); break;
            case (byte)'U': Push(reader.ReadString(reader.ReadByte())); break;
            case (byte)'T': Push(reader.ReadString(reader.ReadInt32())); break;
            case (byte)'C': Push(reader.ReadBytes(reader.ReadByte())); break;
            case (byte)'B': Push(reader.ReadBytes(reader.ReadUInt32())); break;
            case 0x8E or 0x96: Push(reader.ReadBytes(reader.ReadLength())); break;
            case (byte)')': Push(Array.Empty<object?>()); break;
            case (byte)']' or 0x8F: Push(new List<object?>()); break;
            case (byte)'}': Push(new PickleDictionary()); break;
            case (byte)'c': Push(Global()); break;
            case (byte)'P': Push(resolve(reader.ReadLine())); break;
            default: return false;
        }

        return true;
    }

    /// <summary>Executes an instruction that combines values of the stack; false for another instruction.</summary>
    private bool Assemble(byte code)
    {
        switch (code)
        {
            case 0x85: Push(PopMany(1)); break;
            case 0x86: Push(PopMany(2)); break;
            case 0x87: Push(PopMany(3)); break;
            case (byte)'t': Push(PopToMark()); break;
            case (byte)'l' or 0x91: Push(new List<object?>(PopToMark())); break;
            case (byte)'d': SetItems(new PickleDictionary(), PopToMark(), pushTarget: true); break;
            case (byte)'a': Append([Pop()]); break;
            case (byte)'e' or 0x90: Append(PopToMark()); break;
            case (byte)'s': SetItems(target: null, PopMany(2)); break;
            case (byte)'u': SetItems(target: null, PopToMark()); break;
            case (byte)'Q': Push(resolve(Pop())); break;
            case 0x93: StackGlobal(); break;
            case (byte)'R': Call(); break;
            case 0x81: Create(); break;
            case 0x92: Pop(); Create(); break;
            case (byte)'i': Push(PickleCalls.Create(Global(), PopToMark())); break;
            case (byte)'o': CreateFromMark(); break;
            case (byte)'b': SetState(); break;
            default: return false;
        }

        return true;
    }

    /// <summary>Executes an instruction on marks, memo or protocol; false for another instruction.</summary>
    private bool Memorize(byte code)
    {
        switch (code)
        {
            case (byte)'(': _marks.Push(_stack.Count); break;
            case (byte)'0': Pop(); break;
            case (byte)'1': PopToMark(); break;
            case (byte)'2': Push(Peek()); break;
            case (byte)'q': _memo[reader.ReadByte()] = Peek(); break;
            case (byte)'r': _memo[reader.ReadUInt32()] = Peek(); break;
            case (byte)'p': _memo[MemoIndex(reader.ReadLine())] = Peek(); break;
            case 0x94: _memo[_memo.Count] = Peek(); break;
            case (byte)'h': Push(Recall(reader.ReadByte())); break;
            case (byte)'j': Push(Recall(reader.ReadUInt32())); break;
            case (byte)'g': Push(Recall(MemoIndex(reader.ReadLine()))); break;
            case 0x80: reader.ReadByte(); break;
            case 0x95: reader.ReadLength(); break;
            default: return false;
        }

        return true;
    }

    private void Push(object? value) => _stack.Add(value);

    private object? Pop()
    {
        object? value = Peek();
        _stack.RemoveAt(_stack.Count - 1);
        return value;
    }

    private object? Peek() => _stack.Count > Floor
        ? _stack[^1]
        : throw reader.Error("a pickle takes from an empty stack");

    private int Floor => _marks.Count > 0 ? _marks.Peek() : 0;

    private object?[] PopMany(int count) => _stack.Count - count >= Floor
        ? PopFrom(_stack.Count - count)
        : throw reader.Error("a pickle takes from an empty stack");

    private object?[] PopToMark() => _marks.Count > 0
        ? PopFrom(_marks.Pop())
        : throw reader.Error("a pickle goes back to a mark that it never made");

    private object?[] PopFrom(int start)
    {
        object?[] values = [.. _stack[start..]];
        _stack.RemoveRange(start, values.Length);
        return values;
    }

    private object?[] Tuple(object? value) =>
        value as object?[] ?? throw reader.Error("a pickle calls something with arguments that are not a tuple");

    private PickleGlobal Global() => PickleCalls.Global(reader.ReadLine(), reader.ReadLine(), reader);

    private void Call()
    {
        object? arguments = Pop();
        Push(PickleCalls.Call(Pop(), Tuple(arguments), reader));
    }

    private void Create()
    {
        object? arguments = Pop();
        Push(PickleCalls.Create(Pop(), Tuple(arguments)));
    }

    private void CreateFromMark()
    {
        object?[] parts = PopToMark();
        Push(PickleCalls.Create(parts.FirstOrDefault(), [.. parts.Skip(1)]));
    }

    private void SetState()
    {
        object? state = Pop();
        PickleCalls.SetState(Peek(), state);
    }

    private void Append(object?[] values)
    {
        switch (Peek())
        {
            case List<object?> list:
                list.AddRange(values);
                break;
            case PickleObject inert:
                (inert.Elements ??= []).AddRange(values);
                break;
            default:
                throw reader.Error("a pickle appends to something that is not a list");
        }
    }

    private void SetItems(PickleDictionary? target, object?[] values, bool pushTarget = false)
    {
        if (values.Length % 2 != 0)
        {
            throw reader.Error("a pickle sets a key without a value");
        }

        target ??= Peek() switch
        {
            PickleDictionary dictionary => dictionary,
            PickleObject inert => inert.Items ??= new PickleDictionary(),
            _ => throw reader.Error("a pickle sets an item of something that is not a dictionary"),
        };
        for (int i = 0; i < values.Length; i += 2)
        {
            target.Set(values[i], values[i + 1]);
        }

        if (pushTarget)
        {
            Push(target);
        }
    }

    private void StackGlobal()
    {
        if (PopMany(2) is not [string module, string name])
        {
            throw reader.Error("a pickle names a class with something that is not text");
        }

        Push(PickleCalls.Global(module, name, reader));
    }

    private object? Recall(long index) => _memo.TryGetValue(index, out object? value)
        ? value
        : throw reader.Error($"a pickle recalls the value {index}, which it never stored");

    private long MemoIndex(string line) =>
        long.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out long index)
        ? index
        : throw reader.Error($"a pickle has '{line}' where the number of a stored value is due");

    private object ParseInteger(string line)
    {
        // True and False in protocols 0 and 1.
        if (line is "00" or "01")
        {
            return line == "01";
        }

        if (long.TryParse(line, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number))
        {
            return number;
        }

        return line.Length <= 1000 &&
            BigInteger.TryParse(line, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out BigInteger big)
            ? big
            : throw reader.Error("a pickle has an integer that cannot be read");
    }

    private double ParseFloat(string line) =>
        double.TryParse(line, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
        ? number
        : throw reader.Error($"a pickle has '{line}' where a number is due");
}
