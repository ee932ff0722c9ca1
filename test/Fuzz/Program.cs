using AudioMLNet.Fuzz;
using SharpFuzz;

// The parser is named by the first argument; AFL++ gives the input. With a second argument, a file or a folder of files is
// parsed once, without AFL++: a finding is looked at so.
if (args.Length == 0 || !Parsers.All.TryGetValue(args[0], out Action<byte[]>? parse))
{
    Console.Error.WriteLine($"usage: AudioMLNet.Fuzz {string.Join('|', Parsers.All.Keys)} [file or folder]");
    return 2;
}

if (args is [_, string place])
{
    string[] files = File.Exists(place) ? [place] : [.. Directory.GetFiles(place).Order(StringComparer.Ordinal)];
    foreach (string file in files)
    {
        try
        {
            parse(File.ReadAllBytes(file));
        }
        catch (Exception exception)
        {
            Console.WriteLine($"{file}: {exception}");
        }
    }

    return 0;
}

Fuzzer.OutOfProcess.Run(stream =>
{
    using var input = new MemoryStream();
    stream.CopyTo(input);
    parse(input.ToArray());
});
return 0;
