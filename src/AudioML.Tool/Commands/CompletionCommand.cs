using System.CommandLine;

namespace AudioML.Tool.Commands;

/// <summary>Prints a script with which a shell completes commands and options.</summary>
internal static class CompletionCommand
{
    private const string Bash = """
        _audioml() {
            local words
            words="$(audioml "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)"
            COMPREPLY=($(compgen -W "${words}" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -o default -F _audioml audioml
        """;

    private const string Zsh = """
        _audioml() {
            local -a words
            words=("${(@f)$(audioml "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)}")
            compadd -a words
            _files
        }
        compdef _audioml audioml
        """;

    private const string PowerShell = """
        Register-ArgumentCompleter -Native -CommandName audioml -ScriptBlock {
            param($word, $line, $position)
            audioml "[suggest:$position]" "$line" | Where-Object { $_ -like "$word*" }
        }
        """;

    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh or pwsh." };
        shell.AcceptOnlyFromAmong("bash", "zsh", "pwsh");
        var command = new Command(
            "completion", "Print a script for a shell's completion.\n\n  eval \"$(audioml completion bash)\"")
        {
            shell,
        };
        command.SetAction(parsed => Console.Out.WriteLine(parsed.GetValue(shell) switch
        {
            "zsh" => Zsh,
            "pwsh" => PowerShell,
            _ => Bash,
        }));
        return command;
    }
}
