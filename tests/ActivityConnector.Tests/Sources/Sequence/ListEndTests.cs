using ActivityConnector.Pipeline;
using ActivityConnector.Sources.Http;
using ActivityConnector.Sources.Sequence;
using static ActivityConnector.Tests.Sources.VendorJson;

namespace ActivityConnector.Tests.Sources.Sequence;

/// <summary>A list ends where the record that the other order begins with was met.</summary>
public class ListEndTests : SequenceFixture
{
    private const string Newest = "sortOrder=DESC&limit=1";

    /// <summary>A position that a walk has moved to.</summary>
    private static CursorPosition At(string? after, params string?[] days) => Checkpoints.After(after).Cursor! with
    {
        At = after is null ? null : Start.AddHours(-6).ToUnixTimeSeconds(),
        Head = after is null ? null : Start.AddHours(-5),
        Days = [.. days.Select(day => new DayCursor(day, 0, 0))],
    };

    [Theory]
    [InlineData("""{"id":"new","createdAt":"2026-11-21T17:00:00Z"}""")]
    [InlineData("""{"id":"new","createdAt":"2026-11-21T20:00:00Z"}""")]
    [InlineData("""{"id":"new","createdAt":"2026-11-22T10:00:00Z"}""")]
    [InlineData("""{"id":"new","createdAt":"2026-11-21T15:00:00Z"}""")] // That of the last one that is read.
    [InlineData("""{"id":"new"}""")]
    public void A_list_that_ends_before_its_newest_record_is_incomplete_until_it_does_not_and_that_is_read_from_the_head(string newest)
    {
        var (shorter, head) = (Items(null, Old("a", 300)), Items(null, newest));
        var position = Checkpoints.Of(At(null));
        for (var i = 0; i < 3; i++)
        {
            // What is not later than the last one that is read may stand elsewhere among records of one time: once more.
            var mayBeMet = i == 0 && (newest.Contains("15:00", StringComparison.Ordinal) || !newest.Contains("createdAt", StringComparison.Ordinal));
            for (var asked = 0; asked < (mayBeMet ? 4 : 2); asked++) Vendor.Answer(shorter, path: "ASC").Answer(head, path: Newest);
            Vendor.Answer(head, path: "sortOrder=DESC");

            var (batches, error) = ReadUntil<SourceIncompleteException>(position);

            Assert.Equal(["a", "new"], batches.SelectMany(u => u.Ids).Distinct());
            Assert.Contains("ends before its newest record", error.Message, StringComparison.Ordinal);
            Assert.Equal((null, null), (batches[^1].Cursor.After, batches[^1].Cursor.TailAt));
            position = Checkpoints.Of(batches[^1].Position);
        }

        Vendor.Answer(Items(null, Old("a", 300), newest)).Answer(head, path: Newest);

        Assert.Null(Read(position)[^1].Cursor.HeadReadTo);
    }

    /// <summary>Everything is older than the cursor, so that the newest record is searched for from an earlier one, and remembered.</summary>
    [Fact]
    public void A_list_whose_last_records_were_removed_is_looked_at_from_an_earlier_cursor_once()
    {
        var (empty, newest) = (Items(null), Items(null, Old("a", 300)));
        var position = At("c1", "d0", "d1", null);
        // The page is empty, so that the list itself is looked at in the beginning, too.
        Vendor.Answer(empty, path: "after=c1").Answer(newest, path: Newest);
        Vendor.Answer(newest, path: Newest).Answer(empty, path: "after=c1").Answer(newest, path: Newest)
            .Answer(Items("c0", Old("z", 400)), path: "after=d1").Answer(newest, path: "after=c0");

        var batches = Read(Checkpoints.Of(position));

        Assert.Equal(["z", "a"], batches.SelectMany(u => u.Ids));
        Assert.Equal(("c0", true), (batches[^1].Cursor.After, batches[^1].NeedsCommit));
        Vendor.Answer(newest, path: "after=c0");

        Assert.Equal(["a"], Read(Checkpoints.Of(batches[^1].Position)).SelectMany(u => u.Ids));
    }

