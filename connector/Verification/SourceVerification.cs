using System.Globalization;
using System.Text;
using System.Text.Json;
using ActivityConnector.Pipeline;
using ActivityConnector.Transforms;

namespace ActivityConnector.Verification;

/// <summary>What one source is compared with.</summary>
public sealed record VerificationScope
{
    public required IActivitySource Source { get; init; }

    /// <summary>The configured name, while the account is not known.</summary>
    public required string Name { get; init; }

    public required Func<SourceIdentity, IActivityTransform> Transform { get; init; }

    public required IJournalView Journal { get; init; }

    /// <summary>Null when no sink is on.</summary>
    public ISinkView? Sink { get; init; }

    /// <summary>How far back every poll reads again: younger records are not compared.</summary>
    public required TimeSpan Overlap { get; init; }

    /// <summary>How long the journal keeps an event.</summary>
    public required TimeSpan Retention { get; init; }

    /// <summary>Rounded down to the hour: the journal keeps ids by the hour.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>Rounded up to the hour; null = as late as can be compared.</summary>
    public DateTimeOffset? Until { get; init; }
}

/// <summary>
/// Walks a vendor again without changing anything, maps its records with the same transform, and compares them with what the journal and the
/// sink hold. Owns nothing: a connector may run beside it.
/// </summary>
/// <remarks>One use. Memory: about 60 bytes for each event of the range, and what <see cref="MostListed"/> differences take.</remarks>
public sealed class SourceVerification(VerificationScope scope)
{
    /// <summary>More differences are counted, and not listed.</summary>
    public const int MostListed = 10_000;

    private const long HourSeconds = 3600;

    private readonly EventTable _table = new();
    private readonly Dictionary<UInt128, Difference> _details = [];
    private readonly HashSet<UInt128> _dead = [];
    private readonly HashSet<string> _deadPages = [];
    private readonly Dictionary<string, string> _brokenPages = [];
    private readonly List<string> _foreignDocuments = [];
    private readonly List<string> _notShown = [];
    private readonly List<string> _notCovered = [];
    private IReadOnlyList<SuspectRange> _unreadable = [];
    private long _from;
    private long _until;
    private long? _reached;
    private static readonly byte[] OwnDataset = Encoding.UTF8.GetBytes($"\"event.dataset\":\"{AuditEvent.Dataset}\"");

    private long _oldestShown = long.MaxValue;
    private long _grown;
    private long _notCompared;
    private bool _isWalkWhole;
    private bool _hasSink;
    private long _done;

    /// <summary>Ids, events, documents and records that were read so far; may be asked from another thread.</summary>
    public long Done => Volatile.Read(ref _done);

    /// <summary>Compares. A vendor or a sink that cannot be read makes a report that says so.</summary>
    /// <exception cref="JournalException">The journal cannot be read.</exception>
    public async Task<SourceReport> RunAsync(CancellationToken cancellationToken)
    {
        SourceIdentity account;
        try
        {
            account = await scope.Source.IdentifyAsync(cancellationToken);
        }
        catch (SourceException e)
        {
            return NotCompared($"{e.Message} {e.Fix}");
        }

        var source = new SourceKey(scope.Source.Name, account.Account);
        if (await scope.Journal.CheckpointAsync(source, cancellationToken) is not { } text)
        {
            return NotCompared($"The journal has no checkpoint of {source}: the source was never collected into it.");
        }

        var checkpoint = CheckpointText.Parse(text);
        if (!SetRange(checkpoint)) return NotCompared("The range has no whole hour that can be compared; begin it earlier.");

        await ReadJournalAsync(source, cancellationToken);
        await ReadDeadLettersAsync(source, cancellationToken);
        await ReadSinkAsync(source, cancellationToken);
        await WalkAsync(checkpoint, scope.Transform(account), cancellationToken);
        await LookAgainAsync(source, checkpoint, cancellationToken);
        return Report(source, checkpoint);
    }

    private static long HourStart(long seconds) => seconds - (((seconds % HourSeconds) + HourSeconds) % HourSeconds);

    private static DateTimeOffset TimeOf(MetEvent e) => DateTimeOffset.FromUnixTimeSeconds(e.Hour * HourSeconds);

