using System.Buffers.Binary;
using ActivityConnector.Journals.Kafka;
using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Shared;

namespace ActivityConnector.Tests.Journals.Kafka;

/// <summary>What may be forgotten, and what never.</summary>
public sealed class SeenMemoryTests
{
    private static readonly TimeSpan Reach = TimeSpan.FromDays(2);

    /// <summary>Windows and cursors, backfills and present, undated, old-dated and future records, sweeps, outages, restarts, lost commits.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void What_can_be_read_again_is_known_after_every_commit(int seed)
    {
        var random = new Random(seed);
        var isCursor = seed % 2 == 0;
        var log = new CheckpointsLog(Some.Intercom);
        var memory = new SeenMemory(null);
        var all = new List<(EventKey Key, ulong Content, long Commit)>();
        var (present, reached, floor, limit, forgotten) = (Some.Start, Some.Start.AddDays(-400), 0L, 0L, 0);
        long? completed = null;
        for (var commit = 1L; commit <= 80; commit++)
        {
            present += TimeSpan.FromMinutes(random.Next(1, 600));
            reached = random.Next(4) > 0 ? Earlier(present, reached.AddHours(random.Next(1, 300))) : reached;
            completed = random.Next(6) == 0 ? (present - TimeSpan.FromHours(random.Next(100))).ToUnixTimeSeconds() : completed;
            var run = random.Next(6) == 0
                ? new SweepRun { From = (present - TimeSpan.FromHours(random.Next(40, 150))).ToUnixTimeSeconds(), To = present.ToUnixTimeSeconds() }
                : null;
            long? first = null;
            if (isCursor)
            {
                floor = random.Next(5) switch { 0 => commit + 1, 1 or 2 => random.NextInt64(floor, commit + 1), _ => floor };
                first = floor > commit ? null : floor;
            }

            var next = At(commit, present, reached, isCursor, first, isAnyTime: random.Next(10) == 0) with
            {
                Sweep = new() { CompletedTo = completed, Run = run },
            };
            var events = Enumerable.Range(0, random.Next(3) == 0 ? random.Next(4) : random.Next(2_500))
                .Select(i => new SeenEvent(new(Some.Event(all.Count + i).Key, Hour(random, reached)), (ulong)random.NextInt64())).ToList();
            var change = memory.Plan(events, next, Reach);
            if (random.Next(8) == 0)
            {
                // The transaction was lost: neither is it stored, nor does the memory know of it.
                AssertSame(log.Read().Memory(), memory);
                commit--;
                floor = Math.Min(floor, commit + 1);
                continue;
            }

            log.Commit(change, next with { KnownFrom = change.KnownFrom });
            memory.Apply(change);
            all.AddRange(events.Select(e => (e.Key, e.Content, commit)));
            AssertSame(memory, log.Read().Memory());
            if (next.Position.ReadsAgainFrom is { } again)
            {
                long[] bounds = [again.ToUnixTimeSeconds(), (present - Reach).ToUnixTimeSeconds(), completed ?? long.MaxValue, run?.From ?? long.MaxValue];
                limit = Math.Max(limit, bounds.Min() / 3600);
            }

            Assert.True(memory.KnownFrom is not { } known || known.ToUnixTimeSeconds() <= limit * 3600);
            var claimed = memory.KnownFrom?.ToUnixTimeSeconds() ?? 0;
            forgotten = 0;
            foreach (var (key, content, brought) in all)
            {
                var found = memory.Find(key);
                if (found is { } it)
                {
                    Assert.Equal(content, it.Content);
                    Assert.InRange(it.Commit, 1, brought);
                    continue;
                }

                forgotten++;
                Assert.False(key.Hour == 0, "An undated event is forgotten.");
                Assert.True(key.Hour < limit, "An event is forgotten that is read again by its time.");
                Assert.True(key.Hour * 3600L < claimed, "An event is forgotten that is not before known_from.");
                Assert.True(!isCursor || brought < floor, "An event is forgotten that lies beyond the position.");
            }

            if (random.Next(10) == 0) memory = log.Read().Memory();
        }

        Assert.InRange(forgotten, all.Count / 4, all.Count);
    }

