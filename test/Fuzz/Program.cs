using System.Globalization;
using AudioMLNet.Fuzz;
using AudioMLNet.Fuzz.Inputs;
using SharpFuzz;

// AFL++ gives the input of the parser that is named. What else is asked of the program, it does without AFL++.
try
{
    if (args.Length > 1)
    {
        Corpus.Trace();
    }

    switch (args)
    {
        case [string parser] when Parsers.All.TryGetValue(parser, out Action<byte[]>? parse):
            Fuzzer.OutOfProcess.Run(stream =>
            {
                using var input = new MemoryStream();
                stream.CopyTo(input);
                parse(input.ToArray());
            });
            return 0;
        case ["seeds", string parser, string folder]:
            Seeds.Write(parser, folder, Environment.CurrentDirectory);
            return 0;
        case ["minimize", string parser, string from, string to] when Parsers.All.TryGetValue(parser, out Action<byte[]>? parse):
            (int kept, long bytes, int branches, int all) = Corpus.Minimize(parse, FilesOf(from), to);
            Console.WriteLine($"{parser}: {kept} inputs, {bytes} bytes, take {branches} of the {all} branches of all.");
            return 0;
        case [string parser, string place] when Parsers.All.TryGetValue(parser, out Action<byte[]>? parse):
            return Look(parser, parse, FilesOf(place));
        default:
            Console.Error.WriteLine(
                $"""
                usage: AudioMLNet.Fuzz PARSER                        under AFL++
                       AudioMLNet.Fuzz PARSER FILE-OR-FOLDER         parses each file once, and tells findings, time and memory
                       AudioMLNet.Fuzz seeds PARSER FOLDER           writes the first inputs, from the root of the checkout
                       AudioMLNet.Fuzz minimize PARSER FROM TO       keeps few small inputs of many
                parsers: {string.Join(' ', Parsers.All.Keys)}
                """);
            return 2;
    }
}
finally
{
    Guard.RemoveFolders();
}

static string[] FilesOf(string place) =>
    File.Exists(place) ? [place] : [.. Directory.GetFiles(place).Order(StringComparer.Ordinal)];

// Time is that of the processor: what else the machine does is not in it.
static int Look(string parser, Action<byte[]> parse, string[] files)
{
    int refused = 0;
    (int findings, double longest, string slowest, long most, string largest) = (0, 0, "", 0, "");

    // What is made once in a process is not of an input.
    try
    {
        parse(File.ReadAllBytes(files[0]));
    }
    catch (Exception exception)
    {
        Console.WriteLine(exception.Message);
    }

    foreach (string file in files)
    {
        byte[] bytes = File.ReadAllBytes(file);
        TimeSpan start = Environment.CpuUsage.TotalTime;
        try
        {
            parse(bytes);
        }
        catch (Exception exception)
        {
            findings++;
            Console.WriteLine($"{file}: {exception}");
        }

        refused += Guard.LastRefusal is null ? 0 : 1;
        double seconds = (Environment.CpuUsage.TotalTime - start).TotalSeconds;
        (longest, slowest) = seconds > longest ? (seconds, file) : (longest, slowest);
        (most, largest) = Guard.LastAllocated > most ? (Guard.LastAllocated, file) : (most, largest);
    }

    Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{parser}: {files.Length} inputs, {refused} refused, {findings} findings; {longest:F3} s at most for {Path.GetFileName(slowest)}, "
        + $"{most / 1048576.0:F1} MiB for {Path.GetFileName(largest)}"));
    return findings == 0 ? 0 : 1;
}