    /// <summary>The whole hours that can be compared; false when there is none.</summary>
    private bool SetRange(Checkpoint checkpoint)
    {
        // What is younger may not be visible, read or delivered yet.
        var latest = HourStart((scope.Source.Present - scope.Overlap).ToUnixTimeSeconds());
        _reached = checkpoint.Position.Reached?.ToUnixTimeSeconds();
        _from = Math.Max(HourStart(scope.From.ToUnixTimeSeconds()), 0);
        var wanted = scope.Until is { } until ? HourStart(until.ToUnixTimeSeconds() + HourSeconds - 1) : latest;
        _until = Math.Min(wanted, latest);
        if (_until == latest)
        {
            _notCovered.Add(
                $"Records of {UtcText.Of(_until)} or later: they are too young "
                + $"(the hour is not over, or {scope.Overlap:c} in which records become visible late).");
        }

        var start = checkpoint.Window?.BackfillFrom ?? checkpoint.Cursor?.BackfillFrom;
        if (start is { } first && HourStart(first + HourSeconds - 1) is var firstHour && firstHour > _from)
        {
            if (checkpoint.Ranges?.Any(range => range.Kind == RangeKind.Backfill && range.Run.From < first) == true)
            {
                _notShown.Add($"What backfills brought from before {UtcText.Of(first)} is not compared. Begin the range there.");
            }

            _notCovered.Add($"Records before {UtcText.Of(first)}: StartAt leaves them out.");
            _from = firstHour;
        }

        if (checkpoint.KnownFrom is { } known && HourStart(known.ToUnixTimeSeconds() + HourSeconds - 1) is var knownHour && knownHour > _from)
        {
            _notShown.Add($"The journal may have forgotten ids of before {UtcText.Of(knownHour)}: earlier records cannot be compared. Begin the range there.");
            _from = knownHour;
        }

        return _from < _until;
    }

    private async Task ReadJournalAsync(SourceKey source, CancellationToken cancellationToken)
    {
        await foreach (var seen in scope.Journal.SeenAsync(source, cancellationToken))
        {
            _done++;
            if (!IsCompared(seen.Key.Hour)) continue;

            ref var e = ref _table.Of(seen.Key.Key);
            (e.Content, e.Hour) = (seen.Content, seen.Key.Hour);
            e.Met |= seen.Key.Hour == 0 ? Met.Known | Met.Undated : Met.Known;
        }

        await foreach (var held in scope.Journal.EventsAsync(FilterOf(source), follow: null, cancellationToken))
        {
            _done++;
            if (!EventTable.TryParse(held.Id, out var key, out var end)) continue;

            ref var e = ref _table.Of(key);
            if (e.Met == Met.None) e.Hour = EventKey.HourOf(held.Time);

            e.Met |= e.Is(Met.Held) ? Met.HeldTwice : Met.Held;
            if (HasTag(held.Json, "revised")) e.Met |= Met.Revision;

            if (held.Json.Span.IndexOf(OwnDataset) >= 0) e.Met |= Met.Own;

            e.IdEnd = end;
        }
    }

    private async Task ReadDeadLettersAsync(SourceKey source, CancellationToken cancellationToken)
    {
        await foreach (var letter in scope.Journal.DeadLettersAsync(cancellationToken))
        {
            _done++;
            if (letter.Stage == DeadLetterStage.Page)
            {
                _deadPages.Add(letter.Id);
            }
            else if (EventTable.TryParse(letter.Id, out var key, out _))
            {
                _dead.Add(key);
            }
        }
    }

    private async Task ReadSinkAsync(SourceKey source, CancellationToken cancellationToken)
    {
        if (scope.Sink is not { } sink) return;

        try
        {
            // First what waits: what is delivered in between is then both, and stored counts.
            await foreach (var waiting in scope.Journal.WaitingAsync(sink.Name, FilterOf(source), cancellationToken))
            {
                _done++;
                if (EventTable.TryParse(waiting.Id, out var key, out _) && _table.Find(key) is not null) _table.Of(key).Met |= Met.Waiting;
            }

            var (from, until) = (DateTimeOffset.FromUnixTimeSeconds(_from), DateTimeOffset.FromUnixTimeSeconds(_until));
            await foreach (var stored in sink.StoredAsync(source.Source, from, until, cancellationToken))
            {
                _done++;
                if (!EventTable.TryParse(stored.Id, out var key, out var end))
                {
                    _foreignDocuments.Add(stored.Id);
                    continue;
                }

                ref var e = ref _table.Of(key);
                if (e.Met == Met.None) e.Hour = EventKey.HourOf(stored.Time);

                e.Met |= e.Is(Met.InSink) ? Met.InSinkTwice : Met.InSink;
                e.IdEnd = end;
            }

            _hasSink = true;
        }
        catch (SinkException e)
        {
            _notShown.Add($"{sink.Name} was not compared. {e.Message} {e.Fix}");
        }
    }