    [Theory]
    [InlineData("the last page leads on when it is asked for again", "a b", "q")]
    [InlineData("the page was empty once", "", "q")]
    [InlineData("the last page holds more when it is asked for again", "a b m q", "")]
    public void A_list_that_ends_early_once_is_read_on(string what, string again, string next)
    {
        var ages = new Dictionary<string, int> { ["a"] = 300, ["b"] = 200, ["m"] = 5, ["q"] = 5 };
        string Page(string ids, string? after = null) =>
            Items(after, [.. ids.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(id => Old(id, ages[id]))]);
        Vendor.Answer(Page(again.Length == 0 ? "" : "a b"), path: "after=c1").Answer(Page("q"), path: Newest);

        // The page is empty, so that the list itself is looked at in the beginning, too.
        if (again.Length == 0) Vendor.Answer(Page("q"), path: Newest);
        Vendor.Answer(Page(again, next.Length > 0 ? "c2" : null), path: "after=c1");
        if (next.Length > 0) Vendor.Answer(Page(next), path: "after=c2");

        var ids = Read(Checkpoints.Of(At("c1", (string?)null))).SelectMany(u => u.Ids);

        Assert.True(ids.SequenceEqual($"{again} {next}".Split(' ', StringSplitOptions.RemoveEmptyEntries)), what);
    }

    [Fact]
    public void The_first_page_of_a_first_run_may_be_empty_once()
    {
        Vendor.Answer("""{"items":[],"pagination":{}}""").Answer(Items(null, Old("a")), path: Newest).Answer(Items(null, Old("a")));

        Assert.Equal(["a"], Read(null).SelectMany(u => u.Ids));
    }

