using ActivityConnector.Transforms;

namespace ActivityConnector.Pipeline;

/// <summary>
/// One batch on its way into the journal: its records mapped, what the journal already holds left out, what changed since made a
/// revision, what is too large made a dead letter. Reuses its buffers from batch to batch.
/// </summary>
/// <param name="maxEventBytes">Asked for each batch: how large an event may be.</param>
internal sealed class PreparedBatch(IActivityTransform transform, Func<int> maxEventBytes, TimeProvider time) : IDisposable
{
    /// <summary>More are forgotten, and committed once more: the journal keeps one of an id.</summary>
    private const int MostKnownDeadLetters = 10_000;

    private readonly EventBatch _mapped = new();
    private readonly List<EcsEvent> _events = [];
    private readonly List<EcsEvent> _new = [];
    private readonly ChangesOfDay _changes = new(time);
    private readonly List<EcsEvent> _changed = [];
    private readonly List<EventKey> _keys = [];
    private readonly Dictionary<EventKey, ulong> _inBatch = [];
    private readonly List<DeadLetter> _deadLetters = [];
    private readonly HashSet<string> _knownDeadLetters = [];
    private IReadOnlyList<KnownEvent?> _known = [];
    private int _firstBeyond;
    private int _most;

    /// <summary>What the journal does not hold yet, in the order of publication.</summary>
    public IReadOnlyList<EcsEvent> Events => _events;

    public IReadOnlyList<DeadLetter> DeadLetters => _deadLetters;

    public CollectedCounts Counts { get; private set; } = new();

    /// <summary>What became of everything that the batch's pages had.</summary>
    public Ledger Ledger { get; private set; } = new();

    /// <summary>Events that were not known, revisions not counted, in the order of publication.</summary>
    public IReadOnlyList<EcsEvent> New => _new;

    /// <param name="writer">Knows what is committed.</param>
    /// <param name="batch">What was read.</param>
    /// <param name="present">The source's present.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async ValueTask PrepareAsync(IJournalWriter writer, ActivityBatch batch, DateTimeOffset present, CancellationToken cancellationToken)
    {
        Clear();
        _most = maxEventBytes();
        var records = Map(batch.Records, 0, batch.BeforePosition);
        _firstBeyond = _mapped.Events.Count;
        records += Map(batch.Records, batch.BeforePosition, batch.Records.Count);
        var (known, grown, revised, held, tooLarge) = (0L, 0L, 0L, 0L, 0L);
        var mapped = _mapped.Events;
        _known = await FindAsync(writer, mapped, cancellationToken);
        for (var i = 0; i < mapped.Count; i++)
        {
            switch (Judge(mapped[i], _known[i]))
            {
                case Verdict.New:
                    if (Take(mapped[i], writer.Source)) _new.Add(mapped[i]);
                    else tooLarge++;
                    break;
                case Verdict.Known: known++; break;
                case Verdict.Grown: grown++; break;
                case Verdict.Changed: _changed.Add(mapped[i]); break;
            }
        }

        if (_changed.Count > 0)
        {
            var revisions = _changed.ConvertAll(e => RevisedEvent.Make(e, _mapped));
            var found = await FindAsync(writer, revisions, cancellationToken);
            for (var i = 0; i < revisions.Count; i++)
            {
                // A revision's id holds its content: what is known has the same.
                if (Judge(revisions[i], found[i]) != Verdict.New)
                {
                    known++;
                }
                else if (await WasRevisedBeforeItGrewAsync(writer, _changed[i], cancellationToken))
                {
                    grown++;
                }
                else if (batch.Sweep is null && !_changes.Allows(EventKey.Of(_changed[i])))
                {
                    known++;
                    held++;
                }
                else if (Take(revisions[i], writer.Source))
                {
                    revised++;
                }
                else
                {
                    tooLarge++;
                }
            }
        }

        foreach (var letter in batch.DeadLetters) AddDeadLetter(transform.HidesValues ? letter.WithoutBody() : letter);

        Counts = new CollectedCounts
        {
            Published = _events.Count,
            Known = known,
            Grown = grown,
            Revised = revised,
            DeadLetters = _deadLetters.Count,
            Empty = batch.Empty,
        };
        Ledger = new Ledger
        {
            Received = batch.Received,
            Skipped = batch.Skipped,
            Empty = batch.Empty,
            Broken = batch.Broken,
            Records = records,
            Events = mapped.Count,
            Published = _events.Count,
            Known = known - held,
            Grown = grown,
            Held = held,
            TooLarge = tooLarge,
        }.Closed(LostTimeOf(batch, present));
    }