    /// <summary>
    /// The sweep of the range, as if the connector had not read anything: without its suspect ranges, and to the end of a list that is read by
    /// cursor, because the end is what the vendor shows.
    /// </summary>
    private async Task WalkAsync(Checkpoint checkpoint, IActivityTransform transform, CancellationToken cancellationToken)
    {
        var walk = checkpoint with
        {
            Window = checkpoint.Window is { } window ? window with { Suspects = [] } : null,
            Cursor = checkpoint.Cursor is { } cursor ? cursor with { After = null, HeadReadTo = null, SkipBefore = null } : null,
            KnownFrom = null,
            Sweep = new SweepProgress(),
        };
        using var mapped = new EventBatch();
        try
        {
            await foreach (var batch in scope.Source.SweepAsync(walk, new SweepRun { From = _from, To = _until - 1 }, cancellationToken))
            {
                using (batch)
                {
                    mapped.Clear();
                    for (var i = 0; i < batch.Records.Count; i++) transform.Transform(batch.Records[i], mapped);

                    foreach (var e in mapped.Events) Meet(e, transform, checkpoint);

                    foreach (var letter in batch.DeadLetters) _brokenPages.TryAdd(letter.Id, letter.Reason);

                    _unreadable = batch.Position is WindowPosition position ? position.Suspects : _unreadable;
                }
            }

            _isWalkWhole = true;
        }
        catch (SourceException e)
        {
            _notShown.Add($"The vendor did not show the whole range. {e.Message} {e.Fix}");
        }

        var gaps = checkpoint.Suspects.Where(s => s.Accepted).ToList();
        foreach (var range in _unreadable)
        {
            if (gaps.Exists(gap => gap.From <= range.From && range.To <= gap.To))
            {
                _notCovered.Add($"{range}: an accepted gap, and the vendor cannot be read there. {range.Cause}");
            }
            else
            {
                _notShown.Add($"The vendor cannot be read in {range}. {range.Cause}");
            }
        }
    }

    private void Meet(EcsEvent e, IActivityTransform transform, Checkpoint checkpoint)
    {
        _done++;
        var key = EventKey.Of(e);
        if (e.HasSourceTime) _oldestShown = Math.Min(_oldestShown, e.Time.ToUnixTimeSeconds());

        // A walk by cursor begins before the range and ends behind it.
        if (!IsCompared(key.Hour)) return;

        ref var entry = ref _table.Of(key.Key);
        if (entry.Is(Met.AtVendor)) return;

        if (!entry.Is(Met.InJournal)) entry.Hour = key.Hour;

        entry.Met |= e.HasSourceTime ? Met.AtVendor : Met.AtVendor | Met.Undated;
        entry.IdEnd = EventTable.EndOf(e.DocumentId);
        if (entry.Is(Met.Known) && entry.Content == 0) _notCompared++;

        if (!entry.Is(Met.InJournal))
        {
            entry.Met |= MissingFor(e, checkpoint);
            Note(DifferenceKind.MissingInJournal, e);
        }
        else if (entry.Content != 0 && entry.Content != e.ContentDigest && !IsKnownOtherwise(e, entry.Content, transform))
        {
            // A revision's entry may have moved this one.
            _table.Of(key.Key).Met |= Met.Changed;
            Note(DifferenceKind.Changed, e);
        }
    }

    /// <summary>Whether the record only gained a member, or its present content was published as a revision.</summary>
    private bool IsKnownOtherwise(EcsEvent e, ulong content, IActivityTransform transform)
    {
        if (_table.IsMet(RevisedEvent.KeyOf(e, e.ContentDigest), Met.InJournal)) return true;

        var before = transform.BeforeGrowth(e);
        if (!before.Contains(content) && !before.Any(b => _table.IsMet(RevisedEvent.KeyOf(e, b), Met.InJournal))) return false;

        _grown++;
        return true;
    }

