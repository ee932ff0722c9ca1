using System.Text;

namespace Microsoft.ML.AudioTransformers.Checkpoints.TorchFiles;

/// <summary>
/// Calls in a pickle. The few that create tensors and plain containers are implemented here; every other becomes an inert
/// object. Names that only an attack uses are refused, so that a hostile file is reported and not silently read.
/// </summary>
internal static class PickleCalls
{
    private static readonly HashSet<string> s_refusedModules =
    [
        "os", "posix", "nt", "subprocess", "_posixsubprocess", "sys", "shutil", "socket", "runpy", "importlib", "imp",
        "ctypes", "pty", "commands", "popen2", "webbrowser", "code", "codeop", "pdb", "bdb", "timeit", "cProfile", "profile",
        "marshal", "pip",
        "urllib", "http", "ftplib", "telnetlib", "smtplib", "pickle", "_pickle",
    ];

    private static readonly HashSet<string> s_refusedBuiltins =
    [
        "eval", "exec", "execfile", "compile", "open", "__import__", "input", "breakpoint", "globals", "locals", "vars",
        "file", "apply", "exit", "quit", "delattr", "setattr",
    ];

    /// <summary>Class or function by name.</summary>
    /// <exception cref="InvalidDataException">The name is of something that runs code.</exception>
    public static PickleGlobal Global(string module, string name, PickleReader reader)
    {
        PickleGlobal global = new(module, name);
        string package = module.Split('.')[0];
        bool isBuiltin = package is "builtins" or "__builtin__" or "__builtins__";
        if (s_refusedModules.Contains(package) || (isBuiltin && s_refusedBuiltins.Contains(name.Split('.')[0])))
        {
            throw new InvalidDataException(
                $"'{reader.Source}' is refused: its pickle names '{global}', which runs code and has no place in a "
                + "checkpoint. Nothing of it was run.");
        }

        return global;
    }

    /// <summary>Result of <c>function(*arguments)</c>.</summary>
    public static object? Call(object? function, object?[] arguments, PickleReader reader) =>
        (function?.ToString(), arguments) switch
    {
        ("torch._utils._rebuild_tensor" or "torch._utils._rebuild_tensor_v2",
            [TorchStorage storage, long offset, object?[] sizes, object?[] strides, ..]) =>
            View(storage, storage.DType, offset, sizes, strides, reader),
        ("torch._utils._rebuild_tensor_v3",
            [TorchStorage storage, long offset, object?[] sizes, object?[] strides, _, _, PickleGlobal dtype, ..]) =>
            View(storage, TorchStorage.ParseDType(dtype), offset, sizes, strides, reader),
        ("torch._utils._rebuild_parameter" or "torch._utils._rebuild_parameter_with_state", [object data, ..]) => data,
        ("torch._tensor._rebuild_from_type_v2" or "torch._tensor._rebuild_from_type" or "torch.tensor._rebuild_from_type",
            [PickleGlobal rebuild, _, object?[] inner, ..])
            when rebuild.Name.StartsWith("_rebuild_tensor", StringComparison.Ordinal) => Call(rebuild, inner, reader),
        ("torch.Size", [object?[] sizes]) => sizes,
        ("_codecs.encode", [string text, string encoding]) when IsLatin1(encoding) => Encoding.Latin1.GetBytes(text),
        ("builtins.set" or "__builtin__.set" or "builtins.frozenset" or "__builtin__.frozenset",
            [List<object?> elements]) => elements,
        ("copyreg._reconstructor" or "copy_reg._reconstructor", [var type, ..]) => Create(type, []),
        _ => Create(function, arguments),
    };

    /// <summary>New object of a class: a dictionary, or an inert object.</summary>
    public static object Create(object? type, object?[] arguments)
    {
        switch (type?.ToString())
        {
            case "collections.OrderedDict" or "builtins.dict" or "__builtin__.dict":
                return Dictionary(arguments.FirstOrDefault());
            case "collections.defaultdict":
                return Dictionary(arguments.ElementAtOrDefault(1));
            default:
                return new PickleObject(type, arguments);
        }
    }

    /// <summary><c>target.__setstate__(state)</c></summary>
    public static void SetState(object? target, object? state)
    {
        // The state of a state dict is its _metadata, which is not needed.
        if (target is PickleObject inert)
        {
            inert.State = state;
        }
    }

    private static object View(
        TorchStorage storage, CheckpointDType? dtype, long offset, object?[] sizes, object?[] strides, PickleReader reader)
    {
        if (dtype is not { } element)
        {
            // A type that no released model has (quantized, float8): the tensor is left out.
            return new PickleObject(type: null, [storage]);
        }

        return new PickleTensor(storage, element, offset, Numbers(sizes, reader), Numbers(strides, reader));
    }

    private static long[] Numbers(object?[] values, PickleReader reader) =>
        [.. values.Select(value => value as long?
            ?? throw reader.Error("a tensor's size or stride is not a 64-bit integer"))];

    private static PickleDictionary Dictionary(object? pairs)
    {
        PickleDictionary dictionary = new();
        if (pairs is PickleDictionary other)
        {
            foreach ((object? key, object? value) in other.Entries)
            {
                dictionary.Set(key, value);
            }
        }

        foreach (object? pair in pairs as List<object?> ?? [])
        {
            if (pair is object?[] { Length: 2 } tuple)
            {
                dictionary.Set(tuple[0], tuple[1]);
            }
            else if (pair is List<object?> { Count: 2 } list)
            {
                dictionary.Set(list[0], list[1]);
            }
        }

        return dictionary;
    }

    private static bool IsLatin1(string encoding) =>
        encoding.Replace('_', '-').ToUpperInvariant() is "LATIN1" or "LATIN-1" or "ISO-8859-1";
}
