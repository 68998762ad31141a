using System.Diagnostics;

namespace ActivityConnector.Pipeline;

/// <summary>The only state of the connector: events and checkpoints, committed together; each sink reads it at its own pace.</summary>
/// <remarks>Thread-safe. Disposing it ends its writers and readers.</remarks>
public interface IJournal : IAsyncDisposable
{
    /// <summary>
    /// The largest event it takes, in bytes of JSON. A larger one becomes a dead letter. It may become smaller, see <see cref="JournalLimitException"/>.
    /// </summary>
    int MaxEventBytes { get; }

    /// <summary>The same for every process that ever uses this journal, and no other journal's: <c>agent.id</c>.</summary>
    Guid AgentId { get; }

    /// <summary>
    /// Makes the caller the only writer of <paramref name="source"/> and recovers its checkpoint. An older writer of the same source,
    /// in this process or another, is fenced: its next commit fails and leaves no trace.
    /// </summary>
    /// <exception cref="JournalBusyException">Another process owns the journal.</exception>
    /// <exception cref="JournalStandbyException">Another instance collects this source; this one takes over when that one ends.</exception>
    /// <exception cref="JournalCorruptException">No valid checkpoint can be recovered although there once was one, or it is of a newer version.</exception>
    ValueTask<IJournalWriter> OpenWriterAsync(SourceKey source, CancellationToken cancellationToken);

    /// <summary>Keeps what a sink refused permanently; one whose id is already kept is kept once.</summary>
    ValueTask KeepDeadLettersAsync(IReadOnlyList<DeadLetter> letters, CancellationToken cancellationToken);

    /// <summary>Opens the committed events for one named reader (a sink, or an export), at that reader's acknowledged position.</summary>
    ValueTask<IJournalReader> OpenReaderAsync(string reader, CancellationToken cancellationToken);
}

/// <summary>The one writer of one source.</summary>
/// <remarks>
/// Not thread-safe. After any exception of <see cref="CommitAsync"/> the outcome is unknown: dispose it, open another, read the checkpoint
/// back.
/// </remarks>
public interface IJournalWriter : IAsyncDisposable
{
    SourceKey Source { get; }

    /// <summary>The last committed checkpoint; null before the first commit of this source.</summary>
    Checkpoint? Checkpoint { get; }

    /// <summary>
    /// True when the source has no checkpoint because an operator reset it: events of it may be known all the same. Always false where the
    /// journal forgets nothing.
    /// </summary>
    bool WasReset { get; }

    /// <summary>
    /// For each key: what is known of it, or null when it is new. Knows every committed event that is not older than the checkpoint's
    /// <see cref="Pipeline.Checkpoint.KnownFrom"/>, has no time of its own, or came with
    /// <see cref="SourcePosition.FirstReachableCommit"/> or later.
    /// </summary>
    ValueTask<IReadOnlyList<KnownEvent?>> FindAsync(IReadOnlyList<EventKey> keys, CancellationToken cancellationToken);

    /// <summary>Looks whether the source is still this instance's, without asking a server.</summary>
    /// <exception cref="JournalStandbyException">Another instance collects it by now.</exception>
    void RequireOwned()
    {
    }

    /// <summary>
    /// Events, dead letters and checkpoint: all or nothing, durable when it returns. <see cref="Checkpoint"/> is then the new one.
    /// A dead letter whose id is already kept is kept once.
    /// </summary>
    /// <exception cref="JournalFencedException">A newer writer owns the source. Nothing was written.</exception>
    /// <exception cref="JournalFullException">No room. Nothing was written; collection stops until there is.</exception>
    /// <exception cref="JournalLimitException">Something in it is too large. Nothing was written; the journal's limit is smaller from now on.</exception>
    ValueTask CommitAsync(JournalCommit commit, CancellationToken cancellationToken);
}

/// <summary>What is committed as one.</summary>
/// <param name="Events">In the order of publication; each key new to the journal.</param>
/// <param name="Checkpoint">True once the events are durable; its sequence is the last one's plus one.</param>
public sealed record JournalCommit(
    IReadOnlyList<Transforms.EcsEvent> Events,
    IReadOnlyList<DeadLetter> DeadLetters,
    Checkpoint Checkpoint);

/// <summary>How a journal knows an event again.</summary>
/// <param name="Key">The first 16 bytes of the document id's digest.</param>
/// <param name="Hour">Hours since the Unix epoch of the vendor's own time of the record, 0 without one: keeps neighbours together on disk.</param>
public readonly record struct EventKey(UInt128 Key, uint Hour)
{
    public static EventKey Of(Transforms.EcsEvent e) =>
        new(e.Key, e.HasSourceTime ? HourOf(e.Time) : 0);

    public static uint HourOf(DateTimeOffset time) => (uint)Math.Clamp(time.ToUnixTimeSeconds() / 3600, 0, uint.MaxValue);
}

/// <summary>A committed event as it is found again.</summary>
/// <param name="Content">The content digest under which it was committed; 0 = a build that computed another one committed it: not compared.</param>
/// <param name="Commit">A commit, by its checkpoint's sequence, that is not later than the one that brought it; 0 where the journal forgets nothing.</param>
public readonly record struct KnownEvent(ulong Content, long Commit);

/// <summary>Committed events in order, for one named reader.</summary>
/// <remarks>
/// Not thread-safe, but one read may be under way while an event of an earlier one is acknowledged. After any exception of
/// <see cref="ReadAsync"/> dispose it and open another: it resumes after the last acknowledgement.
/// </remarks>
public interface IJournalReader : IAsyncDisposable
{
    /// <summary>The next committed events after those already read; empty when there is none now. Never shows an event before its checkpoint.</summary>
    ValueTask<IReadOnlyList<JournalEvent>> ReadAsync(int maxEvents, CancellationToken cancellationToken);

    /// <summary>Moves this reader's durable position to just after the given event. A reader opened later starts there.</summary>
    ValueTask AcknowledgeAsync(JournalEvent last, CancellationToken cancellationToken);
}

/// <summary>One committed event.</summary>
/// <param name="Position">Grows with each event of the journal; not dense.</param>
/// <param name="Source">The source that brought it.</param>
/// <param name="Id">The document id.</param>
/// <param name="Time">The event's own time.</param>
/// <param name="TraceId">The record's trace id, if any.</param>
/// <param name="CommittedAt">The present of its commit (<see cref="Checkpoint.CommittedAt"/>), to the second.</param>
/// <param name="Json">The flat event; the caller's to keep.</param>
public sealed record JournalEvent(
    long Position, SourceKey Source, string Id, DateTimeOffset Time, string? TraceId, DateTimeOffset CommittedAt, ReadOnlyMemory<byte> Json)
{
    /// <summary>What spans about it name; null without a listener, and of a journal without messages.</summary>
    public EventTrace? Trace { get; init; }
}

/// <summary>An event as a message, for spans.</summary>
/// <param name="Context">Its <c>traceparent</c>; default when it has none.</param>
/// <param name="Topic">Where it was read.</param>
/// <param name="Group">The consumer group that reads it.</param>
public sealed record EventTrace(ActivityContext Context, string Topic, string Group);