    /// <summary>What explains that the journal does not have it.</summary>
    private Met MissingFor(EcsEvent e, Checkpoint checkpoint)
    {
        var at = e.Time.ToUnixTimeSeconds();
        var range = checkpoint.Suspects.FirstOrDefault(s => s.From <= at && at <= s.To);
        return e.HasSourceTime && !(at <= _reached) ? Met.Unread
            : range is null ? Met.None
            : range.Accepted ? Met.InAcceptedGap
            : Met.InSuspectRange;
    }

    private void Note(DifferenceKind kind, EcsEvent e)
    {
        if (_details.Count < MostListed) _details[e.Key] = new Difference(kind, e.Id, e.EventId, e.Action, e.HasSourceTime ? e.Time : null);
    }

    /// <summary>What seems to differ is looked at once more: a running connector has collected and delivered in the meantime.</summary>
    private async Task LookAgainAsync(SourceKey source, Checkpoint checkpoint, CancellationToken cancellationToken)
    {
        var differing = _table.All.Where(pair => Judge(pair.Key, pair.Value, checkpoint) is not null).Select(pair => pair.Key).ToHashSet();
        if (differing.Count == 0) return;

        await foreach (var seen in scope.Journal.SeenAsync(source, cancellationToken))
        {
            _done++;
            if (!differing.Contains(seen.Key.Key) || !IsCompared(seen.Key.Hour)) continue;

            _table.Of(seen.Key.Key).Met |= Met.Known;
        }

        await foreach (var held in scope.Journal.EventsAsync(FilterOf(source), follow: null, cancellationToken))
        {
            _done++;
            if (!EventTable.TryParse(held.Id, out var key, out var end) || !differing.Contains(key)) continue;

            ref var e = ref _table.Of(key);
            e.Met |= Met.Held;
            e.IdEnd = end;
            if (_details.Count < MostListed || _details.ContainsKey(key)) _details[key] = Described(held);
        }

        // Another account of the vendor has the same indices.
        foreach (var other in await scope.Journal.SourcesAsync(cancellationToken))
        {
            if (other.Source != source.Source || other == source || !differing.Any(key => _table.Find(key) is { } e && !e.Is(Met.InJournal))) continue;

            await foreach (var seen in scope.Journal.SeenAsync(other, cancellationToken))
            {
                if (differing.Contains(seen.Key.Key) && !_table.IsMet(seen.Key.Key, Met.InJournal | Met.AtVendor)) _table.Of(seen.Key.Key).Met = Met.None;
            }
        }

        if (!_hasSink) return;

        try
        {
            var missing = differing.Select(key => (Key: key, Event: _table.Find(key)!.Value))
                .Where(pair => pair.Event is { IdEnd: not 0 } && pair.Event.Is(Met.InJournal) && !pair.Event.Is(Met.InSink));
            foreach (var some in missing.Chunk(MostListed))
            {
                var events = some.Select(m => (EventTable.Text(m.Key, m.Event.IdEnd), TimeOf(m.Event))).ToList();
                foreach (var id in await scope.Sink!.FindAsync(source.Source, events, cancellationToken))
                {
                    if (EventTable.TryParse(id, out var key, out _)) _table.Of(key).Met |= Met.InSink;
                }
            }
        }
        catch (SinkException e)
        {
            _notShown.Add($"{scope.Sink!.Name} was not compared to the end. {e.Message} {e.Fix}");
        }
    }

