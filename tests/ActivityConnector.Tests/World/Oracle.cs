using System.Globalization;
using System.Text;
using ActivityConnector.Pipeline;
using ActivityConnector.Transforms;

namespace ActivityConnector.Tests.World;

/// <summary>
/// Knows what was committed and what the vendor has ever had, and says what must be there by what the documentation promises: whatever was
/// visible within the overlap of its own time, and whatever was visible when a sweep over its time began.
/// </summary>
internal sealed class Oracle(GeneratedVendor vendor, bool isByTime, Func<DateTimeOffset> now)
{
    private readonly Dictionary<string, VendorRecord> _records = [];
    private readonly Dictionary<string, List<Published>> _published = [];
    private readonly HashSet<string> _leftOut = [];
    private readonly List<(DateTimeOffset Began, long From, long To, DateTimeOffset? LeftOutBefore)> _sweeps = [];
    private readonly List<RequestedRange> _askedFor = [];
    private readonly List<(DateTimeOffset Began, long From, long To)> _ranges = [];
    private readonly Dictionary<string, DateTimeOffset> _began = [];
    private DateTimeOffset _sweepBegan;
    private Checkpoint? _last;
    private int _known;
    private long _taken;

    /// <summary>The first thing that must never be; null = nothing was wrong.</summary>
    public string? Failure { get; private set; }

    public int Commits { get; private set; }

    public Checkpoint? Checkpoint => _last;

    public IReadOnlyCollection<string> Documents => _documents;

    public IEnumerable<Published> Published => _published.Values.SelectMany(p => p);

    /// <summary>How far back a sweep looks at records again, as configured now.</summary>
    public TimeSpan SweepRange { get; set; }

    /// <summary>
    /// Records from before were not asked for. It is the one of the first run, also of the first after a reset, or an earlier one set by hand.
    /// </summary>
    public DateTimeOffset? StartAt { get; set; }

    /// <summary>How far the earlier of the two clocks has been behind the true time: by more than two minutes it has to be told.</summary>
    public TimeSpan Behind { get; set => field = value < MostBehind ? value : MostBehind; }

    private static readonly TimeSpan MostBehind = TimeSpan.FromMinutes(2);

    public TimeSpan Settle { get; set; }

    /// <summary>Completed sweeps that began at this time or later.</summary>
    public int SweepsSince(DateTimeOffset time) => _sweeps.Count(s => s.Began >= time);

    private readonly HashSet<string> _documents = [];
    private readonly HashSet<EventKey> _keys = [];

    public void Fail(string what) => Failure ??= what;

    /// <summary>A commit is in the journal.</summary>
    /// <param name="commit">What was to be committed.</param>
    /// <param name="checkpoint">As it was committed.</param>
    public void Stored(JournalCommit commit, Checkpoint checkpoint)
    {
        Commits++;
        if (checkpoint.Sequence != (_last?.Sequence ?? 0) + 1) Fail($"commit {checkpoint.Sequence} follows {_last?.Sequence}");

        foreach (var e in commit.Events) Take(e, checkpoint.Sequence);

        if (checkpoint.Totals.Published != _taken)
        {
            Fail($"the checkpoint counts {checkpoint.Totals.Published} published events, {_taken} are");
        }

        if (checkpoint.Ledger is { Unaccounted: > 0 } ledger) Fail($"the ledger does not balance: {ledger}");

        if (checkpoint.Window is { } window && window.Watermark > now().ToUnixTimeSeconds())
        {
            Fail($"the watermark {DateTimeOffset.FromUnixTimeSeconds(window.Watermark):u} is in the future");
        }

        FollowSweep(checkpoint);
        FollowRanges(checkpoint);
        Forget(checkpoint);
        LeaveOut(checkpoint);
        _last = checkpoint;
    }

    /// <summary>An operator has moved the source back.</summary>
    public void WasMoved(Checkpoint checkpoint)
    {
        if (checkpoint.Window is { } window && DateTimeOffset.FromUnixTimeSeconds(window.Watermark) is var second && second < StartAt)
        {
            StartAt = second;
        }

        Forget(checkpoint);
        _last = checkpoint;
        LetComeAgain();
    }

    /// <summary>What was to be read again was read.</summary>
    public void EndComingAgain()
    {
        foreach (var p in Published) p.MayComeAgain = false;
    }

