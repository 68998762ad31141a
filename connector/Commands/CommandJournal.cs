using System.CommandLine;
using ActivityConnector.Configuration;
using ActivityConnector.Pipeline;
using ActivityConnector.Terminals;

namespace ActivityConnector.Commands;

/// <summary>The configured journal, as commands open it.</summary>
internal static class CommandJournal
{
    /// <summary>To look at, beside a running connector.</summary>
    public static ValueTask<IJournalView> ViewAsync(Shell shell, ParseResult parse, CancellationToken cancellationToken) =>
        ConfiguredJournal.ViewAsync(Options(shell, parse), shell.Terminal.Clock, cancellationToken);

    /// <summary>To change it. A journal that is not there is not made.</summary>
    /// <exception cref="JournalBusyException">Another process owns it (SQLite).</exception>
    public static ValueTask<IJournalOperator> OperateAsync(Shell shell, ParseResult parse, CancellationToken cancellationToken) =>
        ConfiguredJournal.OperateAsync(Options(shell, parse), make: false, shell.Terminal.Clock, cancellationToken);

    /// <summary>As <see cref="OperateAsync"/>, but one that is not there is made.</summary>
    public static ValueTask<IJournalOperator> OperateOrMakeAsync(Shell shell, ParseResult parse, CancellationToken cancellationToken) =>
        ConfiguredJournal.OperateAsync(Options(shell, parse), make: true, shell.Terminal.Clock, cancellationToken);

    /// <summary>The source of the journal that a person means by <c>vendor</c> or <c>vendor/account</c>.</summary>
    public static async ValueTask<SourceKey> SourceAsync(IJournalView journal, string name, CancellationToken cancellationToken)
    {
        var sources = await journal.SourcesAsync(cancellationToken);
        var matches = sources.Where(s => s.Source == name || s.ToString() == name).ToList();
        return matches switch
        {
            [var one] => one,
            [] => throw new CommandFailedException(
                ExitCodes.Failed,
                $"The journal has no checkpoint of {name}. It has: {(sources.Count == 0 ? "none" : string.Join(", ", sources))}."),
            _ => throw new CommandFailedException(ExitCodes.WrongUsage, $"{name} is more than one source: {string.Join(", ", matches)}. Name one of them."),
        };
    }

    /// <summary>The options that concern the journal.</summary>
    public static ConnectorOptions Options(Shell shell, ParseResult parse) => shell.ValidOptions(parse, "Journal", "Kafka");
}