    private SourceReport Report(SourceKey source, Checkpoint checkpoint)
    {
        var days = new SortedDictionary<long, DayCounts>();
        var reasons = new Reasons();
        var (count, listed) = (0L, new List<Difference>());
        foreach (var (key, e) in _table.All)
        {
            if (e.Met == Met.None || (e.Is(Met.Undated) && !e.Is(Met.AtVendor | Met.Held | Met.InSink))) continue;

            if (e.Is(Met.Own))
            {
                reasons.Own++;
                continue;
            }

            var day = DayOf(days, e.Is(Met.Undated) ? 0 : e.Hour);
            day.Vendor += Of(Met.AtVendor);
            day.Journal += Of(Met.InJournal);
            day.Revisions += Of(Met.Revision);
            day.Sink += Of(Met.InSink);
            day.DeadLetters += _dead.Contains(key) ? 1 : 0;
            Explain(key, e, checkpoint, reasons);
            if (Judge(key, e, checkpoint) is not { } kind) continue;

            Add(day, kind);
            if (listed.Count < MostListed) listed.Add(DifferenceOf(kind, key, e));

            long Of(Met any) => e.Is(any) ? 1 : 0;
        }

        foreach (var (id, reason) in _brokenPages)
        {
            if (_deadPages.Contains(id))
            {
                DayOf(days, 0).DeadLetters++;
                reasons.DeadPages++;
            }
            else
            {
                Add(DayOf(days, 0), DifferenceKind.UnreadablePart);
                listed.Add(new Difference(DifferenceKind.UnreadablePart, id, null, reason, null));
            }
        }

        foreach (var id in _foreignDocuments.Take(MostListed))
        {
            Add(DayOf(days, 0), DifferenceKind.ExtraInSink);
            listed.Add(new Difference(DifferenceKind.ExtraInSink, id, null, null, null));
        }

        reasons.Grown = _grown;
        return new SourceReport
        {
            Source = source.ToString(),
            From = DateTimeOffset.FromUnixTimeSeconds(_from),
            Until = DateTimeOffset.FromUnixTimeSeconds(_until),
            ReadTo = checkpoint.Position.Reached,
            Sink = _hasSink ? scope.Sink!.Name : null,
            Days = [.. days.Values],
            DifferenceCount = count,
            Differences = [.. listed.OrderBy(d => d.Time).ThenBy(d => d.Id, StringComparer.Ordinal).Take(MostListed)],
            Explained = reasons.Explanations(scope.Sink?.Name),
            NotShown = [.. _notShown, .. reasons.NotShown(_reached is { } reached ? UtcText.Of(reached) : null, scope.Sink?.Name)],
            NotCovered = [.. _notCovered, .. NotCovered(checkpoint)],
        };

        void Add(DayCounts day, DifferenceKind kind)
        {
            count++;
            day.Missing += kind.IsMissing() ? 1 : 0;
            day.Changed += kind == DifferenceKind.Changed ? 1 : 0;
            day.Extra += kind.IsMissing() || kind == DifferenceKind.Changed ? 0 : 1;
        }
    }

    private static DayCounts DayOf(SortedDictionary<long, DayCounts> days, uint hour)
    {
        var day = hour == 0 ? long.MaxValue : hour / 24;
        if (!days.TryGetValue(day, out var counts))
        {
            counts = new DayCounts { Day = hour == 0 ? null : DateOnly.FromDateTime(DateTime.UnixEpoch.AddHours(hour)) };
            days.Add(day, counts);
        }

        return counts;
    }

    /// <summary>How the event differs; null when it does not, or is explained.</summary>
    private DifferenceKind? Judge(UInt128 key, MetEvent e, Checkpoint checkpoint)
    {
        if (e.Is(Met.AtVendor) && !e.Is(Met.InJournal))
        {
            return _dead.Contains(key) || e.Is(Met.Unread | Met.InAcceptedGap | Met.InSuspectRange) ? null : DifferenceKind.MissingInJournal;
        }

        if (e.Is(Met.InSinkTwice)) return DifferenceKind.TwiceInSink;
        if (e.Is(Met.HeldTwice)) return DifferenceKind.TwiceInJournal;
        if (e.Is(Met.InSink) && !e.Is(Met.InJournal)) return DifferenceKind.ExtraInSink;
        if (!e.Is(Met.InJournal)) return null;

        if (!e.Is(Met.Known)) return e.Is(Met.AtVendor) ? DifferenceKind.UnknownInJournal : DifferenceKind.ExtraInJournal;
        if (IsExtra(e)) return DifferenceKind.ExtraInJournal;
        if (!e.Is(Met.Held | Met.Undated) && IsKept(e, checkpoint)) return DifferenceKind.EventLostInJournal;
        if (e.Is(Met.Changed)) return DifferenceKind.Changed;

        return IsMissingInSink(key, e, checkpoint) ? DifferenceKind.MissingInSink : null;
    }

    private bool IsExtra(MetEvent e) => !e.Is(Met.AtVendor | Met.Revision | Met.Undated) && e.Is(Met.Held) && IsShown(e) && !IsVanished(e);