    /// <summary>To the hour: what is one hour older may go, what is of the hour itself may be read again.</summary>
    [Theory]
    [InlineData("position")]
    [InlineData("sweep range")]
    [InlineData("completed sweep")]
    public void The_hour_from_which_on_events_are_read_again_is_known_and_the_one_before_may_go(string bound)
    {
        var present = Some.Start.AddDays(30);
        var from = Some.Start.AddMinutes(25);
        var next = At(3, present, bound == "position" ? from.AddSeconds(900) : present, isCursor: false);
        next = bound switch
        {
            "sweep range" => next with { CommittedAt = from + Reach },
            "completed sweep" => next with { Sweep = new() { CompletedTo = from.ToUnixTimeSeconds() } },
            _ => next,
        };
        var memory = new SeenMemory(null);
        // In one segment, more than half of which may go.
        Apply(memory, [.. Seen(0, 5_000, Some.Start.AddHours(-1)), .. Seen(5_000, 100, Some.Start)], At(1, Some.Start, Some.Start, isCursor: false));
        Apply(memory, Seen(6_000, 1, present), At(2, Some.Start, Some.Start, isCursor: false));
        Apply(memory, Seen(7_000, 5_000, present), next);

        Assert.Equal(Some.Start, memory.KnownFrom);
        Assert.Null(memory.Find(Key(0, Some.Start.AddHours(-1))));
        Assert.Null(memory.Find(Key(4_999, Some.Start.AddHours(-1))));
        Assert.All(Enumerable.Range(5_000, 100), i => Assert.NotNull(memory.Find(Key(i, Some.Start))));
    }

    /// <summary>It reads below its own range, and relies on what was known when it began.</summary>
    [Fact]
    public void While_a_sweep_is_under_way_nothing_is_forgotten()
    {
        var present = Some.Start.AddDays(30);
        var run = new SweepRun { From = present.ToUnixTimeSeconds(), To = present.ToUnixTimeSeconds() + 1 };
        var memory = new SeenMemory(null);
        Apply(memory, Seen(0, 5_000, Some.Start), At(1, Some.Start, Some.Start, isCursor: false));
        Apply(memory, Seen(6_000, 1, present), At(2, Some.Start, Some.Start, isCursor: false));

        Apply(memory, Seen(7_000, 5_000, present), At(3, present, present, isCursor: false) with { Sweep = new() { Run = run } });
        Assert.NotNull(memory.Find(Key(0, Some.Start)));
        Assert.Null(memory.KnownFrom);

        Apply(memory, Seen(13_000, 1, present), At(4, present, present, isCursor: false));
        Assert.Null(memory.Find(Key(0, Some.Start)));
    }

    /// <summary>The position was set back by hand: older events may go, and those that went before are still not known.</summary>
    [Fact]
    public void The_time_from_which_on_events_are_known_never_goes_back()
    {
        var memory = new SeenMemory(Some.Start);
        Apply(memory, Seen(0, 5_000, Some.Start.AddDays(-30)), At(1, Some.Start, Some.Start.AddDays(-40), isCursor: false));
        Apply(memory, Seen(6_000, 1, Some.Start), At(2, Some.Start, Some.Start.AddDays(-40), isCursor: false));
        Apply(memory, Seen(7_000, 5_000, Some.Start), At(3, Some.Start, Some.Start.AddDays(-20), isCursor: false));

        Assert.Null(memory.Find(Key(0, Some.Start.AddDays(-30))));
        Assert.Equal(Some.Start, memory.KnownFrom);
    }

    [Fact]
    public void A_backfill_of_years_keeps_only_what_is_read_again()
    {
        var memory = new SeenMemory(null);
        var most = 0;
        for (var day = 0; day < 1_000; day++)
        {
            var at = Some.Start.AddDays(day - 1_000);
            Apply(memory, Seen(day * 1_000, 1_000, at), At(day + 1, Some.Start, at, isCursor: false));
            most = Math.Max(most, memory.Count);
        }

        Assert.InRange(most, 1_000, 12_000);
        Assert.NotNull(memory.Find(Key(999_999, Some.Start.AddDays(-1))));
        Assert.Null(memory.Find(Key(0, Some.Start.AddDays(-1_000))));
        Assert.InRange(memory.KnownFrom!.Value, Some.Start.AddDays(-20), Some.Start.AddDays(-1));
    }

