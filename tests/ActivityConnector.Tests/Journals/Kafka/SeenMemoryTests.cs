using ActivityConnector.Journals.Kafka;
using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Shared;

namespace ActivityConnector.Tests.Journals.Kafka;

/// <summary>What may be forgotten, and what never.</summary>
public sealed class SeenMemoryTests
{
    private static readonly TimeSpan Reach = TimeSpan.FromDays(2);

    [Fact]
    public void What_a_sweep_can_reach_is_known_however_much_it_is()
    {
        var memory = new SeenMemory();
        var now = Some.Start;
        Commit(memory, Seen(0, 60_000, now.AddHours(-47)), now);
        Commit(memory, Seen(60_000, 1, now), now);

        Assert.Equal(60_001, memory.Count);
    }

    [Fact]
    public void A_backfill_of_years_keeps_only_what_is_read_again()
    {
        var memory = new SeenMemory();
        var most = 0;
        for (var day = 0; day < 1_000; day++)
        {
            var at = Some.Start.AddDays(day - 1_000);
            Commit(memory, Seen(day * 1_000, 1_000, at), at);
            most = Math.Max(most, memory.Count);
        }

        Assert.InRange(most, 2_000, 5_000);
        Assert.NotNull(memory.Find(Key(999_999, Some.Start.AddDays(-1))));
        Assert.Null(memory.Find(Key(0, Some.Start.AddDays(-1_000))));
    }

    [Fact]
    public void The_last_page_of_a_quiet_source_is_known_although_it_is_years_old()
    {
        var memory = new SeenMemory();
        for (var i = 0; i < 3_000; i++)
        {
            // One record a day: a page of 100 is more than three months long, and read again at every poll.
            var at = Some.Start.AddDays(i - 3_000);
            Commit(memory, Seen(i, 1, at), at);
        }

        Assert.All(Enumerable.Range(3_000 - SeenMemory.KeptAnyway, SeenMemory.KeptAnyway), i => Assert.NotNull(memory.Find(Key(i, Some.Start.AddDays(i - 3_000)))));
        Assert.True(memory.Count < SeenMemory.KeptAnyway + 1_000);
    }

    [Fact]
    public void Events_from_the_future_or_without_a_time_do_not_hold_the_others_for_ever()
    {
        var memory = new SeenMemory();
        for (var day = 0; day < 300; day++)
        {
            var at = Some.Start.AddDays(day - 300);
            Commit(memory, [.. Seen(day * 1_000, 900, at), .. Seen(day * 1_000 + 900, 50, at.AddYears(50)), .. Enumerable.Range(day * 1_000 + 950, 50).Select(i => new SeenEvent(new(Some.Event(i).Key, 0), 1))], at, committed: at);
        }

        Assert.InRange(memory.Count, 2_000, 6_000);
    }

    [Fact]
    public void What_is_stored_is_what_was_known()
    {
        var memory = new SeenMemory();
        var stored = new SortedDictionary<long, byte[]>();
        for (var day = 0; day < 40; day++)
        {
            var at = Some.Start.AddDays(day - 40);
            Store(stored, Commit(memory, Seen(day * 700, day % 3 == 0 ? 700 : 7, at), at));
        }

        var loaded = new SeenMemory();
        foreach (var (number, bytes) in stored)
        {
            loaded.Load(number, bytes, Some.Start);
        }

        Assert.Equal(memory.All(), loaded.All());
        // And it goes on alike.
        Assert.Equal(
            memory.Plan(Seen(99_000, 5, Some.Start), Some.Start, Some.Start - Reach).Dropped,
            loaded.Plan(Seen(99_000, 5, Some.Start), Some.Start, Some.Start - Reach).Dropped);
    }

    /// <summary>A quiet source's youngest segment is old when a burst comes: it is written again with the burst in it, and must stay.</summary>
    [Fact]
    public void A_segment_that_is_written_again_is_not_dropped_in_the_same_commit()
    {
        var memory = new SeenMemory();
        var stored = new SortedDictionary<long, byte[]>();
        Store(stored, Commit(memory, Seen(0, 100, Some.Start.AddDays(-10)), Some.Start.AddDays(-10)));
        var burst = Seen(100, 3_000, Some.Start);
        Store(stored, Commit(memory, burst, Some.Start));

        var loaded = new SeenMemory();
        foreach (var (number, bytes) in stored)
        {
            loaded.Load(number, bytes, Some.Start);
        }

        Assert.All(burst, seen => Assert.Equal(seen.Content, loaded.Find(seen.Key)));
        Assert.Equal(memory.All(), loaded.All());
    }

    [Fact]
    public void A_planned_commit_that_fails_leaves_everything_as_it_was()
    {
        var memory = new SeenMemory();
        Commit(memory, Seen(0, 10, Some.Start), Some.Start);
        memory.Plan(Seen(10, 5_000, Some.Start), Some.Start, Some.Start);

        Assert.Equal(10, memory.Count);
        Assert.Null(memory.Find(Key(10, Some.Start)));
    }

    [Theory]
    [InlineData(new byte[0])]
    [InlineData(new byte[] { 2 })]
    [InlineData(new byte[] { 1, 0, 0 })]
    public void A_damaged_segment_is_refused(byte[] stored) =>
        Assert.Throws<FormatException>(() => new SeenMemory().Load(1, stored, Some.Start));

    private static SeenChange Commit(SeenMemory memory, IReadOnlyList<SeenEvent> events, DateTimeOffset position, DateTimeOffset? committed = null)
    {
        var change = memory.Plan(events, committed ?? Some.Start, position - Reach);
        memory.Apply(change);
        return change;
    }

    private static void Store(SortedDictionary<long, byte[]> stored, SeenChange change)
    {
        foreach (var segment in change.Written)
        {
            stored[segment.Number] = segment.ToBytes();
        }

        foreach (var number in change.Dropped)
        {
            stored.Remove(number);
        }
    }

    private static IReadOnlyList<SeenEvent> Seen(int first, int count, DateTimeOffset at) =>
        [.. Enumerable.Range(first, count).Select(i => new SeenEvent(Key(i, at), (ulong)i))];

    private static EventKey Key(int number, DateTimeOffset at) => new(Some.Event(number).Key, EventKey.HourOf(at));
}