    [Theory]
    [InlineData("a", null)]
    [InlineData("new", "ends before its newest record")]
    public void A_list_whose_newest_records_the_credential_may_not_see_is_compared_with_the_next_ones(string shown, string? problem)
    {
        Vendor.Answer(Items(null, Old("a", 300)), path: "after=c1");
        for (var asked = 0; asked < 2; asked++)
        {
            Vendor.Answer(Items("h"), path: Newest).Answer(Items("n1"), path: "sortOrder=DESC&limit=100");
            for (var i = 2; i <= 8; i++) Vendor.Answer(Items($"n{i}"), path: $"after=n{i - 1}");
            Vendor.Answer(Items(null, Old(shown)), path: "after=n8");
            if (problem is null) break;

            if (asked == 0) Vendor.Answer(Items(null, Old("a", 300)), path: "after=c1");
        }

        if (problem is null)
        {
            Assert.Equal(["a"], Read(Checkpoints.Of(At("c1", (string?)null))).SelectMany(u => u.Ids));
            return;
        }

        Vendor.Answer(Items(null, Old("new")), path: "sortOrder=DESC");
        var (batches, error) = ReadUntil<SourceIncompleteException>(Checkpoints.Of(At("c1", (string?)null)));

        Assert.Equal(["a", "new"], batches.SelectMany(u => u.Ids));
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(500, "", "cannot be compared with its newest record")]
    [InlineData(200, """{"items":[],"pagination":{}}""", "shows no newest one")]
    public void A_list_whose_newest_record_cannot_be_read_is_not_shown_to_be_complete(int status, string body, string problem)
    {
        Vendor.Answer(Items(null, Old("a", 300)));
        for (var i = 0; i < (status == 200 ? 1 : VendorClient.MaxAttempts); i++) Vendor.Answer(body, status, path: Newest);
        if (status == 200) Vendor.Answer(body, path: "sortOrder=DESC&limit=100");
        Vendor.Answer(Items(null, Old("a", 300)), path: "sortOrder=DESC");

        var (_, error) = ReadUntil<SourceIncompleteException>(Checkpoints.Of(At("c1", (string?)null)));

        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    /// <summary>Without an id or a time, or with the time of another: it is known by what identifies it.</summary>
    [Theory]
    [InlineData("""{"createdAt":"2026-11-21T15:00:00Z"}""")]
    [InlineData("""{"id":"b"}""")]
    [InlineData("""{"id":"b","createdAt":"2026-11-21T15:00:00Z"}""")]
    public void The_newest_record_is_met_on_the_last_page(string newest)
    {
        Vendor.Answer(Items(null, newest, Old("a", 300))).Answer(Items(null, newest), path: Newest);

        Read(Checkpoints.Of(At("c1", (string?)null)));
    }

    [Fact]
    public void An_outage_at_the_end_of_the_list_does_not_keep_what_was_read()
    {
        Vendor.Answer(Items(null, Old("a", 300)));
        for (var i = 0; i < VendorClient.MaxAttempts; i++) Vendor.Answer("", 503, path: Newest);

        var (batches, _) = ReadUntil<SourceUnavailableException>(Checkpoints.Of(At("c1", (string?)null)));

        Assert.Equal(["a"], batches.SelectMany(u => u.Ids));
        Assert.All(batches, u => Assert.Null(u.Cursor.TailAt));
    }

    [Theory]
    [InlineData("ASC", "the position's cursor never comes")]
    [InlineData("DESC", "no cursor is stored")]
    public void A_sweep_whose_list_ends_early_once_reads_on(string order, string what)
    {
        var current = Checkpoints.Of(Checkpoints.After("c9").Cursor! with { Days = order == "ASC" ? [new("d8", Days(8), 4), new("d9", Days(9), 3)] : [] });
        var (early, late) = order == "ASC" ? (Old("a", 8 * 1440), Old("late", 180)) : (Young("a"), Old("late", 180));
        Vendor.Answer(Items(null, early)).Answer(Items(null, late), path: $"sortOrder={(order == "ASC" ? "DESC" : "ASC")}&limit=1")
            .Answer(Items("e1", early)).Answer(Items(null, late), path: "after=e1");
        using var source = NewSource();

        var batch = ReadBatch.All(Clock, source.SweepAsync(current, new SweepRun { From = Days(7), To = Days(0) }, default)).Single();

        Assert.True(batch.Ids.Contains("late"), what);
        Vendor.AssertDone();

        static long Days(int ago) => Start.AddDays(-ago).ToUnixTimeSeconds();
    }

    [Fact]
    public void A_sweep_whose_list_goes_on_ending_early_reads_from_the_newest_record_down_and_says_so_if_that_ends_early_too()
    {
        long Days(int ago) => Start.AddDays(-ago).ToUnixTimeSeconds();
        var current = Checkpoints.Of(Checkpoints.After("c9").Cursor! with { Days = [new("d8", Days(8), 4), new("d9", Days(9), 3)] });
        for (var i = 0; i < 2; i++) Vendor.Answer(Items(null, Old("a", 8 * 1440)), path: "after=d9").Answer(Items(null, Old("z")), path: Newest);
        for (var i = 0; i < 2; i++)
        {
            Vendor.Answer(Items(null, Old("z")), path: "sortOrder=DESC&limit=100")
                .Answer(Items(null, Old("first", 90 * 1440)), path: "sortOrder=ASC&limit=1");
        }

        using var source = NewSource();

        var sweep = source.SweepAsync(current, new SweepRun { From = Days(7), To = Days(0) }, default);
        var (batches, _) = ReadBatch.UntilFailure<SourceIncompleteException>(Clock, sweep);

        Assert.Equal(["a", "z"], batches.SelectMany(u => u.Ids));
        Vendor.AssertDone();
    }

    [Fact]
    public void A_list_that_ends_early_at_several_pages_is_read_on_at_each()
    {
        Vendor.Answer(Items(null, Old("a")), path: "after=c1").Answer(Items(null, Old("z")), path: Newest).Answer(Items("c2", Old("a")), path: "after=c1");
        Vendor.Answer(Items(null, Old("b")), path: "after=c2").Answer(Items(null, Old("z")), path: Newest).Answer(Items("c3", Old("b")), path: "after=c2")
            .Answer(Items(null, Old("z")), path: "after=c3");

        Assert.Equal(["a", "b", "z"], Read(Checkpoints.Of(At("c1", (string?)null))).SelectMany(u => u.Ids));
    }

    /// <summary>The vendor breaks ties in the same way in both orders, so that the newest record is not the last one.</summary>
    [Fact]
    public void Records_of_one_time_that_do_not_fit_on_a_page_may_stand_in_the_same_order_both_ways()
    {
        var life = new SequenceLife { Vendor = { TiesStandOneWay = true, CursorAtEnd = true } };
        life.Add(20, TimeSpan.FromDays(1), SequenceLife.Start.AddDays(-10));
        life.Add(250, TimeSpan.Zero, SequenceLife.Start.AddDays(-9));
        for (var i = 0; i < 4; i++)
        {
            Assert.True(life.Run(sweep: i > 1) is null || i == 0, $"run {i}");
            life.Clock.Advance(TimeSpan.FromMinutes(30));
        }

        Assert.Empty(life.Missing);
        Assert.Empty(life.Twice);
    }

    /// <summary>Whatever is removed from the end, one record a day, the cursor at the end stays behind what is left.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_list_whose_newest_records_are_removed_one_after_the_other_stays_up_to_date(bool forgets)
    {
        var life = new SequenceLife(forgets ? TimeSpan.FromDays(7) : null) { Vendor = { CursorAtEnd = true } };
        life.Add(30, TimeSpan.FromDays(1), SequenceLife.Start.AddHours(-1));
        var records = life.Vendor.Records.ToList();
        life.Vendor.Records.Clear();
        foreach (var record in records)
        {
            life.Vendor.Records.Add(record);
            life.Run();
        }

        life.Clock.Advance(TimeSpan.FromHours(1));
        for (var removed = 0; removed < 6; removed++)
        {
            Assert.Null(life.Run());
            life.Vendor.Records.RemoveAt(life.Vendor.Records.Count - 1);
        }

        life.Add(1, TimeSpan.Zero, life.Clock.GetUtcNow(), (item, _) => item with { Id = "r9" });
        Assert.Null(life.Run());
        Assert.Empty(life.Missing);
        Assert.Empty(life.Twice);
    }

    [Fact]
    public void The_newest_record_is_looked_for_again_after_an_outage_and_after_it_was_found()
    {
        var (empty, newest) = (Items(null), Items(null, Old("a", 300)));
        var position = Checkpoints.Of(At("c1", "d0", "d1", null));
        using var source = NewSource();
        for (var i = 0; i < 3; i++)
        {
            // The page is empty, so that the list itself is looked at in the beginning, too.
            Vendor.Answer(empty, path: "after=c1").Answer(newest, path: Newest).Answer(newest, path: Newest)
                .Answer(empty, path: "after=c1").Answer(newest, path: Newest);
            if (i == 0)
            {
                for (var attempt = 0; attempt < VendorClient.MaxAttempts; attempt++) Vendor.Answer("", 503, path: "after=d1");
                ReadBatch.UntilFailure<SourceUnavailableException>(Clock, source.ReadAsync(position, default));
                continue;
            }

            Vendor.Answer(newest, path: "after=d1");
            Assert.Equal(["a"], ReadBatch.All(Clock, source.ReadAsync(position, default)).SelectMany(u => u.Ids));
        }

        Vendor.AssertDone();
    }

    [Fact]
    public void What_is_not_found_from_an_earlier_cursor_either_is_not_looked_for_again()
    {
        var (empty, newest) = (Items(null), Items(null, Old("a", 300)));
        var position = Checkpoints.Of(At("c1", "d0", "d1", null));
        using var source = NewSource();
        for (var i = 0; i < 2; i++)
        {
            // In the end the position is at the beginning of the list.
            var at = i == 0 ? "after=c1" : "sortOrder=ASC&limit=100";
            Vendor.Answer(empty, path: at).Answer(newest, path: Newest).Answer(newest, path: Newest).Answer(empty, path: at).Answer(newest, path: Newest);
            for (var asked = 0; asked < 2 && i == 0; asked++) Vendor.Answer(empty, path: "after=d1").Answer(newest, path: Newest);
            for (var asked = 0; asked < 2 && i == 0; asked++) Vendor.Answer(empty, path: "sortOrder=ASC&limit=100").Answer(newest, path: Newest);
            Vendor.Answer(newest, path: "sortOrder=DESC&limit=100");

            var (batches, _) = ReadBatch.UntilFailure<SourceIncompleteException>(Clock, source.ReadAsync(position, default));
            position = Checkpoints.Of(batches[^1].Position);
            Assert.NotNull(position.Cursor!.NotMet);
        }

        Vendor.AssertDone();
    }

    /// <summary>Where the list is sorted by time, every later record stands before one of the future.</summary>
    [Fact]
    public void The_position_does_not_move_behind_a_record_of_the_future_but_past_it()
    {
        var future = """{"id":"future","createdAt":"2099-01-01T00:00:00Z"}""";
        Vendor.Answer(Items("c2", Old("a"), future)).Answer(Items(null));

        Assert.Equal("c1", Read(Checkpoints.Of(At("c1", (string?)null)))[^1].Cursor.After);
        Vendor.Answer(Items("c2", Old("a"), future)).Answer(Items("c3", Old("b"))).Answer(Items(null));

        Assert.Equal("c3", Read(Checkpoints.Of(At("c1", (string?)null)))[^1].Cursor.After);
    }

    [Fact]
    public void The_newest_records_that_are_hidden_are_gone_through_once()
    {
        var life = new SequenceLife { Vendor = { CursorAtEnd = true } };
        life.Add(900, TimeSpan.FromMinutes(1), SequenceLife.Start.AddHours(-1), (item, i) => item with { IsFiltered = i > 100 });
        using var source = new SequenceSource(life.Options, life.Vendor, life.Clock, new Random(1), Log);
        Checkpoint? stored = null;
        int Poll()
        {
            var before = life.Vendor.Sent.Count;
            stored = Checkpoints.Of(ReadBatch.All(life.Clock, source.ReadAsync(stored, default)).LastOrDefault()?.Position ?? stored!.Position);
            life.Clock.Advance(TimeSpan.FromMinutes(30));
            return life.Vendor.Sent.Count - before;
        }

        Poll();
        Poll();

        Assert.InRange(Poll(), 1, 6);
    }

    /// <summary>Where undated records stand last, every later record stands before them.</summary>
    [Fact]
    public void The_position_does_not_move_behind_an_undated_record_that_dated_ones_precede()
    {
        Vendor.Answer(Items("c2", Old("a"), """{"id":"undated"}""")).Answer(Items(null));

        Assert.Equal("c1", Read(Checkpoints.After("c1"))[^1].Cursor.After);
    }

    [Fact]
    public void A_list_that_leads_on_behind_its_end_with_another_cursor_each_time_ends_there()
    {
        Vendor.Answer(Items("n0", Old("a")), path: "after=c1");
        for (var i = 1; i <= 30; i++) Vendor.Answer(Items($"n{i}"), path: $"after=n{i - 1}");

        Assert.NotNull(Read(Checkpoints.Of(At("c1", (string?)null)))[^1].Cursor.TailAt);
    }

    [Fact]
    public void A_list_that_gives_its_last_record_again_with_another_cursor_each_time_ends_there_and_the_position_stays()
    {
        Vendor.Answer(Items("n1", Old("a")), path: "after=c1");
        for (var i = 2; i <= 31; i++) Vendor.Answer(Items($"n{i}", Old("a")), path: $"after=n{i - 1}");
        var first = Read(Checkpoints.Of(At("c1", (string?)null)))[^1].Cursor;
        for (var i = 2; i <= 31; i++) Vendor.Answer(Items($"m{i}", Old("a")), path: $"after={(i == 2 ? "n1" : $"m{i - 1}")}");

        var second = Read(Checkpoints.Of(first))[^1].Cursor;

        Assert.Equal(("n1", "n1"), (first.After, second.After));
        Assert.NotNull(second.TailAt);
    }

    [Fact]
    public void The_record_before_the_beginning_of_a_walk_that_has_read_others_is_not_its_end()
    {
        Vendor.Answer(Items("c2", Old("b")), path: "after=c1").Answer(Items(null), path: "after=c2").Answer(Items(null, Old("b")), path: Newest);
        var position = Read(Checkpoints.Of(At("c1", (string?)null)))[^1].Position;
        Vendor.Answer(Items(null, Old("m")), path: "after=c2").Answer(Items(null, Old("b")), path: Newest)
            .Answer(Items(null, Old("m"), Old("n")), path: "after=c2").Answer(Items(null, Old("n")), path: Newest);

        Assert.Equal(["m", "n"], Read(Checkpoints.Of(position)).SelectMany(u => u.Ids));
    }

    [Fact]
    public void An_earlier_cursor_at_which_no_page_can_be_read_does_not_become_the_position()
    {
        var (empty, newest) = (Items(null), Items(null, Old("a", 300)));
        Vendor.Answer(empty, path: "after=c1").Answer(newest, path: Newest).Answer(newest, path: Newest)
            .Answer(empty, path: "after=c1").Answer(newest, path: Newest)
            .Answer("", 400, path: "after=d1");
        for (var attempt = 0; attempt < VendorClient.MaxAttempts; attempt++) Vendor.Answer("", 503, path: "sortOrder=ASC&limit=100");

        var (batches, _) = ReadUntil<SourceUnavailableException>(Checkpoints.Of(At("c1", "d0", "d1", null)));

        Assert.All(batches, batch => Assert.Equal("c1", batch.Cursor.After));
    }

    [Fact]
    public void An_earlier_cursor_is_gone_back_to_once()
    {
        var (empty, newest) = (Items(null), Items(null, Old("a", 300)));
        Vendor.Answer(empty, path: "after=c1").Answer(newest, path: Newest).Answer(newest, path: Newest)
            .Answer(empty, path: "after=c1").Answer(newest, path: Newest);
        for (var asked = 0; asked < 2; asked++) Vendor.Answer(empty, path: "sortOrder=ASC&limit=100").Answer(newest, path: Newest);
        Vendor.Answer(newest, path: "sortOrder=DESC&limit=100");

        ReadUntil<SourceIncompleteException>(Checkpoints.Of(At("c1", "d0", null)));
    }

    /// <summary>Not all that is known beyond the position was met, so that the journal may not forget it.</summary>
    [Fact]
    public void What_an_operator_skips_is_not_met_after_an_unreadable_page_either()
    {
        Vendor.Answer(Items(null)).Answer(Items(null, Old("skipped")), path: Newest).Answer(Items(null, Old("skipped")), path: Newest);
        for (var again = 0; again < 3; again++) Vendor.Answer(Items(null), path: "after=given").Answer(Items(null, Old("skipped")), path: Newest);

        var batches = Read(Checkpoints.Of(At("given", "d0", "d1") with { IsGiven = true, HeadReadTo = 1 }));

        Assert.Null(batches[^1].Cursor.HeadReadTo);
        Assert.All(batches, batch => Assert.False(batch.IsTail));
    }

    /// <summary>The newest record is the first of its time in both orders: meeting it does not show that nothing follows.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Hidden_pages_between_records_of_one_time_are_not_the_end_of_the_list(bool hasFreshCursors)
    {
        var life = new SequenceLife { Vendor = { TiesStandOneWay = true, HasFreshCursors = hasFreshCursors } };
        life.Add(50, TimeSpan.FromHours(1), SequenceLife.Start.AddDays(-2));
        life.Add(2_506, TimeSpan.Zero, SequenceLife.Start.AddHours(-5), (item, i) => item with { IsFiltered = i is > 0 and <= 2_500 });

        life.Run();

        Assert.Empty(life.Missing);
    }

    /// <summary>Of a list that is empty, hidden from the credential, or has lost its newest records.</summary>
    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(1_000, 1_000, 0)]
    [InlineData(400, 0, 1)]
    [InlineData(400, 0, 150)]
    public void A_list_that_leads_on_behind_its_end_stays_up_to_date_and_costs_some_hundred_requests(int records, int hidden, int removed)
    {
        var life = new SequenceLife { Vendor = { HasFreshCursors = true } };
        life.Add(records, TimeSpan.FromHours(1), SequenceLife.Start.AddHours(-1), (item, i) => item with { IsFiltered = i < hidden });
        Assert.Null(life.Run());
        life.Vendor.Records.RemoveRange(records - removed, removed);
        for (var i = 0; i < 3; i++)
        {
            life.Clock.Advance(TimeSpan.FromMinutes(30));
            life.Vendor.Sent.Clear();
            Assert.Null(life.Run());
        }

        Assert.InRange(life.Vendor.Sent.Count, 1, 550);
        life.Add(1, TimeSpan.Zero, life.Clock.GetUtcNow(), (item, _) => item with { Id = "r999999" });
        Assert.Null(life.Run());
        Assert.Empty(life.Missing);
        Assert.Empty(life.Twice);
    }