    [Fact]
    public void One_event_that_must_stay_does_not_keep_the_others()
    {
        var memory = new SeenMemory(null);
        var log = new CheckpointsLog(Some.Intercom);
        for (var day = 0; day < 300; day++)
        {
            var at = Some.Start.AddDays(day - 300);
            var next = At(day + 1, at, at, isCursor: false);
            var change = Apply(
                memory, [.. Seen(day * 1_000, 990, at), .. Undated((day * 1_000) + 990, 5), .. Seen((day * 1_000) + 995, 5, at.AddYears(50))], next);
            log.Commit(change, next with { KnownFrom = change.KnownFrom });
        }

        Assert.All(Enumerable.Range(0, 300), day => Assert.NotNull(memory.Find(new(Some.Event((day * 1_000) + 990).Key, 0))));
        Assert.InRange(memory.Count, 3_000, 15_000);
        Assert.InRange(log.Written, 600, 1_300);
    }

    /// <summary>Its last pages are months old, and are read again at every poll.</summary>
    [Fact]
    public void What_a_quiet_source_read_last_is_known_although_it_is_years_old()
    {
        var memory = new SeenMemory(null);
        for (var i = 0; i < 12_000; i++)
        {
            var at = Some.Start.AddDays(i - 12_000);
            Apply(memory, Seen(i, 1, at), At(i + 1, at, at, isCursor: true, first: Math.Max(1, i - 250)));
        }

        Assert.All(Enumerable.Range(11_749, 251), i => Assert.NotNull(memory.Find(Key(i, Some.Start.AddDays(i - 12_000)))));
        Assert.InRange(memory.Count, 251, 6_000);
    }

    [Fact]
    public void Nothing_is_forgotten_while_any_record_may_come_again()
    {
        var memory = new SeenMemory(null);
        for (var i = 0; i < 20; i++)
        {
            Apply(memory, Seen(i * 1_000, 1_000, Some.Start.AddYears(-5)), At(i + 1, Some.Start, Some.Start, isCursor: true, isAnyTime: true));
        }

        Assert.Equal((20_000, null), (memory.Count, memory.KnownFrom));
    }

    [Fact]
    public void A_long_pass_is_shared_out_over_commits_and_goes_on_where_it_stopped()
    {
        var memory = new SeenMemory(null);
        for (var number = 1; number <= 2_500; number++)
        {
            memory.Load(new(number, number, number, Seen(number * 2, 2, Some.Start.AddDays(-10))));
        }

        var dropped = new List<int>();
        for (var commit = 2_501; commit <= 2_503; commit++)
        {
            var change = Apply(memory, [], At(commit, Some.Start, Some.Start, isCursor: false));
            Assert.InRange(change.Dropped.Count(), 1, 1_000);
            dropped.AddRange(change.Dropped);
        }

        // The youngest is still written to.
        Assert.Equal(Enumerable.Range(1, 2_499), dropped);
        Assert.Equal(2, memory.Count);
    }

    /// <summary>Numbers begin at 1 again; the position, once more at the tail, names the earliest of both kinds.</summary>
    [Fact]
    public void After_a_reset_what_was_brought_before_it_stays_as_long_as_it_can_be_reached()
    {
        var old = Some.Start.AddYears(-1);
        var memory = new SeenMemory(null);
        var number = 500L;
        for (; number <= 504; number++)
        {
            Apply(memory, Seen((int)number * 10, 10, old), At(number, Some.Start, Some.Start, isCursor: true, first: 0));
        }

        var reported = memory.Find(Key(5_000, old))!.Value.Commit;
        Assert.Equal(500, reported);
        for (number = 1; number <= 10; number++)
        {
            Apply(memory, Seen((int)number * 10_000, 1_000, old), At(number, Some.Start, Some.Start, isCursor: true, first: 6));
        }

        Assert.All(Enumerable.Range(5_000, 50), i => Assert.Equal(500, memory.Find(Key(i, old))!.Value.Commit));
        Assert.All(Enumerable.Range(60_000, 1_000), i => Assert.InRange(memory.Find(Key(i, old))!.Value.Commit, 1, 6));
        Assert.Null(memory.Find(Key(10_000, old)));
    }

