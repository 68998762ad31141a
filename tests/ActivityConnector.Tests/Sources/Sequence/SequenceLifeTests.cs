using ActivityConnector.Pipeline;

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

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, int.Parse(Environment.GetEnvironmentVariable("SEEDS") ?? "24", System.Globalization.CultureInfo.InvariantCulture))];

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
                var late = random.Next(20) switch { 0 => TimeSpan.FromMinutes(random.Next(600)), 1 or 2 => TimeSpan.FromSeconds(random.Next(590)), _ => TimeSpan.Zero };
                life.Vendor.Records.Add(new StoredItem($"r{life.Vendor.Records.Count:000000}", now, now + late)
                {
                    Text = undated && kind is 0 or 1 ? "" : kind == 2 && !refusing && late < TimeSpan.FromMinutes(10) ? "2001-01-01T00:00:00Z" : kind == 3 ? "2999-01-01T00:00:00Z" : null,
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
            var had = life.Twice.Count();
            var end = life.Run(sweep);
            if (Environment.GetEnvironmentVariable("DEBUGSEED") == $"{seed}")
            {
                var c = life.Journal.Checkpoint;
                System.IO.File.AppendAllText("/tmp/w/seq-debug.txt", $"{life.Clock.GetUtcNow():u} sweep={sweep} refused={refused} limit={life.Options.PageSize} end={end?.Message} after={c?.Cursor?.After} at={T(c?.Cursor?.At)} skip={T(c?.Cursor?.SkipBefore)} floor={c?.Cursor?.Floor} first={c?.Position.FirstReachableCommit} seq={c?.Sequence} known={c?.KnownFrom:u} swept={T(c?.Sweep.CompletedTo)} run={T(c?.Sweep.Run?.From)} days={string.Join(",", c?.Cursor?.Days.Select(d => d.After + "@" + T(d.At) + "#" + d.Floor) ?? [])} {(life.Twice.Count() > had ? "TWICE " + string.Join(",", life.Twice.Take(5)) : "")} log={life.Log.Lines.LastOrDefault(l => l.StartsWith("Error"))}\n");
                life.Log.Lines.Clear();
            }
            life.Clock.Advance(random.Next(30) switch { 0 => TimeSpan.FromDays(random.Next(1, 12)), 1 or 2 => TimeSpan.FromSeconds(30), _ => TimeSpan.FromMinutes(random.Next(30, 600)) });
        }

        (life.Vendor.FaultRate, life.Vendor.Outage, life.Vendor.Refuses) = (0, null, _ => false);
        for (var i = 0; i < 3; i++)
        {
            Assert.Null(life.Run(sweep: true));
            life.Clock.Advance(TimeSpan.FromMinutes(30));
        }

        AssertOnce(life);
    }

    private static string T(long? t) => t is null ? "" : DateTimeOffset.FromUnixTimeSeconds(t.Value).ToString("MMdd-HHmm", System.Globalization.CultureInfo.InvariantCulture);

    private static SequenceLife New(bool forgets) => new(forgets ? Week : null);

    private static void AssertOnce(SequenceLife life)
    {
        Assert.Empty(life.Twice);
        Assert.Empty(life.Missing);
    }
}
