using System.Globalization;
using ActivityConnector.Pipeline;

namespace ActivityConnector.Verification;

/// <summary>Counts the events that differ for a reason that is known, and tells the reasons.</summary>
internal sealed class Reasons(Gathered gathered, EventRules rules)
{
    private long _dead;
    private long _deadPages;
    private long _unread;
    private long _suspect;
    private long _gap;
    private long _own;
    private long _revisions;
    private long _vanished;
    private long _onlyId;
    private long _notJudged;
    private long _deleted;
    private long _waiting;
    private long _leftOut;
    private long _outOfReach;

    private string Sink => gathered.Sink?.Name ?? "";

    /// <summary>Text that is no record, and an open dead letter.</summary>
    public void AddDeadPage() => _deadPages++;

    public void Add(UInt128 key, MetEvent e)
    {
        if (e.Is(Met.Own))
        {
            _own++;
            return;
        }

        if (e.Is(Met.AtVendor) && !e.Is(Met.InJournal))
        {
            _dead += One(rules.IsDead(key));
            _unread += One(e.Is(Met.Unread));
            _suspect += One(e.Is(Met.InSuspectRange));
            _gap += One(e.Is(Met.InAcceptedGap));
        }

        if (!e.Is(Met.Known)) return;

        _revisions += One(e.Is(Met.Revision));
        _deleted += One(rules.IsDeleted(e));
        if (!e.Is(Met.AtVendor | Met.Revision | Met.Undated))
        {
            _notJudged += One(!rules.IsShown(e));
            _vanished += One(rules.IsShown(e) && rules.IsVanished(e));
            _onlyId += One(rules.IsShown(e) && !rules.IsVanished(e) && rules.IsDeleted(e));
        }

        if (!gathered.HasSink || e.Is(Met.InSink)) return;

        _waiting += One(e.Is(Met.Waiting));
        _dead += One(rules.IsDead(key));
        _leftOut += One(rules.IsLeftOut(e));
        _outOfReach += One(EventRules.IsOutOfReach(e));
    }

    public IReadOnlyList<Explanation> Explanations() =>
    [
        .. new Explanation[]
        {
            new("dead letters", _dead, "Events that are open dead letters (dlq list): they are kept there, with the reason."),
            new("unreadable parts", _deadPages, "Text of the vendor that is no record, kept as open dead letters (dlq list)."),
            new("not read yet", _unread, "Records that the vendor shows and that lie beyond the position of the connector."),
            new("suspect ranges", _suspect, "Records in ranges that the connector could not read; it reads them again until they are complete."),
            new("accepted gaps", _gap, "Records in ranges that an operator accepted as gaps (checkpoint accept)."),
            new("changes by operators", _own, "Events of the connector itself, which tell of changes by operators: they are not compared."),
            new("revisions", _revisions, "Later contents of records that the vendor changed: each is an event with an id of its own, beside the first one."),
            new("grown", gathered.Grown, "Records that only gained a member since they were committed: they are not published again."),
            new("removed by the vendor", _vanished, "Events that are older than every record that the vendor still shows."),
            new(
                "known by id",
                _onlyId,
                "Ids whose events the journal does not hold any more: earlier contents of records, or records that the vendor no longer shows."),
            new("not judged", _notJudged, "Events of the journal in hours that the vendor did not show as a whole."),
            new("deleted by retention", _deleted, WhyDeleted()),
            new("waiting", _waiting, $"Events that the journal has and that were not delivered to {Sink} yet."),
            new("left out", _leftOut, "Events that are not stored because Elasticsearch:Retention would delete their index at once."),
        }.Where(explanation => explanation.Count > 0),
    ];

    /// <summary>Those that are no difference and yet keep the source from being complete.</summary>
    public IEnumerable<string> NotShown()
    {
        var reached = gathered.Checkpoint.Position.Reached is { } time ? UtcText.Of(time) : "its beginning";
        if (_unread > 0) yield return $"{Events(_unread, "is", "are")} not read yet: the connector stands at {reached}. Let it run, then verify again.";
        if (_suspect > 0) yield return $"{Events(_suspect, "lies", "lie")} in ranges that are not known to be complete (checkpoint show).";
        if (_waiting > 0) yield return $"{Events(_waiting, "waits", "wait")} for {Sink}. Let the connector deliver, then verify again.";

        if (_deleted > 0 && gathered.Lost > 0)
        {
            yield return $"{Events(gathered.Lost, "is", "are")} gone from the middle or the end of the journal, where Journal:Retention does not delete. "
                + "Events that it seems to have deleted may be among them. Restore a backup of the journal.";
        }
    }

    /// <summary>What could not be compared.</summary>
    public IEnumerable<string> NotCovered()
    {
        if (_outOfReach > 0)
        {
            yield return $"{Events(_outOfReach, "without a time", "without a time")} in {Sink}: only the beginning of the id is known, because neither the "
                + "vendor shows the event nor the journal still holds it.";
        }
    }

    private string WhyDeleted()
    {
        const string Absent = "Events that the journal does not hold any more; their ids stay known. ";
        return gathered.WholeSince is { } since
            ? Absent + $"It holds every event that was committed after {UtcText.Of(since)}, and Journal:Retention deletes what was committed before."
            : Absent + $"They happened before {(gathered.DeletedBefore is { } before ? UtcText.Of(before) : "")} or have no time, and Journal:Retention may "
                + "have deleted what was committed before then. When they were committed is not known: an event that was committed later, as by a backfill, "
                + "and then lost looks the same.";
    }

    private static long One(bool isSo) => isSo ? 1 : 0;

    private static string Events(long count, string one, string more) =>
        count == 1 ? $"1 event {one}" : string.Create(CultureInfo.InvariantCulture, $"{count:N0} events {more}");
}
