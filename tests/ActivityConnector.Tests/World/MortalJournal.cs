using ActivityConnector.Pipeline;

namespace ActivityConnector.Tests.World;

/// <summary>
/// A journal as one process has it: the process can die at each of its steps, and before, in or after each commit; now and then the
/// journal does not do its part, and nobody knows whether the commit was made.
/// </summary>
/// <remarks>Every call has ended when it returns, whatever threads the journal has: a world has one.</remarks>
/// <param name="trouble">How often a commit fails, 0 to 1.</param>
/// <param name="forgets">How often an event that is known is not found, 0 to 1: a fault that is planted.</param>
/// <param name="stored">Called for each commit that is in the journal, whether or not the process hears of it.</param>
internal sealed class MortalJournal(
    IJournal journal, Life life, Random random, Func<double> trouble, double forgets, Action<JournalCommit, Checkpoint> stored) : IJournal
{
    private IJournalWriter? _writer;

    public int MaxEventBytes => journal.MaxEventBytes;

    public Guid AgentId => journal.AgentId;

    /// <summary>What the journal knows of these events after that commit; null when the process has no writer, or another process has written since.</summary>
    public IReadOnlyList<KnownEvent?>? Known(IReadOnlyList<EventKey> keys, long commit) =>
        _writer?.Checkpoint?.Sequence == commit ? Ended(_writer.FindAsync(keys, default)) : null;

    public async ValueTask<IJournalWriter> OpenWriterAsync(SourceKey source, CancellationToken cancellationToken)
    {
        await life.StepAsync("open writer");
        _writer = Ended(journal.OpenWriterAsync(source, cancellationToken));
        await life.StepAsync("writer opened");
        return new Writer(this, _writer);
    }

    public async ValueTask KeepDeadLettersAsync(IReadOnlyList<DeadLetter> letters, CancellationToken cancellationToken)
    {
        await life.StepAsync("keep");
        Ended(journal.KeepDeadLettersAsync(letters, cancellationToken));
        await life.StepAsync("kept");
    }

    public async ValueTask<IJournalReader> OpenReaderAsync(string reader, CancellationToken cancellationToken)
    {
        await life.StepAsync("open reader");
        return new Reader(this, Ended(journal.OpenReaderAsync(reader, cancellationToken)));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static T Ended<T>(ValueTask<T> task) => task.AsTask().GetAwaiter().GetResult();

    private static void Ended(ValueTask task) => task.AsTask().GetAwaiter().GetResult();

    private async ValueTask CommitAsync(IJournalWriter writer, JournalCommit commit, CancellationToken cancellationToken)
    {
        await life.StepAsync("begin commit");
        var (fails, arrives) = (random.Is(trouble()), true);
        if (fails)
        {
            arrives = random.Is(0.5);
        }
        else if (life.Dies("commit"))
        {
            arrives = random.Is(0.5);
        }

        if (arrives)
        {
            Ended(writer.CommitAsync(commit, cancellationToken));
            // What the journal does behind the back of a commit has ended, too.
            Ended(writer.FindAsync([default], cancellationToken));
            stored(commit, writer.Checkpoint!);
        }

        if (fails) throw new JournalUnavailableException($"The commit {(arrives ? "was" : "was not")} made, and nobody knows.", "Nothing.");

        await life.StepAsync("committed");
    }

    private sealed class Writer(MortalJournal journal, IJournalWriter writer) : IJournalWriter
    {
        public SourceKey Source => writer.Source;

        public Checkpoint? Checkpoint => writer.Checkpoint;

        public bool WasReset => writer.WasReset;

        public async ValueTask<IReadOnlyList<KnownEvent?>> FindAsync(IReadOnlyList<EventKey> keys, CancellationToken cancellationToken)
        {
            await journal.StepAsync("find");
            var known = Ended(writer.FindAsync(keys, cancellationToken));
            return journal.Forgets > 0 ? [.. known.Select(k => journal.Random.Is(journal.Forgets) ? null : k)] : known;
        }

        public ValueTask CommitAsync(JournalCommit commit, CancellationToken cancellationToken) => journal.CommitAsync(writer, commit, cancellationToken);

        public ValueTask DisposeAsync()
        {
            if (ReferenceEquals(journal._writer, writer)) journal._writer = null;

            Ended(writer.DisposeAsync());
            return ValueTask.CompletedTask;
        }
    }

    private double Forgets => forgets;

    private Random Random => random;

    private Task StepAsync(string step) => life.StepAsync(step);

    private sealed class Reader(MortalJournal journal, IJournalReader reader) : IJournalReader
    {
        public async ValueTask<IReadOnlyList<JournalEvent>> ReadAsync(int maxEvents, CancellationToken cancellationToken)
        {
            await journal.StepAsync("read");
            return Ended(reader.ReadAsync(maxEvents, cancellationToken));
        }

        public async ValueTask AcknowledgeAsync(JournalEvent last, CancellationToken cancellationToken)
        {
            await journal.StepAsync("acknowledge");
            Ended(reader.AcknowledgeAsync(last, cancellationToken));
            await journal.StepAsync("acknowledged");
        }

        public ValueTask DisposeAsync()
        {
            Ended(reader.DisposeAsync());
            return ValueTask.CompletedTask;
        }
    }
}
