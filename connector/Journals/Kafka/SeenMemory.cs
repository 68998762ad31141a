using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ActivityConnector.Pipeline;

namespace ActivityConnector.Journals.Kafka;

/// <summary>
/// The known events of one source, about 55 bytes each. They are stored in segments, each a record of the checkpoints topic: a commit
/// rewrites the youngest one or adds others. Now and then a commit carries a pass, which forgets what no later read can bring again.
/// </summary>
/// <remarks>
/// An event is forgotten only when it has a time of its own, its hour is before everything that is read again by time (the position, the
/// sweeps), and every commit of its segment is earlier than <see cref="SourcePosition.FirstReachableCommit"/>. A pass is due when a quarter
/// more events are known than after the last one: so it costs little for each event, and memory stays in proportion to what must be known.
/// Not thread-safe.
/// </remarks>
/// <param name="knownFrom">See <see cref="KnownFrom"/>.</param>
/// <param name="rewritten">A segment is rewritten until it has so many events: what a busy source writes beside its events stays small.</param>
/// <param name="fewestNew">No pass runs for fewer new events.</param>
/// <param name="longest">No segment that is written has more events.</param>
internal sealed class SeenMemory(
    DateTimeOffset? knownFrom, int rewritten = SeenMemory.Rewritten, int fewestNew = SeenMemory.FewestNew, int longest = SeenMemory.Longest)
{
    public const int Rewritten = 256;
    public const int FewestNew = 4_096;

    /// <summary>No segment has more events than these, which are far below the size of a message where <paramref name="longest"/> does not say less.</summary>
    private const int Longest = 8_192;

    private readonly int _longest = Math.Min(longest, Longest);

    /// <summary>One pass changes no more segments and rewrites about as many events; the next commit continues with it.</summary>
    private const int MostSegments = 1_000;
    private const int MostRewritten = 32_768;

    private readonly Dictionary<Id, Known> _known = [];
    private readonly Dictionary<int, (long First, long Last)> _segments = [];

    /// <summary>The events of the youngest segment as long as it is rewritten.</summary>
    private IReadOnlyList<SeenEvent> _open = [];
    private int _youngest;

    /// <summary>How many events were known after the last pass.</summary>
    private int _stayed;

    /// <summary>The last segment that the pass under way has looked at; 0 = no pass is under way.</summary>
    private int _passed;

    public int Count => _known.Count;

    /// <summary>Dated events before this time may have been forgotten; null = none was. Never goes back.</summary>
    public DateTimeOffset? KnownFrom { get; private set; } = knownFrom;

    /// <summary>What is known of the event, or null.</summary>
    public KnownEvent? Find(EventKey key) =>
        _known.TryGetValue(Id.Of(key), out var known) ? new KnownEvent(known.Content, _segments[known.Segment].First) : null;

    /// <summary>In no order.</summary>
    public IEnumerable<SeenEvent> All() => _known.Select(known => new SeenEvent(known.Key.Key, known.Value.Content));

    /// <summary>Takes a stored segment in; to be called in the order of their numbers.</summary>
    public void Load(SeenSegment segment)
    {
        var count = _known.Count + segment.Events.Count;
        if (count > _known.Capacity)
        {
            // By itself it doubles.
            _known.EnsureCapacity(count + (count / 4));
        }

        foreach (var seen in segment.Events) _known[Id.Of(seen.Key)] = new(seen.Content, segment.Number);

        _segments[segment.Number] = (segment.First, segment.Last);
        _youngest = segment.Number;
        // One of an older format would make its events' commit unknown for the new ones too.
        _open = segment.Events.Count < rewritten && segment.First > 0 ? segment.Events : [];
    }

    /// <summary>What a commit of these new events changes; nothing is changed before <see cref="Apply"/>.</summary>
    /// <param name="next">The checkpoint of the commit.</param>
    /// <param name="longestReach">How far back before the present of the commit a sweep may look.</param>
    public SeenChange Plan(IReadOnlyList<SeenEvent> events, Checkpoint next, TimeSpan longestReach)
    {
        // A sweep under way relies on the time from which on events were known when it began, and may read below its own range.
        var isDue = next.Sweep.Run is null && (_passed > 0 || Count + events.Count - _stayed >= Math.Max(fewestNew, _stayed / 4));
        var pass = isDue ? Pass(next, longestReach) : null;
        return new([.. Added(events, next.Sequence)], pass, pass is { HasChanges: true } ? Later(KnownFrom, pass.From) : KnownFrom);
    }

    /// <summary>What new events change that are told of beside the checkpoint; nothing is forgotten for them.</summary>
    /// <param name="commit">The number that the next commit has.</param>
    public SeenChange Plan(IReadOnlyList<SeenEvent> events, long commit) => new([.. Added(events, commit)], null, KnownFrom);

    /// <summary>The change is committed.</summary>
    public void Apply(SeenChange change)
    {
        if (change.Pass is { } pass)
        {
            Forget(pass);
            KnownFrom = change.KnownFrom;
        }

        foreach (var segment in change.Added) Load(segment);
    }

    private IEnumerable<SeenSegment> Added(IReadOnlyList<SeenEvent> events, long commit)
    {
        if (events.Count == 0) yield break;

        // After a reset commits are numbered from 1 again: no segment has numbers of both kinds.
        var isOpen = _open.Count > 0 && _segments[_youngest].Last <= commit;
        var (number, first) = isOpen ? (_youngest, _segments[_youngest].First) : (_youngest + 1, commit);
        foreach (var some in (isOpen ? _open : []).Concat(events).Chunk(_longest))
        {
            yield return new(number++, first, commit, some);
            first = commit;
        }
    }

    private SeenPass Pass(Checkpoint next, TimeSpan longestReach)
    {
        var before = HourBefore(next, longestReach, KnownFrom);
        var (dropped, shortened, written, passed) = (new List<int>(), new Dictionary<int, List<SeenEvent>>(), 0, 0);
        foreach (var (number, (all, going)) in Candidates(before, next.Position.FirstReachableCommit ?? long.MaxValue).OrderBy(c => c.Key))
        {
            if (going == all)
            {
                dropped.Add(number);
            }
            else if (going * 2 >= all && all - going <= _longest)
            {
                shortened.Add(number, new List<SeenEvent>(all - going));
                written += all - going;
            }

            if (dropped.Count + shortened.Count >= MostSegments || written >= MostRewritten)
            {
                passed = number;
                break;
            }
        }

        foreach (var (id, known) in shortened.Count > 0 ? _known : [])
        {
            if (shortened.TryGetValue(known.Segment, out var stays) && !id.IsBefore(before)) stays.Add(new(id.Key, known.Content));
        }

        return new(before, dropped, [.. shortened.Select(s => new SeenSegment(s.Key, _segments[s.Key].First, _segments[s.Key].Last, s.Value))], passed);
    }

    /// <summary>Of each segment that the pass looks at: how many events it has, and how many of them may go.</summary>
    private Dictionary<int, (int All, int Going)> Candidates(uint before, long floor)
    {
        var candidates = _segments.Where(s => before > 0 && s.Key > _passed && s.Key != _youngest && s.Value.Last < floor)
            .ToDictionary(s => s.Key, _ => (All: 0, Going: 0));
        foreach (var (id, known) in candidates.Count > 0 ? _known : [])
        {
            ref var count = ref CollectionsMarshal.GetValueRefOrNullRef(candidates, known.Segment);
            if (!Unsafe.IsNullRef(in count)) count = (count.All + 1, count.Going + (id.IsBefore(before) ? 1 : 0));
        }

        return candidates;
    }

    /// <summary>Dated events before this hour cannot come again because of their time. 0 = any may.</summary>
    private static uint HourBefore(Checkpoint next, TimeSpan longestReach, DateTimeOffset? knownFrom)
    {
        if (next.Position.ReadsAgainFrom is not { } again) return 0;

        var from = Math.Min(again.ToUnixTimeSeconds(), next.CommittedAt.ToUnixTimeSeconds() - (long)Math.Ceiling(longestReach.TotalSeconds));
        from = Math.Min(from, next.Sweep.CompletedTo ?? from);
        from = Math.Min(from, (next.Sweep.BeganAt - longestReach)?.ToUnixTimeSeconds() ?? from);

        // What a requested range is yet to read again; below that time it may have been forgotten already, and the operator was told. A list is read by
        // cursors, not by time: what was read of it may come again.
        var known = knownFrom?.ToUnixTimeSeconds() ?? long.MinValue;
        foreach (var run in next.OpenRanges.Select(range => range.Run).Where(run => run.To >= known))
        {
            var rest = next.Window is null ? run.From : (run.At + 1) ?? run.From;
            from = Math.Min(from, Math.Max(rest, known));
        }

        return (uint)Math.Clamp(from / 3600, 0, uint.MaxValue);
    }

    private static DateTimeOffset Later(DateTimeOffset? a, DateTimeOffset b) => a > b ? a.Value : b;

    private void Forget(SeenPass pass)
    {
        var changed = pass.Rewritten.Select(segment => segment.Number).Concat(pass.Dropped).ToHashSet();
        foreach (var (id, known) in changed.Count > 0 ? _known : [])
        {
            if (changed.Contains(known.Segment) && id.IsBefore(pass.Before)) _known.Remove(id);
        }

        foreach (var number in pass.Dropped) _segments.Remove(number);

        if (_known.Count < _known.Capacity / 4) _known.TrimExcess(_known.Count * 2);

        (_passed, _stayed) = (pass.Passed, _known.Count);
    }

    /// <summary>An <see cref="EventKey"/> in 20 bytes.</summary>
    [StructLayout(LayoutKind.Sequential, Pack = 4)]
    private readonly record struct Id(ulong High, ulong Low, uint Hour)
    {
        public EventKey Key => new(new(High, Low), Hour);

        public static Id Of(EventKey key) => new((ulong)(key.Key >> 64), (ulong)key.Key, key.Hour);

        public bool IsBefore(uint hour) => Hour != 0 && Hour < hour;

        // It is part of a digest: any of its bits will do.
        public override int GetHashCode() => (int)Low;
    }

    [StructLayout(LayoutKind.Sequential, Pack = 4)]
    private readonly record struct Known(ulong Content, int Segment);
}

