using System.CommandLine;
using System.Text;

namespace ActivityConnector.Terminals;

/// <summary>Asks before a change that cannot be undone.</summary>
internal static class Question
{
    public static Option<bool> YesOption() => new("--yes", "-y") { Description = "Does not ask." };

    /// <exception cref="CommandFailedException">The answer is no, or no terminal is there to ask.</exception>
    public static void Ask(Terminal terminal, string question, bool yes)
    {
        if (yes) return;

        if (!terminal.CanAsk)
        {
            throw new CommandFailedException(ExitCodes.WrongUsage, $"{question} There is no terminal to ask here: confirm with --yes.");
        }

        terminal.Error.Write(PlainText.Of(question) + " [y/N] ");
        terminal.Error.Flush();
        using var reader = new StreamReader(terminal.In, Encoding.UTF8, leaveOpen: true);
        if (reader.ReadLine()?.Trim() is not ("y" or "Y" or "yes"))
        {
            throw new CommandFailedException(ExitCodes.Failed, "Nothing was changed.");
        }
    }
}