    /// <summary>An operator has had the position forgotten.</summary>
    public void WasReset()
    {
        (_last, _taken) = (null, 0);
        LetComeAgain();
    }

    /// <summary>What the documentation promises and is not there, of what was visible at this time.</summary>
    public List<string> Missing(DateTimeOffset asOf)
    {
        Learn();
        return [.. vendor.Records.Where(r => IsPromised(r, asOf)).SelectMany(r => r.FirstEventIds).Where(id => !_published.ContainsKey(id))];
    }

    /// <summary>
    /// The journal knows what its contract says: whatever is not older than <c>known_from</c>, has no time, or can be read again by its commit.
    /// </summary>
    public void CheckKnown(MortalJournal journal)
    {
        if (_last is not { } last) return;

        List<Published> due = [.. Published.Where(p => !p.MayBeForgotten)];
        if (journal.Known([.. due.Select(p => p.Key)], last.Sequence) is { } known
            && due.Zip(known).FirstOrDefault(pair => pair.Second is null).First is { } forgotten)
        {
            Fail($"the journal does not know {forgotten} any more; known from {last.KnownFrom:u}, reachable from commit {last.Position.FirstReachableCommit}");
        }
    }

    /// <summary>The record that an event is of.</summary>
    public VendorRecord? RecordOf(string eventId)
    {
        Learn();
        return _records.GetValueOrDefault(eventId.Split('i')[0]);
    }

    private void Forget(Checkpoint checkpoint)
    {
        if (checkpoint.KnownFrom is not { } from) return;

        var forgettable = Published.Where(p =>
            p.Key.Hour != 0 && p.Key.Hour < EventKey.HourOf(from) && !(p.Commit >= checkpoint.Position.FirstReachableCommit));
        foreach (var p in forgettable) p.MayBeForgotten = true;
    }

    /// <summary>
    /// While the list is read again, dated records from before what Kafka knows are left out, also those that were never seen (docs/guarantees.md).
    /// </summary>
    private void LeaveOut(Checkpoint checkpoint)
    {
        if (checkpoint.Cursor?.SkipBefore is not { } skip) return;

        foreach (var record in vendor.Records.Where(r => r.IsDated && r.Time.ToUnixTimeSeconds() < skip && r.VisibleFrom <= now()))
        {
            _leftOut.Add(record.Id);
        }
    }

    private void LetComeAgain()
    {
        foreach (var p in Published) p.MayComeAgain |= p.MayBeForgotten;
    }

    private void Take(EcsEvent e, long commit)
    {
        _taken++;
        if (e.HasSourceTime && e.Time < StartAt && !_askedFor.Exists(range => e.Time >= range.From && e.Time < range.To))
        {
            Fail($"{e.EventId} is of {e.Time:s}, before the start");
        }

        // A record whose time moved to another hour is a new event under the same id.
        var comesAgain = !_keys.Add(EventKey.Of(e));
        if (comesAgain)
        {
            if (Published.FirstOrDefault(p => p.MayComeAgain && p.Key == EventKey.Of(e)) is not { } forgotten)
            {
                Fail($"the event {e.Id} ({e.EventId}) is committed twice");
                return;
            }

            _published[forgotten.EventId].Remove(forgotten);
        }

        _documents.Add(e.Id);

        var version = VersionOf(e);
        if (RecordOf(e.EventId) is not { } record)
        {
            Fail($"{e.EventId} is published and is not a record of this list");
            return;
        }

        if (record.IsHidden) Fail($"{e.EventId} is published and was never shown");

        if (!_published.TryGetValue(e.EventId, out var versions)) _published.Add(e.EventId, versions = []);

        // What comes again, comes with what it says now.
        if (!comesAgain && versions.Exists(v => v.Version == version && !v.MayComeAgain))
        {
            Fail($"version {version} of {e.EventId} is published twice; {record}");
        }

        versions.Add(new Published(e.EventId, version, EventKey.Of(e), e.HasSourceTime ? e.Time : null, commit));
    }

