using System.Globalization;
using ActivityConnector.Pipeline;
using ActivityConnector.Terminals;

namespace ActivityConnector.Commands;

/// <summary>The line that reports how many dead letters are open, by stage; no line when there are none.</summary>
internal static class OpenDeadLetters
{
    public static async Task WriteAsync(IJournalView journal, Terminal terminal, CancellationToken cancellationToken)
    {
        var open = await journal.OpenDeadLettersAsync(cancellationToken);
        if (open.Count > 0)
        {
            var stages = open
                .OrderBy(stage => stage.Key)
                .Select(stage => string.Create(CultureInfo.InvariantCulture, $"{stage.Key.Name()} {stage.Value}"));
            terminal.WriteError(string.Create(
                CultureInfo.InvariantCulture, $"Open dead letters: {open.Values.Sum()} ({string.Join(", ", stages)}). See 'dlq list' for the reasons."));
        }
    }
}