    /// <summary>Whether the vendor has shown all that it has of the event's hour.</summary>
    private bool IsShown(MetEvent e) =>
        _isWalkWhole && !_unreadable.Any(range => range.From < (e.Hour + 1) * HourSeconds && e.Hour * HourSeconds <= range.To);

    /// <summary>Older than everything that the vendor showed: it keeps records no longer than that.</summary>
    private bool IsVanished(MetEvent e) => _oldestShown != long.MaxValue && e.Hour < HourStart(_oldestShown) / HourSeconds;

    /// <summary>Whether the journal still has to hold the event: it was committed after it happened, and is kept for the retention from then on.</summary>
    private bool IsKept(MetEvent e, Checkpoint checkpoint) => TimeOf(e) > checkpoint.CommittedAt - scope.Retention;

    private bool IsMissingInSink(UInt128 key, MetEvent e, Checkpoint checkpoint) =>
        _hasSink && e.Is(Met.InJournal) && !e.Is(Met.InSink | Met.Waiting) && !_dead.Contains(key) && !(e.Is(Met.Undated) && !e.Is(Met.AtVendor | Met.Held))
        && !LeavesOut(e, checkpoint);

    private bool LeavesOut(MetEvent e, Checkpoint checkpoint) => !e.Is(Met.Undated) && scope.Sink!.LeavesOut(TimeOf(e), checkpoint.CommittedAt);

    private void Explain(UInt128 key, MetEvent e, Checkpoint checkpoint, Reasons reasons)
    {
        if (e.Is(Met.AtVendor) && !e.Is(Met.InJournal))
        {
            reasons.Dead += _dead.Contains(key) ? 1 : 0;
            reasons.Unread += e.Is(Met.Unread) ? 1 : 0;
            reasons.Suspect += e.Is(Met.InSuspectRange) ? 1 : 0;
            reasons.Gap += e.Is(Met.InAcceptedGap) ? 1 : 0;
        }

        if (!e.Is(Met.Known)) return;

        reasons.Revisions += e.Is(Met.Revision) ? 1 : 0;
        if (!e.Is(Met.AtVendor | Met.Revision | Met.Undated))
        {
            reasons.NotJudged += IsShown(e) ? 0 : 1;
            reasons.Vanished += IsShown(e) && IsVanished(e) ? 1 : 0;
            reasons.OnlyId += IsShown(e) && !IsVanished(e) && !e.Is(Met.Held) && !IsKept(e, checkpoint) ? 1 : 0;
        }

        reasons.Deleted += !e.Is(Met.Held | Met.Undated) && !IsKept(e, checkpoint) ? 1 : 0;
        if (!_hasSink || e.Is(Met.InSink)) return;

        reasons.Waiting += e.Is(Met.Waiting) ? 1 : 0;
        reasons.Dead += _dead.Contains(key) ? 1 : 0;
        reasons.LeftOut += LeavesOut(e, checkpoint) ? 1 : 0;
    }

