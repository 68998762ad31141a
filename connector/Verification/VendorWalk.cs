using ActivityConnector.Pipeline;
using ActivityConnector.Transforms;

namespace ActivityConnector.Verification;

/// <summary>Notes what the vendor shows, and compares each event with what the journal has shown before.</summary>
internal sealed class VendorWalk(IActivitySource source, IActivityTransform transform, Gathered gathered, Action counted)
{
    private readonly Checkpoint _checkpoint = gathered.Checkpoint;
    private readonly long? _reached = gathered.Checkpoint.Position.Reached?.ToUnixTimeSeconds();

    /// <summary>
    /// The sweep of the range, as if the connector had not read anything: without its suspect ranges, and to the end of a list that is read by
    /// cursor, because the end is what the vendor shows.
    /// </summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var unread = _checkpoint with
        {
            Window = _checkpoint.Window is { } window ? window with { Suspects = [] } : null,
            Cursor = _checkpoint.Cursor is { } cursor ? cursor with { After = null, HeadReadTo = null, SkipBefore = null } : null,
            KnownFrom = null,
            Sweep = new SweepProgress(),
        };
        var run = new SweepRun { From = gathered.Range.From, To = gathered.Range.Until - 1 };
        using var mapped = new EventBatch();
        try
        {
            await foreach (var batch in source.SweepAsync(unread, run, cancellationToken))
            {
                using (batch)
                {
                    mapped.Clear();
                    for (var i = 0; i < batch.Records.Count; i++) transform.Transform(batch.Records[i], mapped);

                    foreach (var e in mapped.Events) Meet(e);

                    foreach (var letter in batch.DeadLetters) gathered.BrokenPages.TryAdd(letter.Id, letter.Reason);

                    if (batch.Position is WindowPosition position) gathered.Unreadable = position.Suspects;
                }
            }

            gathered.IsWalkWhole = true;
        }
        catch (SourceException e)
        {
            gathered.NotShown.Add($"The vendor did not show the whole range. {e.Message} {e.Fix}");
        }

        NoteUnreadable();
    }

    private void NoteUnreadable()
    {
        var gaps = _checkpoint.Suspects.Where(s => s.Accepted).ToList();
        foreach (var range in gathered.Unreadable)
        {
            if (gaps.Exists(gap => gap.From <= range.From && range.To <= gap.To))
            {
                gathered.NotCovered.Add($"{range}: an accepted gap, and the vendor cannot be read there. {range.Cause}");
            }
            else
            {
                gathered.NotShown.Add($"The vendor cannot be read in {range}. {range.Cause}");
            }
        }
    }

    private void Meet(EcsEvent e)
    {
        counted();
        var key = EventKey.Of(e);
        if (e.HasSourceTime) gathered.OldestShown = Math.Min(gathered.OldestShown, e.Time.ToUnixTimeSeconds());

        // A walk by cursor begins before the range and ends behind it.
        if (!gathered.Range.Has(key.Hour)) return;

        ref var entry = ref gathered.Events.Of(key.Key);
        if (entry.Is(Met.AtVendor)) return;

        if (!entry.Is(Met.InJournal)) entry.Hour = key.Hour;

        entry.Met |= e.HasSourceTime ? Met.AtVendor : Met.AtVendor | Met.Undated;
        entry.IdEnd = EventTable.EndOf(e.DocumentId);
        if (entry.Is(Met.Known) && entry.Content == 0) gathered.WithoutDigest++;

        if (!entry.Is(Met.InJournal))
        {
            entry.Met |= WhyMissing(e);
            Note(DifferenceKind.MissingInJournal, e);
        }
        else if (entry.Content != 0 && entry.Content != e.ContentDigest && !IsKnownOtherwise(e, entry.Content))
        {
            entry.Met |= Met.Changed;
            Note(DifferenceKind.Changed, e);
        }
    }

    /// <summary>Whether the record only gained a member, or its present content was published as a revision.</summary>
    private bool IsKnownOtherwise(EcsEvent e, ulong content)
    {
        if (gathered.Events.IsMet(RevisedEvent.KeyOf(e, e.ContentDigest), Met.InJournal)) return true;

        var before = transform.BeforeGrowth(e);
        if (!before.Contains(content) && !before.Any(b => gathered.Events.IsMet(RevisedEvent.KeyOf(e, b), Met.InJournal))) return false;

        gathered.Grown++;
        return true;
    }

    /// <summary>What explains that the journal does not have it.</summary>
    private Met WhyMissing(EcsEvent e)
    {
        var at = e.Time.ToUnixTimeSeconds();
        var range = _checkpoint.Suspects.FirstOrDefault(s => s.From <= at && at <= s.To);
        return e.HasSourceTime && !(at <= _reached) ? Met.Unread
            : range is null ? Met.None
            : range.Accepted ? Met.InAcceptedGap
            : Met.InSuspectRange;
    }

    private void Note(DifferenceKind kind, EcsEvent e)
    {
        if (gathered.HasRoom) gathered.Details[e.Key] = new Difference(kind, e.Id, e.EventId, e.Action, e.HasSourceTime ? e.Time : null);
    }
}