    [Fact]
    public void What_an_operator_skips_is_not_read_from_the_head_either()
    {
        var life = new SequenceLife();
        life.Add(800, TimeSpan.FromMinutes(10), SequenceLife.Start.AddHours(-1));
        var all = life.Vendor.Records.ToList();
        life.Vendor.Records.RemoveRange(100, 700);
        Assert.Null(life.Run());
        life.Vendor.Records.AddRange(all[100..600]);
        life.Vendor.Records.Add(all[600] with { IsUnreadable = true });
        life.Vendor.Records.AddRange(all[601..]);
        var stored = life.Journal.Checkpoint!;
        life.Journal.Set(stored with
        {
            Cursor = stored.Cursor! with { After = "r000599", At = null, IsGiven = true, Head = all[599].At, Last = null },
        });

        Assert.IsType<SourceIncompleteException>(life.Run());

        Assert.DoesNotContain("r000300", life.Journal.Published);
        Assert.Contains("r000799", life.Journal.Published);
    }

    [Fact]
    public void A_record_that_is_met_does_not_end_the_list_at_a_later_page_that_ends_early()
    {
        Vendor.Answer(Items(null, Old("a")), path: "after=c1")
            .Answer(Items(null, Old("b")), path: Newest)
            .Answer(Items("c2", Old("a"), Old("b")), path: "after=c1")
            .Answer(Items(null, Old("c")), path: "after=c2")
            .Answer(Items(null, Old("z")), path: Newest)
            .Answer(Items(null, Old("c"), Old("z")), path: "after=c2");

        Assert.Equal(["a", "b", "c", "z"], Read(Checkpoints.Of(At("c1", (string?)null))).SelectMany(u => u.Ids));
    }

