using ActivityConnector.Pipeline;

namespace ActivityConnector.Verification;

/// <summary>Judges one event by what was gathered: whether it differs, and how.</summary>
internal sealed class EventRules(Gathered gathered)
{
    /// <summary>How the event differs; null when it does not, or is explained.</summary>
    public DifferenceKind? Judge(UInt128 key, MetEvent e)
    {
        if (e.Is(Met.Own)) return null;

        if (e.Is(Met.AtVendor) && !e.Is(Met.InJournal))
        {
            return IsDead(key) || e.Is(Met.Unread | Met.InAcceptedGap | Met.InSuspectRange) ? null : DifferenceKind.MissingInJournal;
        }

        if (e.Is(Met.InSinkTwice)) return DifferenceKind.TwiceInSink;
        if (e.Is(Met.HeldTwice)) return DifferenceKind.TwiceInJournal;
        if (e.Is(Met.InSink) && !e.Is(Met.InJournal)) return DifferenceKind.ExtraInSink;
        if (!e.Is(Met.InJournal)) return null;

        if (!e.Is(Met.Known)) return e.Is(Met.AtVendor) ? DifferenceKind.UnknownInJournal : DifferenceKind.ExtraInJournal;
        if (IsExtra(e)) return DifferenceKind.ExtraInJournal;
        if (!e.Is(Met.Held) && !IsDeleted(e)) return DifferenceKind.EventLostInJournal;
        if (e.Is(Met.Changed)) return DifferenceKind.Changed;

        return IsMissingInSink(key, e) ? DifferenceKind.MissingInSink : null;
    }

    /// <summary>Whether the event is kept as an open dead letter.</summary>
    public bool IsDead(UInt128 key) => gathered.DeadEvents.Contains(key);

    /// <summary>Whether the vendor has shown all that it has of the event's hour.</summary>
    public bool IsShown(MetEvent e) => gathered.IsWalkWhole
        && !gathered.Unreadable.Any(range => range.From < (e.Hour + 1) * HourRange.Hour && e.Hour * HourRange.Hour <= range.To);

    /// <summary>Whether it is older than everything that the vendor showed: it keeps records no longer than that.</summary>
    public bool IsVanished(MetEvent e) =>
        gathered.OldestShown != long.MaxValue && e.Hour < HourRange.Floor(gathered.OldestShown) / HourRange.Hour;

    /// <summary>
    /// Whether the journal does not hold the event, and retention may have deleted it. The journal keeps no time of commit with an id: that an event
    /// is committed after it happened is all that is known of it.
    /// </summary>
    public bool IsDeleted(MetEvent e) => !e.Is(Met.Held) && e.Time < gathered.DeletedBefore;

    /// <summary>Whether the sink's own settings keep the event from being stored.</summary>
    public bool IsLeftOut(MetEvent e) => !e.Is(Met.Undated) && gathered.Sink!.LeavesOut(e.Time, gathered.Checkpoint.CommittedAt);

    /// <summary>
    /// Whether the sink cannot be asked for an event that it did not list: it lists by time, and this one has none; it is asked by id, and of this one
    /// only the beginning of the id is known.
    /// </summary>
    public static bool IsOutOfReach(MetEvent e) => e.Is(Met.Undated) && e.IdEnd == 0 && !e.Is(Met.InSink);

    private bool IsExtra(MetEvent e) => !e.Is(Met.AtVendor | Met.Revision | Met.Undated) && e.Is(Met.Held) && IsShown(e) && !IsVanished(e);

    private bool IsMissingInSink(UInt128 key, MetEvent e) =>
        gathered.HasSink && !e.Is(Met.InSink | Met.Waiting) && !IsDead(key) && !IsOutOfReach(e) && !IsLeftOut(e);
}
