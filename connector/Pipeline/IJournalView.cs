namespace ActivityConnector.Pipeline;

/// <summary>A look into a journal that changes nothing and needs no ownership: for the commands, beside a running connector.</summary>
/// <remarks>Thread-safe. No answer holds a lock or a snapshot once it is given.</remarks>
public interface IJournalView : IAsyncDisposable
{
    /// <summary>
    /// What the answers so far left out, because it stands where the journal is kept and is not of it: another program wrote it. Null when there is
    /// nothing, and always where no other program can write.
    /// </summary>
    LeftOutRecords? LeftOut { get; }

    /// <summary>The sources that have a checkpoint, by name.</summary>
    ValueTask<IReadOnlyList<SourceKey>> SourcesAsync(CancellationToken cancellationToken);

    /// <summary>The newest checkpoint as it is stored, valid or not (<see cref="CheckpointText.Parse"/>); null if there is none.</summary>
    ValueTask<byte[]?> CheckpointAsync(SourceKey source, CancellationToken cancellationToken);

    /// <summary>Every event of a source that the journal knows, imported ones included.</summary>
    IAsyncEnumerable<SeenEvent> SeenAsync(SourceKey source, CancellationToken cancellationToken);

    /// <summary>The open dead letters, newest first.</summary>
    IAsyncEnumerable<DeadLetter> DeadLettersAsync(CancellationToken cancellationToken);

    /// <summary>How many dead letters are open, by stage; stages without one are left out.</summary>
    ValueTask<IReadOnlyDictionary<DeadLetterStage, long>> OpenDeadLettersAsync(CancellationToken cancellationToken);

    ValueTask<DeadLetter?> DeadLetterAsync(string id, CancellationToken cancellationToken);

    /// <summary>What a named reader has not acknowledged yet; null when there is no such reader.</summary>
    ValueTask<Backlog?> BacklogAsync(string reader, CancellationToken cancellationToken);

    /// <summary>At most <paramref name="count"/> of the events that were committed last and that the filter and the text fit, newest first.</summary>
    /// <param name="filter">Which events.</param>
    /// <param name="text">What the event's JSON holds, whatever the case of ASCII letters; null = anything.</param>
    /// <param name="count">At most so many.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <remarks>Looks at a bounded number of events from the end of the journal (<see cref="MostSearched"/>).</remarks>
    ValueTask<IReadOnlyList<JournalEvent>> LatestAsync(EventFilter filter, string? text, int count, CancellationToken cancellationToken);

    /// <summary>How many events a search for the latest ones looks at.</summary>
    const int MostSearched = 50_000;

    /// <summary>
    /// The committed events in order of commit (Kafka: within each partition). Without <paramref name="follow"/> it ends with the last
    /// one there is now; with it, it continues with new ones by that clock until it is cancelled.
    /// </summary>
    IAsyncEnumerable<JournalEvent> EventsAsync(EventFilter filter, TimeProvider? follow, CancellationToken cancellationToken);

    /// <summary>The committed events that a reader has not acknowledged until now; all of them when there is no such reader.</summary>
    IAsyncEnumerable<JournalEvent> WaitingAsync(string reader, EventFilter filter, CancellationToken cancellationToken);

    /// <summary>What the journal can tell of the events that it does not hold any more, without reading those that it holds.</summary>
    /// <param name="source">With Kafka the events of its vendor are looked at, else those of all sources.</param>
    /// <param name="cancellationToken">Ends the question.</param>
    ValueTask<DeletedEvents> DeletedAsync(SourceKey source, CancellationToken cancellationToken);
}

/// <summary>Events that a journal does not hold any more.</summary>
/// <param name="CommittedUpTo">
/// What was committed later was not deleted by retention; null = no event was ever deleted. <see cref="DateTimeOffset.MaxValue"/> where the journal holds
/// no event that would tell.
/// </param>
/// <param name="Lost">
/// How many are gone that were committed later than <paramref name="CommittedUpTo"/>: retention does not delete these. Null = the journal cannot count them.
/// </param>
public sealed record DeletedEvents(DateTimeOffset? CommittedUpTo, long? Lost)
{
    /// <summary>Two commits whose times are so far apart may stand in the other order: each has the present of its own vendor.</summary>
    public static readonly TimeSpan Disorder = TimeSpan.FromHours(1);
}

/// <summary>What a reader has not acknowledged yet.</summary>
/// <param name="Events">How many events; with Kafka at most so many, because markers of transactions count.</param>
/// <param name="OldestCommittedAt">When the oldest of them was committed; null when there is none, or it is not known.</param>
public sealed record Backlog(long Events, DateTimeOffset? OldestCommittedAt);

/// <summary>Records that are not the journal's.</summary>
/// <param name="Count">How many were met; one that is asked for twice counts twice.</param>
/// <param name="First">Where the first one is, and why it is not the journal's; without a value of it.</param>
public sealed record LeftOutRecords(long Count, string First);
