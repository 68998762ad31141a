using System.Text;

namespace ActivityConnector.Simulation;

/// <summary>How one vendor's records are placed and written; both must give the same answer for the same index.</summary>
internal interface IRecordFactory
{
    /// <summary>The place of generated record number <paramref name="index"/>, created at the given time.</summary>
    Entry Place(int index, DateTimeOffset createdAt);

    /// <summary>The place of the <paramref name="ordinal"/>-th record put in by hand.</summary>
    Entry PlaceByHand(int ordinal, DateTimeOffset createdAt);

    void Write(JsonText to, Entry entry);
}

/// <summary>One vendor's records: history, live arrivals as the clock moves, late ones, and whatever a test puts in. Thread-safe.</summary>
/// <remarks>Generated records are never stored: 16 bytes of order each, their text is written anew for every answer.</remarks>
internal sealed class RecordStore
{
    private const int LatePurpose = 1001;
    private const int DuplicatePurpose = 1002;
    private const int BurstPurpose = 1003;

    private readonly Lock _gate = new();
    private readonly Timeline _timeline = new();
    private readonly List<byte[]> _byHand = [];
    private readonly SimulatorOptions _options;
    private readonly IRecordFactory _factory;
    private readonly TimeProvider _time;
    private readonly DateTimeOffset _start;
    private int _nextIndex;
    private long _arrivedByRate;

    public RecordStore(SimulatorOptions options, int history, IRecordFactory factory, TimeProvider time)
    {
        (_options, _factory, _time) = (options, factory, time);
        _start = time.GetUtcNow();
        var first = _start - options.Span;
        while (_nextIndex < history)
        {
            // A quarter of the groups of eight are bursts: one moment for all.
            var slot = new RandomStream(options.Seed, BurstPurpose, _nextIndex >> 3).Below(4) == 0 ? _nextIndex & ~7 : _nextIndex;
            Arrive(first + TimeSpan.FromTicks((long)((Int128)options.Span.Ticks * slot / history)), _start);
        }
    }

    /// <summary>Runs <paramref name="read"/> on what the vendor shows now. Do no I/O in it.</summary>
    public T Read<T>(Func<ReadOnlySpan<Entry>, T> read)
    {
        lock (_gate)
        {
            CatchUp();
            return read(_timeline.Visible);
        }
    }

    /// <summary>As <see cref="Read{T}"/>, for one request of a walk: with the arrivals that the options want per request.</summary>
    public T ReadForRequest<T>(Func<ReadOnlySpan<Entry>, T> read)
    {
        lock (_gate)
        {
            CatchUp();
            var now = _time.GetUtcNow();
            for (var i = 0; i < _options.ArrivalsPerRequest; i++)
                Arrive(now, now);
            return read(_timeline.Visible);
        }
    }

    /// <summary>Writes a record's JSON. Call it inside <see cref="Read{T}"/>.</summary>
    public void Write(JsonText to, Entry entry)
    {
        if (entry.Record < 0)
            to.Raw(_byHand[~entry.Record]);
        else
            _factory.Write(to, entry);
    }

    public void Append(string json, DateTimeOffset createdAt, TimeSpan hiddenFor)
    {
        lock (_gate)
        {
            var entry = _factory.PlaceByHand(_byHand.Count, createdAt) with { Record = ~_byHand.Count };
            _byHand.Add(Encoding.UTF8.GetBytes(json));
            if (hiddenFor <= TimeSpan.Zero)
                _timeline.Show(entry);
            else
                _timeline.Hide(entry, hiddenFor == TimeSpan.MaxValue ? long.MaxValue : (_time.GetUtcNow() + hiddenFor).UtcTicks);
        }
    }

    public void RevealAll()
    {
        lock (_gate)
        {
            CatchUp();
            _timeline.Reveal(long.MaxValue);
        }
    }

    /// <summary>Gives every visible record for which <paramref name="change"/> answers a text that text; says how many.</summary>
    public int Change(Func<ReadOnlyMemory<byte>, string?> change)
    {
        lock (_gate)
        {
            CatchUp();
            var changed = 0;
            using var text = new JsonText();
            _timeline.Rewrite(entry =>
            {
                text.Clear();
                Write(text, entry);
                if (change(text.Written) is not { } json)
                    return entry;
                changed++;
                _byHand.Add(Encoding.UTF8.GetBytes(json));
                return entry with { Record = ~(_byHand.Count - 1) };
            });
            return changed;
        }
    }

    /// <summary>Shows the JSON text of every visible record, oldest first; each is good only inside <paramref name="visit"/>.</summary>
    public void Visit(Action<ReadOnlyMemory<byte>> visit)
    {
        lock (_gate)
        {
            CatchUp();
            using var text = new JsonText();
            foreach (var entry in _timeline.Visible)
            {
                text.Clear();
                Write(text, entry);
                visit(text.Written);
            }
        }
    }

    public int HiddenCount
    {
        get
        {
            lock (_gate)
            {
                CatchUp();
                return _timeline.HiddenCount;
            }
        }
    }

    private void CatchUp()
    {
        var now = _time.GetUtcNow();
        _timeline.Reveal(now.UtcTicks);
        var due = (long)((now - _start).TotalSeconds * _options.RatePerSecond);
        while (_arrivedByRate < due)
        {
            _arrivedByRate++;
            Arrive(_start + TimeSpan.FromSeconds(_arrivedByRate / _options.RatePerSecond), now);
        }
    }

    private void Arrive(DateTimeOffset createdAt, DateTimeOffset now)
    {
        var index = _nextIndex++;
        var entry = _factory.Place(index, createdAt);
        ShowOrHide(entry, createdAt, now);
        if (_options.DuplicateShare > 0 && new RandomStream(_options.Seed, DuplicatePurpose, index).Chance(_options.DuplicateShare))
            ShowOrHide(entry with { Tie = entry.Tie + 1 }, createdAt, now);
    }

    private void ShowOrHide(Entry entry, DateTimeOffset createdAt, DateTimeOffset now)
    {
        if (_options.Late is { } late)
        {
            var draw = new RandomStream(_options.Seed, LatePurpose, entry.Record);
            var visibleAt = createdAt + (late.Delay * ((draw.Below(1000) + 1) / 1000.0));
            if (draw.Chance(late.Share) && visibleAt > now)
            {
                _timeline.Hide(entry, visibleAt.UtcTicks);
                return;
            }
        }

        _timeline.Show(entry);
    }
}