    [Fact]
    public void Events_of_an_older_build_are_known_without_their_content_and_their_commit()
    {
        var key = Key(1, Some.Start.AddDays(-10));
        var stored = new byte[29];
        stored[0] = 1;
        BinaryPrimitives.WriteUInt32BigEndian(stored.AsSpan(1), key.Hour);
        BinaryPrimitives.WriteUInt128BigEndian(stored.AsSpan(5), key.Key);
        BinaryPrimitives.WriteUInt64BigEndian(stored.AsSpan(21), 99);
        var memory = new SeenMemory(null);
        memory.Load(SeenSegment.Parse(1, stored));
        Apply(memory, Seen(10, 6_000, Some.Start), At(2, Some.Start, Some.Start, isCursor: true, first: 0));

        Assert.Equal(new KnownEvent(0, 0), memory.Find(key));
        Assert.Equal(2, memory.Find(Key(10, Some.Start))!.Value.Commit);

        Apply(memory, Seen(7_000, 6_000, Some.Start), At(3, Some.Start, Some.Start, isCursor: true, first: 1));
        Assert.Null(memory.Find(key));
    }

    [Theory]
    [InlineData(new byte[0])]
    [InlineData(new byte[] { 3 })]
    [InlineData(new byte[] { 1, 0, 0 })]
    [InlineData(new byte[] { 2 })]
    [InlineData(new byte[] { 2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 9 })]
    public void A_damaged_segment_is_refused(byte[] stored) => Assert.Throws<FormatException>(() => SeenSegment.Parse(1, stored));

    [Fact]
    public void Keys_that_differ_in_one_part_only_are_different()
    {
        var memory = new SeenMemory(null);
        Apply(memory, [new(new(7, 1), 10), new(new(7, 2), 20), new(new(((UInt128)1 << 64) + 7, 1), 30)], At(1, Some.Start, Some.Start, isCursor: false));

        Assert.Equal(10UL, memory.Find(new(7, 1))!.Value.Content);
        Assert.Equal(20UL, memory.Find(new(7, 2))!.Value.Content);
        Assert.Equal(30UL, memory.Find(new(((UInt128)1 << 64) + 7, 1))!.Value.Content);
        Assert.Null(memory.Find(new(((UInt128)1 << 64) + 7, 2)));
    }

    [Fact]
    public void What_a_requested_range_reads_again_stays_known_until_it_has_ended_and_what_it_brings_from_before_does_not()
    {
        var memory = new SeenMemory(null);
        var (reached, old) = (Some.Start, Some.Start.AddDays(-100));
        RequestedRange Range(DateTimeOffset from, DateTimeOffset to, RangeState state = RangeState.Open) => new()
        {
            Id = $"{from:O}",
            Kind = RangeKind.Sweep,
            State = state,
            Run = new SweepRun { From = from.ToUnixTimeSeconds(), To = to.ToUnixTimeSeconds() },
            AskedAt = Some.Start,
        };
        Checkpoint With(long commit, params RequestedRange[] ranges) => At(commit, Some.Start, reached, isCursor: false) with { Ranges = ranges };
        var open = Range(old.AddDays(-1), old.AddDays(1));
        Apply(memory, Seen(0, 5_000, old), With(1, open));
        Apply(memory, Seen(5_000, 5_000, old), With(2, open));
        Assert.NotNull(memory.Find(Key(0, old)));

        // It has ended: the next passes forget.
        Apply(memory, Seen(10_000, 5_000, old), With(3));
        Apply(memory, Seen(15_000, 5_000, old), With(4));
        Assert.Null(memory.Find(Key(0, old)));
        Assert.NotNull(memory.KnownFrom);

        // A range that lies wholly before what is known relies on nothing.
        var before = Range(old.AddDays(-50), old.AddDays(-49));
        for (var i = 0; i < 5; i++) Apply(memory, Seen(20_000 + (5_000 * i), 5_000, old.AddDays(-49.5)), With(5 + i, before));

        Assert.Null(memory.Find(Key(20_000, old.AddDays(-49.5))));
    }

