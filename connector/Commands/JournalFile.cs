using System.CommandLine;
using ActivityConnector.Journals.Sqlite;
using ActivityConnector.Pipeline;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActivityConnector.Commands;

/// <summary>The configured journal, as verbs open it.</summary>
internal static class JournalFile
{
    /// <summary>To look at, beside a running connector.</summary>
    public static ValueTask<SqliteJournalView> ViewAsync(Shell shell, ParseResult parse, CancellationToken cancellationToken) =>
        SqliteJournal.OpenReadOnlyAsync(Options(shell, parse).Path, cancellationToken);

    /// <summary>To change it: no connector may run. A journal that is not there is not made.</summary>
    /// <exception cref="JournalBusyException">Another process owns it.</exception>
    public static async ValueTask<SqliteJournal> OwnAsync(Shell shell, ParseResult parse, CancellationToken cancellationToken)
    {
        var options = Options(shell, parse);
        await (await SqliteJournal.OpenReadOnlyAsync(options.Path, cancellationToken)).DisposeAsync();
        return await SqliteJournal.OpenAsync(options, shell.Terminal.Clock, NullLogger<SqliteJournal>.Instance, cancellationToken);
    }

    /// <summary>As <see cref="OwnAsync"/>, but one that is not there is made.</summary>
    public static ValueTask<SqliteJournal> OwnOrMakeAsync(Shell shell, ParseResult parse, CancellationToken cancellationToken) =>
        SqliteJournal.OpenAsync(Options(shell, parse), shell.Terminal.Clock, NullLogger<SqliteJournal>.Instance, cancellationToken);

    /// <summary>The source of the journal that a person means by <c>vendor</c> or <c>vendor/account</c>.</summary>
    public static async ValueTask<SourceKey> SourceAsync(SqliteJournalView journal, string name, CancellationToken cancellationToken)
    {
        var sources = await journal.SourcesAsync(cancellationToken);
        var matches = sources.Where(s => s.Source == name || s.ToString() == name).ToList();
        return matches switch
        {
            [var one] => one,
            [] => throw new VerbFailedException(ExitCodes.Failed, $"The journal has no checkpoint of {name}. It has: {(sources.Count == 0 ? "none" : string.Join(", ", sources))}."),
            _ => throw new VerbFailedException(ExitCodes.WrongUsage, $"{name} is more than one source: {string.Join(", ", matches)}. Name one of them."),
        };
    }

    private static JournalOptions Options(Shell shell, ParseResult parse)
    {
        var options = shell.ValidOptions(parse, "Journal").Journal;
        options.Path = Path.GetFullPath(options.Path, shell.Terminal.WorkingDirectory);
        return options;
    }
}