/// <summary>What a commit changes in a <see cref="SeenMemory"/>.</summary>
/// <param name="Added">New segments, and the youngest one with more events in it.</param>
/// <param name="Pass">What is forgotten; null when the commit carries no pass.</param>
/// <param name="KnownFrom"><see cref="SeenMemory.KnownFrom"/> once it is committed.</param>
internal sealed record SeenChange(IReadOnlyList<SeenSegment> Added, SeenPass? Pass, DateTimeOffset? KnownFrom)
{
    public IEnumerable<SeenSegment> Written => Pass is null ? Added : Added.Concat(Pass.Rewritten);

    public IEnumerable<int> Dropped => Pass is null ? [] : Pass.Dropped;
}

/// <summary>What one pass over the segments forgets.</summary>
/// <param name="Before">Dated events before this hour since the Unix epoch go from the segments that are named.</param>
/// <param name="Dropped">The numbers of segments of which nothing stays.</param>
/// <param name="Rewritten">Segments of which at least half goes, with what stays.</param>
/// <param name="Passed">The segment after which the next commit continues with the pass; 0 = it is at its end.</param>
internal sealed record SeenPass(uint Before, IReadOnlyList<int> Dropped, IReadOnlyList<SeenSegment> Rewritten, int Passed)
{
    public bool HasChanges => Dropped.Count + Rewritten.Count > 0;

    public DateTimeOffset From => DateTimeOffset.UnixEpoch.AddHours(Before);
}
