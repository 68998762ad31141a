using System.Globalization;
using ActivityConnector.Pipeline;
using ActivityConnector.Terminals;

namespace ActivityConnector.Commands;

/// <summary>The line that reports what a command met in the journal and left out, because another program wrote it; no line when there is nothing.</summary>
internal static class LeftOut
{
    public static void Write(IJournalView journal, Terminal terminal)
    {
        if (journal.LeftOut is { } left)
        {
            var count = left.Count.ToString(CultureInfo.InvariantCulture);
            terminal.WriteError(
                $"Records that the connector did not write, and that are left out: {count}. The first is {left.First}. "
                + "Only the connector should write there.");
        }
    }
}