    private IEnumerable<string> NotCovered(Checkpoint checkpoint)
    {
        foreach (var range in checkpoint.Suspects.Where(s => s.From < _until && s.To >= _from))
        {
            yield return $"{range} is {(range.Accepted ? "an accepted gap" : "not known to be complete")} in the checkpoint: {range.Cause} "
                + "It was read again for this report.";
        }

        if (_notCompared > 0)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture, $"The contents of {_notCompared:N0} records: they were committed by a build that kept no digest of them.");
        }

        if (_hasSink) yield return $"The contents of documents in {scope.Sink!.Name}: only their ids were compared.";
        else if (scope.Sink is null) yield return "Sinks: none is on.";
    }

    private Difference DifferenceOf(DifferenceKind kind, UInt128 key, MetEvent e) => _details.TryGetValue(key, out var known)
        ? known with { Kind = kind }
        : new Difference(kind, EventTable.Text(key, e.IdEnd), null, null, e.Hour == 0 ? null : TimeOf(e));

    private SourceReport NotCompared(string why) => new()
    {
        Source = scope.Name,
        From = scope.From,
        Until = scope.Until ?? scope.From,
        NotShown = [why],
        NotCovered = _notCovered,
    };

    private bool IsCompared(uint hour) => hour == 0 || (hour >= _from / HourSeconds && hour < _until / HourSeconds);

    private EventFilter FilterOf(SourceKey source) => new()
    {
        Source = source.ToString(),
        Since = DateTimeOffset.FromUnixTimeSeconds(_from),
        Until = DateTimeOffset.FromUnixTimeSeconds(_until),
    };

    private static Difference Described(JournalEvent held)
    {
        using var json = JsonDocument.Parse(held.Json);
        return new Difference(DifferenceKind.MissingInSink, held.Id, Field("event.id"), Field("event.action"), held.Time);

        string? Field(string name) =>
            json.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
    }

    private static bool HasTag(ReadOnlyMemory<byte> json, string tag)
    {
        // The text stands in few events, and parsing each would take most of the time.
        Span<byte> quoted = stackalloc byte[tag.Length + 2];
        System.Text.Encoding.ASCII.GetBytes($"\"{tag}\"", quoted);
        if (json.Span.IndexOf(quoted) < 0) return false;

        using var e = JsonDocument.Parse(json);
        return e.RootElement.TryGetProperty("tags", out var tags) && tags.ValueKind == JsonValueKind.Array
            && tags.EnumerateArray().Any(t => t.ValueKind == JsonValueKind.String && t.ValueEquals(tag));
    }

    /// <summary>How many events differ for each reason that is known.</summary>
    private sealed class Reasons
    {
        public long Dead { get; set; }

        public long DeadPages { get; set; }

        public long Unread { get; set; }

        public long Suspect { get; set; }

        public long Gap { get; set; }

        public long Own { get; set; }

        public long Revisions { get; set; }

        public long Grown { get; set; }

        public long Vanished { get; set; }

        public long OnlyId { get; set; }

        public long NotJudged { get; set; }

        public long Deleted { get; set; }

        public long Waiting { get; set; }

        public long LeftOut { get; set; }

        public IReadOnlyList<Explanation> Explanations(string? sink) =>
        [
            .. new Explanation[]
            {
                new("dead letters", Dead, "Events that are open dead letters (dlq list): they are kept there, with the reason."),
                new("unreadable parts", DeadPages, "Text of the vendor that is no record, kept as open dead letters (dlq list)."),
                new("not read yet", Unread, "Records that the vendor shows and that lie beyond the position of the connector."),
                new("suspect ranges", Suspect, "Records in ranges that the connector could not read; it reads them again until they are complete."),
                new("accepted gaps", Gap, "Records in ranges that an operator accepted as gaps (checkpoint accept)."),
                new("changes by operators", Own, "Events of the connector itself, which tell of changes by operators: they are not compared."),
                new("revisions", Revisions, "Later contents of records that the vendor changed: each is an event with an id of its own, beside the first one."),
                new("grown", Grown, "Records that only gained a member since they were committed: they are not published again."),
                new("removed by the vendor", Vanished, "Events that are older than every record that the vendor still shows."),
                new(
                    "known by id",
                    OnlyId,
                    "Ids whose events Journal:Retention deleted: earlier contents of records, or records that the vendor no longer shows."),
                new("not judged", NotJudged, "Events of the journal in hours that the vendor did not show as a whole."),
                new("deleted by retention", Deleted, "Events that Journal:Retention deleted from the journal; their ids stay known."),
                new("waiting", Waiting, $"Events that the journal has and that were not delivered to {sink} yet."),
                new("left out", LeftOut, $"Events that are not stored because Elasticsearch:Retention would delete their index at once."),
            }.Where(explanation => explanation.Count > 0),
        ];

        /// <summary>Those that are no difference and yet keep the source from being complete.</summary>
        public IEnumerable<string> NotShown(string? reached, string? sink)
        {
            var place = reached ?? "its beginning";
            if (Unread > 0) yield return Line(Unread, "is", "are", $"not read yet: the connector stands at {place}. Let it run, then verify again");
            if (Suspect > 0) yield return Line(Suspect, "lies", "lie", "in ranges that are not known to be complete (checkpoint show)");
            if (Waiting > 0) yield return Line(Waiting, "waits", "wait", $"for {sink}. Let the connector deliver what waits, then verify again");
        }

        private static string Line(long count, string one, string many, string what) =>
            string.Create(CultureInfo.InvariantCulture, $"{count:N0} {(count == 1 ? $"event {one}" : $"events {many}")} {what}.");
    }
}