    /// <summary>How many events were not known, revisions not counted, whose own time is not later than this or that have none.</summary>
    /// <param name="upTo">Unix seconds.</param>
    public long CountNew(long upTo) => _new.Count(e => !e.HasSourceTime || e.Time.ToUnixTimeSeconds() <= upTo);

    /// <summary>The earliest commit that brings an event which lies beyond the batch's position; null = no event does.</summary>
    /// <param name="next">The commit that the batch is going to be.</param>
    public long? EarliestBeyond(long next)
    {
        long? earliest = null;
        for (var i = _firstBeyond; i < _known.Count; i++) earliest = Math.Min(earliest ?? next, _known[i]?.Commit ?? next);

        return earliest;
    }

    /// <summary>The batch is durable: its dead letters need no second commit when the overlap brings them again.</summary>
    public void Committed()
    {
        if (_knownDeadLetters.Count > MostKnownDeadLetters) _knownDeadLetters.Clear();

        foreach (var letter in _deadLetters) _knownDeadLetters.Add(letter.Id);
    }

    public void Dispose() => _mapped.Dispose();

    /// <summary>Where what the batch loses lies. Records without a time lie where a sweep was asked to look, or in the present.</summary>
    private static LostTime LostTimeOf(ActivityBatch batch, DateTimeOffset present) => batch switch
    {
        { Times: { } times } => new(Earlier(times.From, present), Earlier(times.To, present), present),
        { Sweep: { } run } => new(DateTimeOffset.FromUnixTimeSeconds(run.From), DateTimeOffset.FromUnixTimeSeconds(run.To), present),
        _ => new(present, present, present),
    };

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;

    /// <returns>How many of them became events.</returns>
    private int Map(IReadOnlyList<RawActivity> records, int from, int to)
    {
        var mapped = 0;
        for (var i = from; i < to; i++)
        {
            var before = _mapped.Events.Count;
            transform.Transform(records[i], _mapped);
            if (_mapped.Events.Count > before) mapped++;
        }

        return mapped;
    }

    private enum Verdict
    {
        New,
        Known,
        Grown,
        Changed,
    }

    private Verdict Judge(EcsEvent e, KnownEvent? known)
    {
        var committed = known?.Content;
        var key = EventKey.Of(e);
        if (committed is null && _inBatch.TryGetValue(key, out var earlier)) committed = earlier;

        if (committed is null)
        {
            _inBatch.Add(key, e.ContentDigest);
            return Verdict.New;
        }

        // 0: committed before contents could be compared.
        if (committed == 0 || committed == e.ContentDigest) return Verdict.Known;

        return transform.BeforeGrowth(e).Contains(committed.Value) ? Verdict.Grown : Verdict.Changed;
    }

    /// <summary>Whether a revision of it is known that says one member less: a vendor's new member is no reason to publish it again.</summary>
    private async ValueTask<bool> WasRevisedBeforeItGrewAsync(IJournalWriter writer, EcsEvent e, CancellationToken cancellationToken)
    {
        var hour = EventKey.Of(e).Hour;
        var keys = transform.BeforeGrowth(e).Select(content => new EventKey(RevisedEvent.KeyOf(e, content), hour));
        var known = await writer.FindAsync([.. keys], cancellationToken);
        return known.Any(found => found is not null);
    }

    /// <summary>False for an event that is too large, which becomes a dead letter.</summary>
    private bool Take(EcsEvent e, SourceKey source)
    {
        var fits = e.Json.Length <= _most ? e : TruncatedEvent.Make(e, _mapped) is { } shorter && shorter.Json.Length <= _most ? shorter : null;
        if (fits is not null)
        {
            _events.Add(fits);
            return true;
        }

        AddDeadLetter(DeadLetter.OfEvent(
            DeadLetterStage.Size, e.Id, source, e.Json, $"The event has {e.Json.Length} bytes; the journal takes {_most}.", time.GetUtcNow()));
        return false;
    }

    private void AddDeadLetter(DeadLetter letter)
    {
        if (!_knownDeadLetters.Contains(letter.Id)) _deadLetters.Add(letter);
    }

    private ValueTask<IReadOnlyList<KnownEvent?>> FindAsync(IJournalWriter writer, IReadOnlyList<EcsEvent> events, CancellationToken cancellationToken)
    {
        if (events.Count == 0) return ValueTask.FromResult<IReadOnlyList<KnownEvent?>>([]);

        _keys.Clear();
        foreach (var e in events) _keys.Add(EventKey.Of(e));

        return writer.FindAsync(_keys, cancellationToken);
    }

    private void Clear()
    {
        _mapped.Clear();
        _known = [];
        _events.Clear();
        _new.Clear();
        _changed.Clear();
        _inBatch.Clear();
        _deadLetters.Clear();
    }
}
