using System.Globalization;

namespace ActivityConnector.Verification;

/// <summary>Goes once over what was gathered: counts each event on its day, and makes a difference or a reason of it.</summary>
internal sealed class Tally
{
    private readonly Gathered _gathered;
    private readonly EventRules _rules;
    private readonly Reasons _reasons;
    private readonly SortedDictionary<long, DayCounts> _days = [];
    private readonly List<Difference> _listed = [];
    private long _count;

    private Tally(Gathered gathered)
    {
        _gathered = gathered;
        _rules = new EventRules(gathered);
        _reasons = new Reasons(gathered, _rules);
    }

    public static SourceReport Of(Gathered gathered)
    {
        var tally = new Tally(gathered);
        foreach (var (key, e) in gathered.Events.All) tally.Add(key, e);

        tally.AddBrokenPages();
        tally.AddForeignDocuments();
        return tally.Report();
    }

    private void Add(UInt128 key, MetEvent e)
    {
        if (e.Met == Met.None) return;

        _reasons.Add(key, e);
        if (e.Is(Met.Own)) return;

        var day = DayOf(e.Is(Met.Undated) ? 0 : e.Hour);
        day.Vendor += Of(Met.AtVendor);
        day.Revisions += Of(Met.Revision);
        day.Sink += Of(Met.InSink);
        day.DeadLetters += _rules.IsDead(key) ? 1 : 0;
        var judged = _rules.Judge(key, e);
        day.Journal += judged == DifferenceKind.EventLostInJournal ? 0 : Of(Met.InJournal);
        if (judged is not { } kind) return;

        Count(day, kind);
        if (_listed.Count < SourceVerification.MostListed) _listed.Add(DifferenceOf(kind, key, e));

        long Of(Met any) => e.Is(any) ? 1 : 0;
    }

    private void AddBrokenPages()
    {
        foreach (var (id, reason) in _gathered.BrokenPages)
        {
            if (_gathered.DeadPages.Contains(id))
            {
                DayOf(0).DeadLetters++;
                _reasons.AddDeadPage();
            }
            else
            {
                Count(DayOf(0), DifferenceKind.UnreadablePart);
                _listed.Add(new Difference(DifferenceKind.UnreadablePart, id, null, reason, null));
            }
        }
    }

    private void AddForeignDocuments()
    {
        foreach (var id in _gathered.ForeignDocuments)
        {
            Count(DayOf(0), DifferenceKind.ExtraInSink);
            _listed.Add(new Difference(DifferenceKind.ExtraInSink, id, null, null, null));
        }
    }

    private SourceReport Report() => new()
    {
        Source = _gathered.Source.ToString(),
        From = _gathered.Range.Start,
        Until = _gathered.Range.End,
        ReadTo = _gathered.Checkpoint.Position.Reached,
        Sink = _gathered.HasSink ? _gathered.Sink!.Name : null,
        Days = [.. _days.Values],
        DifferenceCount = _count,
        Differences = [.. _listed.OrderBy(d => d.Time).ThenBy(d => d.Id, StringComparer.Ordinal).Take(SourceVerification.MostListed)],
        Explained = _reasons.Explanations(),
        NotShown = [.. _gathered.NotShown, .. _reasons.NotShown()],
        NotCovered = [.. _gathered.NotCovered, .. _reasons.NotCovered(), .. NotCovered()],
    };

    private IEnumerable<string> NotCovered()
    {
        foreach (var range in _gathered.Checkpoint.Suspects.Where(s => s.From < _gathered.Range.Until && s.To >= _gathered.Range.From))
        {
            yield return $"{range} is {(range.Accepted ? "an accepted gap" : "not known to be complete")} in the checkpoint: {range.Cause} "
                + "It was read again for this report.";
        }

        if (_gathered.WithoutDigest > 0)
        {
            var records = _gathered.WithoutDigest == 1 ? "record: it was" : "records: they were";
            yield return string.Create(
                CultureInfo.InvariantCulture, $"The contents of {_gathered.WithoutDigest:N0} {records} committed by a build that kept no digest.");
        }

        if (_gathered.HasSink) yield return $"The contents of documents in {_gathered.Sink!.Name}: only their ids were compared.";
        else if (_gathered.Sink is null) yield return "Sinks: none is on.";
    }

    private void Count(DayCounts day, DifferenceKind kind)
    {
        _count++;
        day.Missing += kind.IsMissing() ? 1 : 0;
        day.Changed += kind == DifferenceKind.Changed ? 1 : 0;
        day.Extra += kind.IsMissing() || kind == DifferenceKind.Changed ? 0 : 1;
    }

    private DayCounts DayOf(uint hour)
    {
        var day = hour == 0 ? long.MaxValue : hour / 24;
        if (!_days.TryGetValue(day, out var counts))
        {
            counts = new DayCounts { Day = hour == 0 ? null : DateOnly.FromDateTime(DateTime.UnixEpoch.AddHours(hour)) };
            _days.Add(day, counts);
        }

        return counts;
    }

    private Difference DifferenceOf(DifferenceKind kind, UInt128 key, MetEvent e) => _gathered.Details.TryGetValue(key, out var known)
        ? known with { Kind = kind }
        : new Difference(kind, EventTable.Text(key, e.IdEnd), null, null, e.Hour == 0 ? null : e.Time);
}
