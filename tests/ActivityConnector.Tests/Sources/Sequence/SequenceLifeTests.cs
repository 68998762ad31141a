using ActivityConnector.Operations;

namespace ActivityConnector.Tests.Sources.Sequence;

/// <summary>Every record once, with the real collector and a journal that forgets all that it may, or nothing.</summary>
public class SequenceLifeTests
{
    private static readonly TimeSpan Week = TimeSpan.FromDays(7);

    public static TheoryData<bool> Journals => [true, false];

    [Theory]
    [MemberData(nameof(Journals))]
    public void A_quiet_list_is_published_once_for_ever(bool forgets)
    {
        var life = New(forgets);
        life.Add(60, TimeSpan.FromDays(3), SequenceLife.Start.AddDays(-1));

        for (var day = 0; day < 40; day++)
        {
            Assert.Null(life.Run(sweep: true));
            life.Clock.Advance(TimeSpan.FromDays(1));
        }

        AssertOnce(life);
    }

    [Theory]
    [MemberData(nameof(Journals))]
    public void A_record_with_an_old_date_is_published_once_and_does_not_end_a_sweep(bool forgets)
    {
        var life = New(forgets);
        life.Add(400, TimeSpan.FromHours(1), SequenceLife.Start.AddMinutes(-30), (r, i) =>
            i == 390 ? r with { Text = "2001-01-01T00:00:00Z" } : i == 270 ? r with { Visible = SequenceLife.Start.AddHours(2) } : r);

        for (var day = 0; day < 20; day++)
        {
            Assert.Null(life.Run(sweep: true));
            life.Clock.Advance(TimeSpan.FromHours(12));
        }

        AssertOnce(life);
        Assert.Equal(1, life.Journal.Checkpoint!.Totals.Late);
    }

    [Theory]
    [MemberData(nameof(Journals))]
    public void A_first_page_without_times_is_passed_and_published_once(bool forgets)
    {
        var life = New(forgets);
        life.Add(3_000, TimeSpan.FromHours(3), SequenceLife.Start.AddHours(-1), (r, i) => i < 100 ? r with { Text = "" } : r);

        for (var run = 0; run < 5; run++)
        {
            Assert.Null(life.Run(sweep: run > 2));
            life.Clock.Advance(TimeSpan.FromMinutes(11));
        }

        AssertOnce(life);
        Assert.Equal("r002899", life.Journal.Checkpoint!.Cursor!.After);
    }

    [Theory]
    [MemberData(nameof(Journals))]
    public void When_all_cursors_are_refused_nothing_is_published_twice_or_lost(bool forgets)
    {
        var life = New(forgets);
        life.Add(5_000, TimeSpan.FromHours(1), SequenceLife.Start.AddHours(-1));
        Assert.Null(life.Run());
        life.Add(300, TimeSpan.FromMinutes(1), SequenceLife.Start.AddHours(6));
        life.Clock.Advance(TimeSpan.FromHours(7));
        life.Vendor.Refuses = _ => life.Vendor.Sent.TakeLast(40).All(r => r["after"].Length > 0);

        Assert.Null(life.Run());
        life.Vendor.Refuses = _ => false;
        for (var day = 0; day < 12; day++)
        {
            Assert.Null(life.Run(sweep: true));
            life.Clock.Advance(TimeSpan.FromDays(1));
        }

        AssertOnce(life);
        Assert.Null(life.Journal.Checkpoint!.Cursor!.SkipBefore);
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(true, 2)]
    [InlineData(false, 2)]
    public void When_all_cursors_are_refused_after_an_operator_has_set_one_nothing_is_published_twice_or_lost(bool forgets, int times)
    {
        var life = New(forgets);
        life.Add(2_000, TimeSpan.FromHours(1), SequenceLife.Start.AddHours(-1));
        for (var day = 1; day < 15; day++)
        {
            Assert.Null(life.Run(sweep: true));
            life.Add(24, TimeSpan.FromHours(1), SequenceLife.Start.AddDays(day).AddHours(-1));
            life.Clock.Advance(TimeSpan.FromDays(1));
        }

        // No page after these cursors has a cursor itself, so that the position stays there.
        for (var i = 0; i < times; i++)
        {
            Assert.Null(life.Run(sweep: true));
            var old = life.Journal.Checkpoint!;
            var moved = MovedCheckpoint.Of(old, null, $"r00{life.Vendor.Records.Count - 20 + i}", life.Clock.GetUtcNow());
            life.Journal.Set(moved.Checkpoint with { Sequence = old.Sequence + 1 });
            Assert.Null(life.Run());
            life.Clock.Advance(TimeSpan.FromDays(20));
        }

        Assert.Equal(forgets, life.Journal.KnownCount < life.Vendor.Records.Count);
        Assert.Null(life.Journal.Checkpoint!.Cursor!.At);
        var sent = life.Vendor.Sent.Count;
        // Until the list is asked for from its beginning, which the question for the account does once, too.
        life.Vendor.Refuses = _ => life.Vendor.Sent.Skip(sent).Count(r => r["after"].Length == 0 && r["sortOrder"] == "ASC") < 2;

        Assert.Null(life.Run(sweep: true));
        life.Vendor.Refuses = _ => false;
        Assert.Null(life.Run(sweep: true));

        AssertOnce(life);
    }

