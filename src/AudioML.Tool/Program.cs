using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using AudioML.Tool.Commands;
using AudioML.Tool.Terminal;

namespace AudioML.Tool;

/// <summary>
/// The program: parses the command line, runs a command, and turns exceptions into messages and exit codes.
/// </summary>
internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        // Numbers on the command line and in what is printed have a point, whoever has built the program with cultures.
        CultureInfo.CurrentCulture = CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
        var root = new RootCommand(
            "Trains audio transformers on your recordings, and runs them. Each command says more with --help.\n\n"
            + "  audioml train my-sounds               learn a folder with a folder for each class\n"
            + "  audioml tag -m my-sounds.zip a.wav    say what a recording is\n\n"
            + "Exit codes: 1 failed, 2 wrong command line, 3 not found, 4 bad data, 5 bad option, 6 cannot write, 130 Ctrl+C.");
        root.Subcommands.Add(TrainCommand.Create());
        root.Subcommands.Add(EvaluateCommand.Create());
        root.Subcommands.Add(TagCommand.Create());
        root.Subcommands.Add(ScoreCommand.Create());
        root.Subcommands.Add(EventsCommand.Create());
        root.Subcommands.Add(EmbedCommand.Create());
        root.Subcommands.Add(ListenCommand.Create());
        root.Subcommands.Add(SweepCommand.Create());
        root.Subcommands.Add(ExportCommand.Create());
        root.Subcommands.Add(InspectCommand.Create());
        root.Subcommands.Add(CompletionCommand.Create());
        ParseResult parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (ParseError error in parsed.Errors)
            {
                Output.Say(error.Message);
            }

            Command asked = parsed.CommandResult.Command;
            Output.Say($"See: audioml {(asked is RootCommand ? "" : asked.Name + " ")}--help");
            return ExitCode.Usage;
        }

        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,

                // A training ends after its step, and saves the model and a checkpoint, before the process does.
                ProcessTerminationTimeout = TimeSpan.FromMinutes(5),
            }).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            Output.Say($"audioml: {exception.Message}");
            return ExitCode.Of(exception);
        }
    }
}
