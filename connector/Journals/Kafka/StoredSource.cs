using ActivityConnector.Pipeline;
using Confluent.Kafka;

namespace ActivityConnector.Journals.Kafka;

/// <summary>What the checkpoints topic says of one source, record by record in the order of the partition.</summary>
internal sealed class StoredSource(SourceKey source)
{
    private string Fix => $"Bring the checkpoint back with checkpoint import, or read the source from its start again: checkpoint reset {source}.";

    private static readonly TimeSpan OneDay = TimeSpan.FromDays(1);

    private readonly SortedDictionary<long, byte[]> _segments = [];
    private Checkpoint? _valid;
    private string? _trouble;
    private JournalCorruptException? _refusal;
    private DateTimeOffset? _knownFrom;
    private DateTimeOffset _olderKnownFrom;

    /// <summary>The newest checkpoint as it is stored, valid or not; null if there is none.</summary>
    public byte[]? Newest { get; private set; }

    /// <summary>The number of the newest checkpoint, that of a damaged one included.</summary>
    public long Sequence { get; private set; }

    /// <summary>Whether the position was forgotten on purpose: the source starts anew although events are there.</summary>
    public bool WasReset { get; private set; }

    /// <summary>
    /// Dated events before this time may have been forgotten; null = none was. A build that did not note it has forgotten something when the
    /// first segments are gone.
    /// </summary>
    public DateTimeOffset? KnownFrom => _knownFrom ?? (_segments.FirstOrDefault().Key > 1 ? _olderKnownFrom : null);

    /// <summary>Why the newest checkpoint is not the one that is used; null if it is.</summary>
    public string? Warning => _trouble;

    /// <summary>To be called with each record of the source, in order.</summary>
    /// <param name="segment">The number of the segment of known events; null = it is a checkpoint.</param>
    public void Take(Message<byte[], byte[]?> message, long? segment)
    {
        if (segment is not { } number)
        {
            TakeCheckpoint(message);
        }
        else if (message.Value is { } value)
        {
            _segments[number] = value;
        }
        else
        {
            _segments.Remove(number);
        }
    }

    /// <summary>The checkpoint to resume from; null for a source that is new or was reset.</summary>
    /// <param name="hasEvents">Asked only when there is no checkpoint: whether events of this source are in the journal all the same.</param>
    /// <exception cref="JournalCorruptException">There was one and none is valid, or it is of a newer version.</exception>
    public Checkpoint? Recover(Func<bool> hasEvents)
    {
        if (_refusal is not null) throw _refusal;

        if (_valid is { } checkpoint)
        {
            // The damaged one's number is used up, and it may have known of more that was forgotten.
            return checkpoint with { Sequence = Sequence, KnownFrom = KnownFrom };
        }

        if (Newest is not null)
        {
            throw new JournalCorruptException(
                Sequence > 0
                    ? $"No valid checkpoint of {source} is left although {Sequence} commits were made: {_trouble}"
                    : $"What the checkpoints topic has of {source} is no checkpoint of this connector: {_trouble}",
                Fix);
        }

        if (!WasReset && hasEvents())
        {
            throw new JournalCorruptException(
                $"The journal has events of {source} and no checkpoint: it was lost, or its topic was not compacted but deleted.", Fix);
        }

        return null;
    }

    /// <summary>From when on a journal of an older build knows the events of a source, as far as its checkpoint shows: it forgot by the position.</summary>
    public static DateTimeOffset OlderKnownFrom(Checkpoint checkpoint)
    {
        // It kept at least a day before the position; its last sweep may have been long ago.
        var again = checkpoint.Position.ReadsAgainFrom ?? checkpoint.CommittedAt;
        if (checkpoint.Sweep.CompletedTo is not { } seconds) return again;

        // Records may be dated in the year 1, which no day is before.
        var (swept, dayBefore) = (DateTimeOffset.FromUnixTimeSeconds(seconds), again - DateTimeOffset.MinValue > OneDay ? again - OneDay : again);
        return swept > dayBefore ? swept : dayBefore;
    }

    /// <param name="mostBytes">No segment that is written is larger.</param>
    /// <exception cref="JournalCorruptException">A segment is damaged.</exception>
    public SeenMemory Memory(int mostBytes = int.MaxValue, int rewritten = SeenMemory.Rewritten, int fewestNew = SeenMemory.FewestNew)
    {
        var memory = new SeenMemory(KnownFrom, rewritten, fewestNew, SeenSegment.MostEvents(mostBytes));
        try
        {
            foreach (var (number, value) in _segments) memory.Load(SeenSegment.Parse(number, value));
        }
        catch (FormatException e)
        {
            throw new JournalCorruptException($"{source}: {e.Message}", Fix, e);
        }

        return memory;
    }

    private void TakeCheckpoint(Message<byte[], byte[]?> message)
    {
        if (CheckpointRecord.IsReset(message))
        {
            _knownFrom = CheckpointRecord.KnownFromOf(message) ?? _knownFrom;
            (Newest, _valid, _trouble, _refusal, Sequence, WasReset) = (null, null, null, null, 0, true);
            _olderKnownFrom = FoundEvent.CommittedAt(message);
            return;
        }

        var text = message.Value ?? [];
        var sequence = CheckpointRecord.SequenceOf(message);
        Newest = text;
        if (Parse(text) is not { } checkpoint)
        {
            // Another program's record has no number, or an old one: it uses up none, and does not say that anything was forgotten.
            if (sequence is not { } number || number <= Sequence) return;

            (Sequence, _knownFrom) = (number, CheckpointRecord.KnownFromOf(message) ?? _knownFrom);
            if (CheckpointText.VersionOf(text) is { } version && version > Checkpoint.CurrentVersion) _refusal = CheckpointText.Newer(version);

            return;
        }

        _refusal = null;

        if (checkpoint.Sequence <= Sequence)
        {
            _refusal = new JournalCorruptException(
                $"The checkpoint of {source} has number {checkpoint.Sequence} after number {Sequence}: another process writes to this topic.",
                "See that only one deployment uses this Kafka:TopicPrefix; then look at checkpoint show, and set the position by hand: checkpoint set.");
        }

        (_valid, _trouble, Sequence) = (checkpoint, null, Math.Max(Sequence, checkpoint.Sequence));
        (_knownFrom, _olderKnownFrom) = (checkpoint.KnownFrom ?? CheckpointRecord.KnownFromOf(message) ?? _knownFrom, OlderKnownFrom(checkpoint));
    }

    private Checkpoint? Parse(byte[] text)
    {
        try
        {
            var checkpoint = CheckpointText.Parse(text);
            if (checkpoint.Source == source) return checkpoint;

            _trouble = $"It is of {checkpoint.Source}.";
        }
        catch (JournalCorruptException e)
        {
            _trouble = e.Message;
        }

        return null;
    }
}