    /// <summary>A range that is read by time does not come back to what it has read; one of a list may begin again.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Of_a_range_that_is_read_by_time_only_what_it_is_yet_to_read_is_kept(bool isCursor)
    {
        var memory = new SeenMemory(null);
        var (first, most) = (Some.Start.AddDays(-90), 0);
        for (var day = 0; day < 90; day++)
        {
            var reached = first.AddDays(day + 1);
            var run = new SweepRun { From = first.ToUnixTimeSeconds(), To = Some.Start.ToUnixTimeSeconds() - 1, At = reached.ToUnixTimeSeconds() - 1 };
            Apply(memory, Seen(day * 1_000, 1_000, reached.AddHours(-1)), At(day + 1, Some.Start, Some.Start, isCursor) with
            {
                Ranges = [new() { Id = "a", Kind = RangeKind.Backfill, State = RangeState.Open, Run = run, AskedAt = Some.Start }],
            });
            most = Math.Max(most, memory.Count);
        }

        Assert.InRange(most, isCursor ? 90_000 : 1_000, isCursor ? 90_000 : 12_000);
    }

    [Fact]
    public void What_a_range_that_is_read_by_time_is_yet_to_read_again_stays_known()
    {
        var memory = new SeenMemory(null);
        var (first, reached) = (Some.Start.AddDays(-90), Some.Start.AddDays(-60));
        var run = new SweepRun { From = first.ToUnixTimeSeconds(), To = Some.Start.ToUnixTimeSeconds() - 1, At = reached.ToUnixTimeSeconds() - 1 };
        var range = new RequestedRange { Id = "a", Kind = RangeKind.Sweep, State = RangeState.Open, Run = run, AskedAt = Some.Start };
        Apply(memory, Seen(0, 5_000, reached.AddHours(-1)), At(1, Some.Start, Some.Start, isCursor: false));
        Apply(memory, Seen(5_000, 5_000, reached), At(2, Some.Start, Some.Start, isCursor: false) with { Ranges = [range] });
        for (var i = 2; i < 6; i++)
        {
            Apply(memory, Seen(i * 5_000, 5_000, Some.Start), At(i + 1, Some.Start, Some.Start, isCursor: false) with { Ranges = [range] });
        }


        Assert.Null(memory.Find(Key(0, reached.AddHours(-1))));
        Assert.All(Enumerable.Range(5_000, 5_000), i => Assert.NotNull(memory.Find(Key(i, reached))));
        Assert.Equal(reached, memory.KnownFrom);
    }

    private static SeenChange Apply(SeenMemory memory, IReadOnlyList<SeenEvent> events, Checkpoint next)
    {
        var change = memory.Plan(events, next, Reach);
        memory.Apply(change);
        return change;
    }

    private static Checkpoint At(long commit, DateTimeOffset present, DateTimeOffset reached, bool isCursor, long? first = null, bool isAnyTime = false)
    {
        var checkpoint = Some.Checkpoint(commit, watermark: reached) with { CommittedAt = present };
        return isCursor
            ? checkpoint with
            {
                Window = null,
                Cursor = new() { After = "a", Limit = 100, Floor = first, At = isAnyTime ? null : reached.ToUnixTimeSeconds() },
            }
            : checkpoint;
    }

    private static void AssertSame(SeenMemory expected, SeenMemory actual)
    {
        Assert.Equal((expected.Count, expected.KnownFrom), (actual.Count, actual.KnownFrom));
        Assert.All(expected.All(), seen => Assert.Equal(expected.Find(seen.Key), actual.Find(seen.Key)));
    }

    /// <summary>Near the position mostly; also undated, years old, or from the future.</summary>
    private static uint Hour(Random random, DateTimeOffset reached) => random.Next(60) switch
    {
        0 => 0,
        1 => EventKey.HourOf(reached.AddDays(-random.Next(4_000))),
        2 => EventKey.HourOf(reached.AddYears(30)),
        _ => EventKey.HourOf(reached.AddHours(-random.Next(80))),
    };

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;

    private static IReadOnlyList<SeenEvent> Undated(int first, int count) =>
        [.. Enumerable.Range(first, count).Select(i => new SeenEvent(new(Some.Event(i).Key, 0), (ulong)i))];

    private static IReadOnlyList<SeenEvent> Seen(int first, int count, DateTimeOffset at) =>
        [.. Enumerable.Range(first, count).Select(i => new SeenEvent(Key(i, at), (ulong)i))];

    private static EventKey Key(int number, DateTimeOffset at) => new(Some.Event(number).Key, EventKey.HourOf(at));
}
