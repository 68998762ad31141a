using System.Text;
using System.Text.Json;
using ActivityConnector.Pipeline;
using ActivityConnector.Transforms;

namespace ActivityConnector.Verification;

/// <summary>
/// Walks a vendor again without changing anything, maps its records with the same transform, and compares them with what the journal and the
/// sink hold. Owns nothing: a connector may run beside it.
/// </summary>
/// <remarks>One use. Memory: about 60 bytes for each event of the range, and what <see cref="MostListed"/> differences take.</remarks>
public sealed class SourceVerification(VerificationScope scope)
{
    /// <summary>More differences are counted, and not listed.</summary>
    public const int MostListed = 10_000;

    private static readonly byte[] OwnDataset = Encoding.UTF8.GetBytes($"\"event.dataset\":\"{AuditEvent.Dataset}\"");

    private readonly List<string> _notShown = [];
    private readonly List<string> _notCovered = [];
    private bool _hasUndated;
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
        try
        {
            HostClock.Check(scope.Clock.GetUtcNow(), checkpoint);
        }
        catch (SourceClockException e)
        {
            return NotCompared($"{e.Message} {e.Fix}");
        }

        if (RangeOf(checkpoint) is not { } range)
        {
            NoteClock();
            return NotCompared("The range has no whole hour that can be compared; begin it earlier.");
        }

