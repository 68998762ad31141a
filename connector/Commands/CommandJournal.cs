using System.CommandLine;
using ActivityConnector.Configuration;
using ActivityConnector.Operations;
using ActivityConnector.Pipeline;
using ActivityConnector.Terminals;
using ActivityConnector.Vendors;

namespace ActivityConnector.Commands;

/// <summary>The configured journal, as commands open it, and its sources, as people name them.</summary>
internal static class CommandJournal
{
    /// <summary>To look at, beside a running connector.</summary>
    /// <exception cref="CommandFailedException">It is not there; the message names the demo's where there is one.</exception>
    public static ValueTask<IJournalView> ViewAsync(Shell shell, ParseResult parse, CancellationToken cancellationToken)
    {
        var options = Options(shell, parse);
        CheckIsThere(options, shell.Terminal);
        return ConfiguredJournal.ViewAsync(options, shell.Terminal.Clock, cancellationToken);
    }

    /// <summary>To change it. A journal that is not there is not made.</summary>
    /// <exception cref="JournalBusyException">Another process owns it (SQLite).</exception>
    /// <exception cref="CommandFailedException">It is not there; the message names the demo's where there is one.</exception>
    public static ValueTask<IJournalOperator> OperateAsync(Shell shell, ParseResult parse, CancellationToken cancellationToken)
    {
        var options = Options(shell, parse);
        CheckIsThere(options, shell.Terminal);
        return ConfiguredJournal.OperateAsync(options, make: false, shell.Terminal.Clock, cancellationToken);
    }

    /// <summary>As <see cref="OperateAsync"/>, but one that is not there is made.</summary>
    public static ValueTask<IJournalOperator> OperateOrMakeAsync(Shell shell, ParseResult parse, CancellationToken cancellationToken) =>
        ConfiguredJournal.OperateAsync(Options(shell, parse), make: true, shell.Terminal.Clock, cancellationToken);

    /// <summary>The names of the sources of the configuration and the journal.</summary>
    public static async ValueTask<SourceNames> NamesAsync(Shell shell, ParseResult parse, CancellationToken cancellationToken)
    {
        // A look of its own: what a command's view leaves out is counted for what the command asks.
        await using var journal = await ViewAsync(shell, parse, cancellationToken);
        return new(shell.Configuration(parse).Options.Sources, await journal.SourcesAsync(cancellationToken));
    }

    /// <summary>The one source of the journal that a person means.</summary>
    /// <exception cref="UnknownSourceException">None is meant, or more than one.</exception>
    /// <exception cref="CommandFailedException">It has no checkpoint yet.</exception>
    public static SourceKey Source(SourceNames names, string text)
    {
        names.RefuseUnknown(text);
        return names.Matching(text).Count > 0
            ? names.One(text)
            : throw new CommandFailedException(ExitCodes.Failed, $"The journal has no checkpoint of {text}. {SourceNames.Known(names.All)}");
    }

    /// <summary>The options that concern the journal.</summary>
    public static ConnectorOptions Options(Shell shell, ParseResult parse) => shell.ValidOptions(parse, "Journal", "Kafka");

    /// <summary>What tells of the changes that a command makes in the journal.</summary>
    public static OperatorAudit Audit(ConnectorOptions options, IJournalOperator journal, TimeProvider clock) =>
        new(RunningConnector.OperatorName() ?? OperatorAudit.Unnamed, null, ConnectorHost.AgentOf(journal.AgentId, options), clock.GetUtcNow());

    /// <summary>A checkpoint as a command writes it.</summary>
    public static Checkpoint ByHand(Checkpoint checkpoint, DateTimeOffset now) =>
        checkpoint with { CommittedAt = now, Writer = new CheckpointWriter(ConnectorHost.Version, "by hand") };

    /// <exception cref="CommandFailedException">The journal is a file that is not there; the message names the demo's where there is one.</exception>
    public static void CheckIsThere(ConnectorOptions options, Terminal terminal)
    {
        if (options.Journal.Kind != JournalKind.Sqlite || File.Exists(options.Journal.Path)) return;

        var demo = Path.GetFullPath(DemoCommand.JournalPath, terminal.WorkingDirectory);
        throw new CommandFailedException(
            ExitCodes.Failed,
            $"There is no journal {options.Journal.Path}. "
            + (File.Exists(demo)
                ? $"The demo's is another one: add --set Journal:Path={DemoCommand.JournalPath} to this command."
                : "Set Journal:Path to where it is, or run the connector first."));
    }
}