    [Fact]
    public void A_sweep_begins_before_records_of_the_page_before_a_position_that_an_operator_set_again()
    {
        // By the middle of its page, the position is old; the last records of that page are young, and one of them comes late.
        var life = New(forgets: false);
        life.Add(60, TimeSpan.FromDays(2), SequenceLife.Start.AddDays(-20));
        life.Add(40, TimeSpan.FromMinutes(1), SequenceLife.Start.AddHours(-2), (r, i) => i == 20 ? r with { Visible = SequenceLife.Start.AddHours(3) } : r);
        life.Add(30, TimeSpan.FromSeconds(1), SequenceLife.Start.AddMinutes(-30));
        Assert.Null(life.Run(sweep: true));
        var old = life.Journal.Checkpoint!;
        life.Journal.Set(MovedCheckpoint.Of(old, null, old.Cursor!.After, life.Clock.GetUtcNow()).Checkpoint with { Sequence = old.Sequence + 1 });

        life.Clock.Advance(TimeSpan.FromDays(1));
        Assert.Null(life.Run(sweep: true));

        AssertOnce(life);
    }

    [Fact]
    public void A_sweep_does_not_begin_at_a_cursor_that_an_operator_gave()
    {
        var life = New(forgets: false);
        life.Add(2_000, TimeSpan.FromHours(1), SequenceLife.Start.AddHours(-1), (r, i) => i == 1_980 ? r with { Visible = SequenceLife.Start.AddHours(1) } : r);
        Assert.Null(life.Run(sweep: true));
        foreach (var cursor in new[] { "r001996", "r001997", "r001998" })
        {
            var old = life.Journal.Checkpoint!;
            life.Journal.Set(MovedCheckpoint.Of(old, null, cursor, life.Clock.GetUtcNow()).Checkpoint with { Sequence = old.Sequence + 1 });
        }

        life.Clock.Advance(TimeSpan.FromDays(1));
        Assert.Null(life.Run(sweep: true));

        AssertOnce(life);
    }

    /// <summary>The later ones have found faults.</summary>
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 20), 32, 34, 92, 264, 266];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Whatever_the_vendor_does_every_record_is_published_once_when_it_has_come_to_rest(int seed)
    {
        var random = new Random(seed);
        var forgets = seed % 2 == 0;
        var life = new SequenceLife(forgets ? Week : null, random);
        life.Options.PageSize = random.Next(3) == 0 ? 7 : 20;
        life.Vendor.CursorAtEnd = random.Next(2) == 0;
        life.Vendor.RepeatsCursorAtEnd = random.Next(2) == 0;
        life.Vendor.BindsCursorsToLimit = random.Next(4) == 0;
        var undated = random.Next(3) == 0;
        var filtered = random.Next(3) == 0;
        var refusing = random.Next(3) == 0;
        var days = random.Next(20, 60);
        var now = SequenceLife.Start.AddDays(-days);
        while (now < SequenceLife.Start.AddDays(days))
        {
            now += random.Next(30) == 0 ? TimeSpan.FromDays(random.Next(1, 10)) : TimeSpan.FromMinutes(random.Next(1, 300));
            var burst = random.Next(20) == 0 ? random.Next(2, 60) : 1;
            var kind = random.Next(30);
            for (var i = 0; i < burst; i++)
            {
                var late = random.Next(20) switch
                {
                    0 => TimeSpan.FromMinutes(random.Next(600)),
                    1 or 2 => TimeSpan.FromSeconds(random.Next(590)),
                    _ => TimeSpan.Zero,
                };
                life.Vendor.Records.Add(new StoredItem($"r{life.Vendor.Records.Count:000000}", now, now + late)
                {
                    Text = undated && kind is 0 or 1 ? ""
                        : kind == 2 && !refusing && late < TimeSpan.FromMinutes(10) ? "2001-01-01T00:00:00Z"
                        : kind == 3 ? "2999-01-01T00:00:00Z"
                        : null,
                    IsFiltered = filtered && kind is > 5 and < 20,
                });
            }
        }

        var sweptAt = DateTimeOffset.MinValue;
        while (life.Clock.GetUtcNow() < SequenceLife.Start.AddDays(days + 3))
        {
            life.Vendor.FaultRate = random.Next(5) == 0 ? 0.05 : 0;
            life.Vendor.Outage = random.Next(20) == 0 ? 503 : null;
            var refused = refusing ? random.Next(12) : 99;
            var lost = random.Next(2) == 0 ? life.Journal.Checkpoint?.Cursor?.After : "~";
            life.Vendor.Refuses = refused switch { 0 => id => string.CompareOrdinal(id, lost) <= 0, 1 => id => id == lost, _ => _ => false };
            var sweep = life.Clock.GetUtcNow() - sweptAt > TimeSpan.FromHours(20);
            if (sweep) sweptAt = life.Clock.GetUtcNow();
            if (random.Next(10) == 0) life.Options.PageSize = random.Next(5, 30);
            life.Run(sweep);
            life.Clock.Advance(random.Next(30) switch
            {
                0 => TimeSpan.FromDays(random.Next(1, 12)),
                1 or 2 => TimeSpan.FromSeconds(30),
                _ => TimeSpan.FromMinutes(random.Next(30, 600)),
            });
        }

        (life.Vendor.FaultRate, life.Vendor.Outage, life.Vendor.Refuses) = (0, null, _ => false);
        for (var i = 0; i < 3; i++)
        {
            life.Clock.Advance(TimeSpan.FromMinutes(30));
            Assert.Null(life.Run(sweep: true));
        }

        AssertOnce(life);
    }

    private static SequenceLife New(bool forgets) => new(forgets ? Week : null);

    private static void AssertOnce(SequenceLife life)
    {
        Assert.Empty(life.Twice);
        Assert.Empty(life.Missing);
    }
}