    private void FollowSweep(Checkpoint checkpoint)
    {
        var (before, after) = (_last?.Sweep, checkpoint.Sweep);
        if (after.Run is { } run && (before?.Run is null || before.BeganAt != after.BeganAt))
        {
            _sweepBegan = now();
            var from = (now() - SweepRange).ToUnixTimeSeconds();
            from = Math.Min(from, before?.CompletedTo ?? from);
            if (run.From > from + 1 && run.From != checkpoint.KnownFrom?.ToUnixTimeSeconds())
            {
                Fail($"the sweep begins at {DateTimeOffset.FromUnixTimeSeconds(run.From):u} and not at {DateTimeOffset.FromUnixTimeSeconds(from):u}");
            }
        }

        if (before?.Run is { } ended && after.Run is null && after.CompletedTo is not null)
        {
            // From the newest record down, what the journal may have forgotten is left out (docs/guarantees.md).
            _sweeps.Add((_sweepBegan, ended.From, ended.To, ended.At is null ? null : checkpoint.KnownFrom));
        }
    }

    /// <summary>What was visible when the reading of a range began is there once it is done.</summary>
    private void FollowRanges(Checkpoint checkpoint)
    {
        foreach (var range in checkpoint.Ranges ?? [])
        {
            if (!_askedFor.Exists(asked => asked.Id == range.Id)) _askedFor.Add(range);

            if (range.BeganAt is not null) _began.TryAdd(range.Id, now());

            if (range.State == RangeState.Done && _last?.OpenRanges.Any(open => open.Id == range.Id) == true)
            {
                _ranges.Add((_began[range.Id], range.Run.From, range.Run.To));
            }
        }
    }

    private bool IsPromised(VendorRecord record, DateTimeOffset asOf)
    {
        var visible = record.VisibleFrom > record.RedatedAt ? record.VisibleFrom : record.RedatedAt;
        if (record.IsBroken && vendor.Faults.Where(f => f.Kind == FaultKind.BrokenRecord && visible < f.To).Select(f => f.To).ToList() is { Count: > 0 } mended)
        {
            visible = mended.Max();
        }

        if (record.IsHidden || visible > asOf || record.RemovedAt <= now() || _leftOut.Contains(record.Id)) return false;

        var time = isByTime && record.IsDated ? record.Time : record.Created;
        if (_ranges.Exists(r => visible <= r.Began && IsWithin(time, r) && (!record.IsDated || IsWithin(record.Time, r)))) return true;

        if (StartAt is { } start && ((record.IsDated ? record.Time : record.Created) < start || time < start)) return false;

        if (isByTime && time > asOf - Settle - Behind - TimeSpan.FromSeconds(2)) return false;

        return (visible - time <= vendor.Habits.Overlap && (isByTime || visible == record.Created || !IsNearOdd(record, visible)))
            || _sweeps.Exists(s => visible <= s.Began && time.ToUnixTimeSeconds() >= s.From && time.ToUnixTimeSeconds() <= s.To
                && !(record.IsDated && record.Time < s.LeftOutBefore));
    }

    private static bool IsWithin(DateTimeOffset time, (DateTimeOffset Began, long From, long To) range) =>
        time.ToUnixTimeSeconds() >= range.From && time.ToUnixTimeSeconds() <= range.To;

    /// <summary>Whether records that came about behind it show other times than their own, or none: they make a page look older than it is.</summary>
    private bool IsNearOdd(VendorRecord record, DateTimeOffset visible) => vendor.Records.Any(r =>
        r.Created >= record.Created && r.Created <= visible
        && (r.IsHidden || !r.IsDated || r.Time < r.Created - TimeSpan.FromSeconds(1) || r.RemovedAt < DateTimeOffset.MaxValue));

    private void Learn()
    {
        for (; _known < vendor.Records.Count; _known++) _records.Add(vendor.Records[_known].Id, vendor.Records[_known]);
    }

    private static int VersionOf(EcsEvent e)
    {
        var mark = Encoding.UTF8.GetBytes($"~{e.EventId}.");
        var at = e.Json.Span.IndexOf(mark);
        if (at < 0) return 0;

        var rest = e.Json.Span[(at + mark.Length)..];
        return int.Parse(rest[..rest.IndexOf((byte)'~')], CultureInfo.InvariantCulture);
    }
}

/// <summary>An event as it was committed.</summary>
/// <param name="Version">Of what the record said.</param>
/// <param name="Time">The record's own time; null without one.</param>
internal sealed record Published(string EventId, int Version, EventKey Key, DateTimeOffset? Time, long Commit)
{
    /// <summary>At some commit it was older than <c>known_from</c>, and no later read could bring it again.</summary>
    public bool MayBeForgotten { get; set; }

    /// <summary>The source was read again by hand after that.</summary>
    public bool MayComeAgain { get; set; }
}