        var gathered = new Gathered { Source = source, Checkpoint = checkpoint, Range = range, Sink = scope.Sink };
        await ReadJournalAsync(gathered, cancellationToken);
        await ReadDeadLettersAsync(gathered, cancellationToken);
        await ReadSinkAsync(gathered, cancellationToken);
        await new VendorWalk(scope.Source, scope.Transform(account), gathered, () => _done++).RunAsync(cancellationToken);
        await LookAgainAsync(gathered, cancellationToken);
        NoteClock();
        gathered.NotShown.InsertRange(0, _notShown);
        gathered.NotCovered.InsertRange(0, _notCovered);
        return Tally.Of(gathered);
    }

    /// <summary>The whole hours that can be compared; null when there is none.</summary>
    private HourRange? RangeOf(Checkpoint checkpoint)
    {
        // What is younger may not be visible, read or delivered yet.
        var latest = HourRange.Floor((scope.Source.Present - scope.Overlap).ToUnixTimeSeconds());
        var from = Math.Max(HourRange.Floor(scope.From.ToUnixTimeSeconds()), 0);
        var until = Math.Min(scope.Until is { } wanted ? HourRange.Ceiling(wanted.ToUnixTimeSeconds()) : latest, latest);
        if (until == latest)
        {
            _notCovered.Add(
                $"Records of {UtcText.Of(until)} or later: they are too young (the hour is not over, or {scope.Overlap:c} in which records may still appear).");
        }

        if ((checkpoint.Window?.BackfillFrom ?? checkpoint.Cursor?.BackfillFrom) is { } start && HourRange.Ceiling(start) is var first && first > from)
        {
            if (checkpoint.Ranges?.Any(range => range.Kind == RangeKind.Backfill && range.Run.From < start) == true)
            {
                _notShown.Add($"What backfills brought from before {UtcText.Of(start)} is not compared. Begin the range there.");
            }

            _notCovered.Add($"Records before {UtcText.Of(start)}: StartAt leaves them out.");
            from = first;
        }

        if (checkpoint.KnownFrom is { } known && HourRange.Ceiling(known.ToUnixTimeSeconds()) is var firstKnown && firstKnown > from)
        {
            _notShown.Add($"The journal may have forgotten ids of before {UtcText.Of(firstKnown)}: earlier records cannot be compared. Begin the range there.");
            from = firstKnown;
        }

        return from < until ? new HourRange(from, until) : null;
    }

    /// <summary>A clock that is behind makes the end of the range early, and nothing else of the report would say why.</summary>
    private void NoteClock()
    {
        if (scope.Source.ClockContradiction is { } contradiction) _notShown.Add($"{contradiction.Message} {contradiction.Fix}");
    }

    private async Task ReadJournalAsync(Gathered gathered, CancellationToken cancellationToken)
    {
        await foreach (var seen in scope.Journal.SeenAsync(gathered.Source, cancellationToken))
        {
            _done++;
            if (!gathered.Range.Has(seen.Key.Hour)) continue;

            ref var e = ref gathered.Events.Of(seen.Key.Key);
            (e.Content, e.Hour) = (seen.Content, seen.Key.Hour);
            e.Met |= seen.Key.Hour == 0 ? Met.Known | Met.Undated : Met.Known;
            _hasUndated |= seen.Key.Hour == 0;
        }

        await foreach (var held in scope.Journal.EventsAsync(FilterOf(gathered), follow: null, cancellationToken))
        {
            _done++;
            if (!EventTable.TryParse(held.Id, out var key, out var end) || !IsCompared(gathered, key, held.Time)) continue;

            ref var e = ref gathered.Events.Of(key);
            if (e.Met == Met.None) e.Hour = EventKey.HourOf(held.Time);

            e.Met |= e.Is(Met.Held) ? Met.HeldTwice : Met.Held;
            if (HasTag(held.Json, "revised")) e.Met |= Met.Revision;

            if (held.Json.Span.IndexOf(OwnDataset) >= 0) e.Met |= Met.Own;

            e.IdEnd = end;
        }

        // After the events: what retention deletes in the meantime is then not taken for lost.
        var deleted = await scope.Journal.DeletedAsync(gathered.Source, cancellationToken);
        var kept = scope.Source.Present - scope.Retention;
        gathered.DeletedBefore = deleted.CommittedUpTo > kept ? kept : deleted.CommittedUpTo;
        gathered.Lost = deleted.Lost ?? 0;

        // Where the first event that is left is younger, others between may be lost: retention would have kept them.
        if (deleted.Lost == 0 && deleted.CommittedUpTo <= kept + (2 * DeletedEvents.Disorder)) gathered.WholeSince = deleted.CommittedUpTo;
    }

    private async Task ReadDeadLettersAsync(Gathered gathered, CancellationToken cancellationToken)
    {
        await foreach (var letter in scope.Journal.DeadLettersAsync(cancellationToken))
        {
            _done++;
            if (letter.Stage == DeadLetterStage.Page)
            {
                gathered.DeadPages.Add(letter.Id);
            }
            else if (EventTable.TryParse(letter.Id, out var key, out _))
            {
                gathered.DeadEvents.Add(key);
            }
        }
    }

    private async Task ReadSinkAsync(Gathered gathered, CancellationToken cancellationToken)
    {
        if (scope.Sink is not { } sink) return;

        try
        {
            // First what waits: what is delivered in between is then both, and stored counts.
            await foreach (var waiting in scope.Journal.WaitingAsync(sink.Name, FilterOf(gathered), cancellationToken))
            {
                _done++;
                if (EventTable.TryParse(waiting.Id, out var key, out _) && gathered.Events.Find(key) is not null) gathered.Events.Of(key).Met |= Met.Waiting;
            }

            await foreach (var stored in sink.StoredAsync(gathered.Source.Source, gathered.Range.Start, gathered.Range.End, cancellationToken))
            {
                _done++;
                if (!EventTable.TryParse(stored.Id, out var key, out var end))
                {
                    gathered.ForeignDocuments.Add(stored.Id);
                    continue;
                }

                ref var e = ref gathered.Events.Of(key);
                if (e.Met == Met.None) e.Hour = EventKey.HourOf(stored.Time);

                e.Met |= e.Is(Met.InSink) ? Met.InSinkTwice : Met.InSink;
                e.IdEnd = end;
            }

            gathered.HasSink = true;
        }
        catch (SinkException e)
        {
            gathered.NotShown.Add($"{sink.Name} was not compared. {e.Message} {e.Fix}");
        }
    }

    /// <summary>What seems to differ is looked at once more: a running connector has collected and delivered in the meantime.</summary>
    private async Task LookAgainAsync(Gathered gathered, CancellationToken cancellationToken)
    {
        var (events, rules) = (gathered.Events, new EventRules(gathered));
        var differing = events.All.Where(pair => rules.Judge(pair.Key, pair.Value) is not null).Select(pair => pair.Key).ToHashSet();
        if (differing.Count == 0) return;

        await foreach (var seen in scope.Journal.SeenAsync(gathered.Source, cancellationToken))
        {
            _done++;
            if (differing.Contains(seen.Key.Key) && gathered.Range.Has(seen.Key.Hour)) events.Of(seen.Key.Key).Met |= Met.Known;
        }

        await foreach (var held in scope.Journal.EventsAsync(FilterOf(gathered), follow: null, cancellationToken))
        {
            _done++;
            if (!EventTable.TryParse(held.Id, out var key, out var end) || !differing.Contains(key)) continue;

            ref var e = ref events.Of(key);
            e.Met |= Met.Held;
            e.IdEnd = end;
            if (gathered.HasRoom || gathered.Details.ContainsKey(key)) gathered.Details[key] = Described(held);
        }

        await LeaveOutOthersAsync(gathered, differing, cancellationToken);
        await LookInSinkAsync(gathered, differing, cancellationToken);
    }

    /// <summary>Another account of the vendor has the same indices in the sink: its documents are not this source's.</summary>
    private async Task LeaveOutOthersAsync(Gathered gathered, HashSet<UInt128> differing, CancellationToken cancellationToken)
    {
        foreach (var other in await scope.Journal.SourcesAsync(cancellationToken))
        {
            if (other.Source != gathered.Source.Source || other == gathered.Source) continue;
            if (!differing.Any(key => gathered.Events.Find(key) is { } e && !e.Is(Met.InJournal))) return;

            await foreach (var seen in scope.Journal.SeenAsync(other, cancellationToken))
            {
                var key = seen.Key.Key;
                if (differing.Contains(key) && !gathered.Events.IsMet(key, Met.InJournal | Met.AtVendor)) gathered.Events.Of(key).Met = Met.None;
            }
        }
    }

    private async Task LookInSinkAsync(Gathered gathered, HashSet<UInt128> differing, CancellationToken cancellationToken)
    {
        if (!gathered.HasSink) return;

        var missing = differing.Select(key => (Key: key, Event: gathered.Events.Find(key)!.Value))
            .Where(pair => pair.Event is { IdEnd: not 0 } && pair.Event.Is(Met.InJournal) && !pair.Event.Is(Met.InSink));
        try
        {
            foreach (var some in missing.Chunk(MostListed))
            {
                var events = some.Select(m => (EventTable.Text(m.Key, m.Event.IdEnd), m.Event.Time)).ToList();
                foreach (var id in await scope.Sink!.FindAsync(gathered.Source.Source, events, cancellationToken))
                {
                    if (EventTable.TryParse(id, out var key, out _)) gathered.Events.Of(key).Met |= Met.InSink;
                }
            }
        }
        catch (SinkException e)
        {
            gathered.NotShown.Add($"{scope.Sink!.Name} was not compared to the end. {e.Message} {e.Fix}");
        }
    }

    private SourceReport NotCompared(string why) => new()
    {
        Source = scope.Name,
        From = scope.From,
        Until = scope.Until ?? scope.From,
        NotShown = [.. _notShown, why],
        NotCovered = _notCovered,
    };

    /// <summary>
    /// The events of the range; every event of the source where some have no time of the vendor's, because such an event has the time at which it was
    /// received, which may lie anywhere.
    /// </summary>
    private EventFilter FilterOf(Gathered gathered) => new()
    {
        Source = gathered.Source.ToString(),
        Since = _hasUndated ? null : gathered.Range.Start,
        Until = _hasUndated ? null : gathered.Range.End,
    };

    private static bool IsCompared(Gathered gathered, UInt128 key, DateTimeOffset time) =>
        (time >= gathered.Range.Start && time < gathered.Range.End) || gathered.Events.IsMet(key, Met.Undated);

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
        Encoding.ASCII.GetBytes($"\"{tag}\"", quoted);
        if (json.Span.IndexOf(quoted) < 0) return false;

        using var e = JsonDocument.Parse(json);
        return e.RootElement.TryGetProperty("tags", out var tags) && tags.ValueKind == JsonValueKind.Array
            && tags.EnumerateArray().Any(t => t.ValueKind == JsonValueKind.String && t.ValueEquals(tag));
    }
}
