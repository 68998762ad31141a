using ActivityConnector.Pipeline;

namespace ActivityConnector.Tests.Shared;

/// <summary>A journal whose sources another instance may collect, as with Kafka:HighAvailability.</summary>
internal sealed class SharedJournal(IJournal journal) : IJournal
{
    public bool IsOfAnother { get; set; }

    public int MaxEventBytes => journal.MaxEventBytes;

    public Guid AgentId => journal.AgentId;

    public async ValueTask<IJournalWriter> OpenWriterAsync(SourceKey source, CancellationToken cancellationToken)
    {
        Require(source);
        return new Writer(this, await journal.OpenWriterAsync(source, cancellationToken));
    }

    public ValueTask KeepDeadLettersAsync(IReadOnlyList<DeadLetter> letters, CancellationToken cancellationToken) =>
        journal.KeepDeadLettersAsync(letters, cancellationToken);

    public ValueTask<IJournalReader> OpenReaderAsync(string reader, CancellationToken cancellationToken) => journal.OpenReaderAsync(reader, cancellationToken);

    public ValueTask DisposeAsync() => journal.DisposeAsync();

    private void Require(SourceKey source)
    {
        if (IsOfAnother) throw new JournalStandbyException($"Another instance collects {source}; this one stands by.", "Nothing.");
    }

    private sealed class Writer(SharedJournal journal, IJournalWriter writer) : IJournalWriter
    {
        public SourceKey Source => writer.Source;

        public Checkpoint? Checkpoint => writer.Checkpoint;

        public bool WasReset => writer.WasReset;

        public void RequireOwned() => journal.Require(Source);

        public ValueTask<IReadOnlyList<KnownEvent?>> FindAsync(IReadOnlyList<EventKey> keys, CancellationToken cancellationToken) =>
            writer.FindAsync(keys, cancellationToken);

        public ValueTask CommitAsync(JournalCommit commit, CancellationToken cancellationToken)
        {
            journal.Require(Source);
            return writer.CommitAsync(commit, cancellationToken);
        }

        public ValueTask DisposeAsync() => writer.DisposeAsync();
    }
}
