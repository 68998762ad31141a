using ActivityConnector.Transforms;

namespace ActivityConnector.Pipeline;

/// <summary>
/// The records of one batch (an Intercom window, a group of Sequence pages) and the position that is true once they are committed.
/// </summary>
/// <remarks>The records are slices of rented page buffers: valid until the batch is disposed, which the consumer does after its commit.</remarks>
public sealed class ActivityBatch : IDisposable
{
    private readonly IReadOnlyList<IDisposable> _pages;

    /// <param name="records">In the order in which their events are to be published.</param>
    /// <param name="pages">The buffers that hold the records; disposed with the batch.</param>
    public ActivityBatch(IReadOnlyList<RawActivity> records, IReadOnlyList<IDisposable> pages)
    {
        Records = records;
        Received = records.Count;
        _pages = pages;
    }

    /// <summary>The raw records, oldest first; may be empty. Equal records come once, but one id may come twice with other content.</summary>
    public IReadOnlyList<RawActivity> Records { get; }

    /// <summary>Where the source stands once this batch is committed; equal to the earlier one when the batch does not move it.</summary>
    public required SourcePosition Position { get; init; }

    /// <summary>
    /// The number of <see cref="Records"/> that lie before <see cref="Position"/>: the next read brings the others again. Counts only for a
    /// source that is read by cursor.
    /// </summary>
    public int BeforePosition { get; init; }

    /// <summary>True when the vendor has shown that nothing lies beyond this batch.</summary>
    public bool IsTail { get; init; }

    /// <summary>For a batch of a sweep: how far the sweep is once it is committed.</summary>
    public SweepRun? Sweep { get; init; }

    /// <summary>
    /// True when the position is worth a commit even if every record was already known: false at the present, where an idle source
    /// must not cost a transaction a poll.
    /// </summary>
    public required bool NeedsCommit { get; init; }

    /// <summary>Elements of the batch's pages, counted when they were added: <see cref="Records"/>, and what follows.</summary>
    public int Received { get; init; }

    /// <summary>The earliest and the latest time of a record that was received; null where none has one.</summary>
    public (DateTimeOffset From, DateTimeOffset To)? Times { get; init; }

    /// <summary>Records of the pages that are outside of what was asked for, or the same as another of the batch.</summary>
    public int Skipped { get; init; }

    /// <summary>Elements of the pages that are no records. One may be more than one of <see cref="DeadLetters"/>.</summary>
    public int Broken { get; init; }

    /// <summary>Records of the batch that carry nothing (JSON null): counted, never events.</summary>
    public int Empty { get; init; }

    /// <summary>Records that broke the page's syntax or its size limit: committed with the batch, so that nothing is dropped silently.</summary>
    public IReadOnlyList<DeadLetter> DeadLetters { get; init; } = [];

    public void Dispose()
    {
        foreach (var page in _pages) page.Dispose();
    }
}