    /// <summary>Only the credential's part of one page counts, and the cursor is made of its last record.</summary>
    [Fact]
    public void A_newest_record_that_is_hidden_may_leave_a_page_without_a_cursor()
    {
        Vendor.Answer(Items(null, Old("a")))
            .Answer("""{"items":[],"pagination":{}}""", path: Newest)
            .Answer(Items(null, Old("a")), path: "sortOrder=DESC&limit=100");

        Read(Checkpoints.Of(At("c1", (string?)null)));
    }

    [Fact]
    public void What_an_operator_skips_is_not_looked_for()
    {
        // The page is empty, so that the list itself is looked at in the beginning, too.
        Vendor.Answer(Items(null)).Answer(Items(null, Old("skipped")), path: Newest).Answer(Items(null, Old("skipped")), path: Newest);
        for (var again = 0; again < 3; again++) Vendor.Answer(Items(null), path: "after=given").Answer(Items(null, Old("skipped")), path: Newest);

        Assert.Empty(Read(Checkpoints.Of(At("given", "d0", "d1") with { IsGiven = true })).SelectMany(u => u.Ids));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_lies_beyond_an_unreadable_page_is_read_from_the_head_until_the_list_has_really_ended_there(bool endsEarly)
    {
        Vendor.Answer(Items(null, Old("a", 900))).Answer(Items(null, Old("z")), path: Newest)
            .Answer(Items(null, Old("a", 900))).Answer(Items(null, Old("z")), path: Newest);
        for (var asked = 0; asked < (endsEarly ? 2 : 1); asked++)
        {
            Vendor.Answer(Items(null, Old("z")), path: "sortOrder=DESC&limit=100")
                .Answer(Items(null, Old(endsEarly ? "a" : "z", 900)), path: "sortOrder=ASC&limit=1");
        }

        var (batches, _) = ReadUntil<SourceIncompleteException>(Checkpoints.Of(At(null) with { Head = Start.AddHours(-15) }));

        Assert.Equal(endsEarly, batches[^1].Cursor.HeadReadTo is null);
    }
}
