using ActivityConnector.Pipeline;
using ActivityConnector.Sources.Sequence;

namespace ActivityConnector.Tests.Sources.Sequence;

/// <summary>What a vendor with records does to a poll: other lists, pages that cannot be read, large records, quiet times.</summary>
public class SequenceListTests
{
    [Fact]
    public void Records_that_the_credential_may_not_see_hide_nothing_that_comes_after_them()
    {
        var life = new SequenceLife();
        life.Add(
            1_000,
            TimeSpan.FromMinutes(1),
            SequenceLife.Start.AddMinutes(-1),
            (r, i) => r with { IsFiltered = i is >= 300 and < 500 or >= 620 and < 680 });

        Assert.Null(life.Run());

        Assert.Equal(740, life.Journal.Published.Count);
        Assert.Empty(life.Missing);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Another_organisations_list_is_refused_with_both_accounts_before_anything_is_given_out(bool acceptsCursor)
    {
        var life = new SequenceLife();
        life.Add(300, TimeSpan.FromHours(1), SequenceLife.Start.AddHours(-1));
        Assert.Null(life.Run());
        var stored = life.Journal.Checkpoint;
        life.Vendor.Records.Clear();
        life.Add(700, TimeSpan.FromMinutes(10), SequenceLife.Start.AddHours(-1), (r, _) => r with { Account = "other-1" });
        life.Vendor.Refuses = _ => !acceptsCursor;

        var error = Assert.IsType<SourceRefusedException>(life.Run());

        Assert.Contains("bb0e", error.Message, StringComparison.Ordinal);
        Assert.Contains("other-1", error.Message, StringComparison.Ordinal);
        Assert.Contains("checkpoint reset", error.Fix, StringComparison.Ordinal);
        Assert.Equal(stored!.Sequence, life.Journal.Checkpoint!.Sequence);
    }

    [Fact]
    public void An_account_that_joins_with_more_than_a_page_while_the_known_one_is_silent_is_not_another_list()
    {
        var life = new SequenceLife();
        life.Vendor.CursorAtEnd = true;
        life.Add(250, TimeSpan.FromHours(1), SequenceLife.Start.AddHours(-1));
        Assert.Null(life.Run());
        life.Add(150, TimeSpan.FromSeconds(1), SequenceLife.Start, (r, _) => r with { Account = "new-1" });

        Assert.Null(life.Run());
        Assert.Empty(life.Missing);
    }

    [Fact]
    public void An_account_that_joins_the_list_is_told_and_taken()
    {
        var life = new SequenceLife();
        life.Vendor.CursorAtEnd = true;
        life.Add(100, TimeSpan.FromHours(1), SequenceLife.Start.AddHours(-1));
        Assert.Null(life.Run());
        life.Add(5, TimeSpan.FromSeconds(1), SequenceLife.Start, (r, _) => r with { Account = "new-1" });

        Assert.Null(life.Run());

        Assert.Equal(["bb0e", "new-1"], life.Journal.Checkpoint!.Cursor!.Accounts);
        Assert.Contains(life.Log.Lines, l => l.Contains("new-1", StringComparison.Ordinal));
        Assert.Empty(life.Missing);
    }

    [Fact]
    public void Records_that_name_no_account_never_refuse()
    {
        var life = new SequenceLife();
        life.Vendor.CursorAtEnd = true;
        life.Add(100, TimeSpan.FromHours(1), SequenceLife.Start.AddHours(-1));
        Assert.Null(life.Run());
        life.Add(5, TimeSpan.FromSeconds(1), SequenceLife.Start, (r, _) => r with { Account = null });

        Assert.Null(life.Run());
        Assert.Empty(life.Missing);
    }

    [Theory]
    [InlineData(50)]
    [InlineData(250)]
    public void A_list_that_held_records_and_is_empty_is_incomplete(int records)
    {
        var life = new SequenceLife();
        life.Add(records, TimeSpan.FromHours(1), SequenceLife.Start.AddHours(-1));
        Assert.Null(life.Run());
        life.Vendor.Records.Clear();

        Assert.IsType<SourceIncompleteException>(life.Run());
    }

    [Fact]
    public void What_lies_beyond_a_record_that_cannot_be_read_is_published_and_the_run_is_incomplete_until_it_can()
    {
        var life = new SequenceLife();
        life.Add(600, TimeSpan.FromHours(1), SequenceLife.Start.AddHours(-1), (r, i) => r with { IsUnreadable = i == 250 });

        Assert.IsType<SourceIncompleteException>(life.Run());
        Assert.Equal(["r000250"], life.Missing);
        var requests = life.Vendor.Sent.Count;
        life.Clock.Advance(TimeSpan.FromMinutes(5));
        life.Add(3, TimeSpan.FromSeconds(1), life.Clock.GetUtcNow());
        Assert.IsType<SourceIncompleteException>(life.Run());
        Assert.Equal(["r000250"], life.Missing);
        Assert.InRange(life.Vendor.Sent.Count - requests, 1, 25);

        life.Vendor.Records[250] = life.Vendor.Records[250] with { IsUnreadable = false };
        Assert.Null(life.Run());

        Assert.Empty(life.Missing);
        Assert.Empty(life.Twice);
        Assert.Null(life.Journal.Checkpoint!.Cursor!.HeadReadTo);
    }

    [Theory]
    [InlineData(598)]
    [InlineData(599)]
    public void A_run_is_up_to_date_again_when_the_newest_records_were_removed_after_a_record_could_not_be_read(int left)
    {
        var life = new SequenceLife();
        life.Vendor.CursorAtEnd = true;
        life.Add(600, TimeSpan.FromHours(1), SequenceLife.Start.AddHours(-1));
        Assert.Null(life.Run());
        life.Add(3, TimeSpan.FromMinutes(1), SequenceLife.Start.AddMinutes(-20), (r, i) => r with { IsUnreadable = i == 1 });
        Assert.IsType<SourceIncompleteException>(life.Run());

        life.Vendor.Records.RemoveRange(left, life.Vendor.Records.Count - left);

        Assert.Null(life.Run());
        Assert.Null(life.Journal.Checkpoint!.Cursor!.HeadReadTo);
    }

    [Fact]
    public void A_vendor_that_answers_nothing_is_unavailable_and_not_incomplete()
    {
        var life = new SequenceLife();
        life.Add(300, TimeSpan.FromHours(1), SequenceLife.Start.AddHours(-1));
        Assert.Null(life.Run());
        life.Vendor.Outage = 500;

        Assert.IsType<SourceUnavailableException>(life.Run());
    }

    [Fact]
    public void Pages_that_are_too_large_are_read_with_a_smaller_limit()
    {
        var life = new SequenceLife();
        life.Add(60, TimeSpan.FromHours(1), SequenceLife.Start.AddHours(-1), (r, _) => r with { Padding = 720_000 });

        Assert.Null(life.Run());

        Assert.Empty(life.Missing);
        Assert.InRange(life.Vendor.Sent.Count, 1, 12);
    }

    [Fact]
    public void Ten_minutes_after_the_last_record_a_poll_reads_only_the_tail()
    {
        var life = new SequenceLife();
        for (var i = 0; i < 20; i++)
        {
            life.Add(113, TimeSpan.FromMilliseconds(200), life.Clock.GetUtcNow());
            Assert.Null(life.Run());
            life.Clock.Advance(TimeSpan.FromSeconds(30));
        }

        life.Clock.Advance(TimeSpan.FromMinutes(11));
        Assert.Null(life.Run());
        var commits = life.Journal.Commits;
        life.Vendor.Sent.Clear();
        for (var i = 0; i < 10; i++)
        {
            Assert.Null(life.Run());
            life.Clock.Advance(TimeSpan.FromSeconds(30));
        }

        // Each run is a process of its own, which asks for one record to see that it may, and for the newest one.
        Assert.Equal(10, life.Vendor.Sent.Count(r => r["limit"] == "100"));
        Assert.Equal(30, life.Vendor.Sent.Count);
        Assert.Equal(commits, life.Journal.Commits);
        Assert.Empty(life.Twice);
    }

    [Fact]
    public void A_sweep_that_stopped_goes_on_where_it_stood()
    {
        var life = new SequenceLife();
        life.Add(9_000, TimeSpan.FromMinutes(2), SequenceLife.Start.AddHours(-1));
        Assert.Null(life.Run());
        var from = SequenceLife.Start.AddDays(-7).ToUnixTimeSeconds();
        var current = life.Journal.Checkpoint!;
        using var source = new SequenceSource(life.Options, life.Vendor, life.Clock, new Random(1), life.Log);
        var all = ReadBatch.All(life.Clock, source.SweepAsync(current, new SweepRun { From = from, To = SequenceLife.Start.ToUnixTimeSeconds() }, default));

        var rest = ReadBatch.All(life.Clock, source.SweepAsync(current, all[0].Sweep!, default));

        Assert.True(all.Count > 2);
        Assert.Equal(all.Skip(1).SelectMany(u => u.Ids), rest.SelectMany(u => u.Ids));
        Assert.InRange(all.Sum(u => u.Records.Count), 7 * 720, 10 * 720);
    }

    [Fact]
    public void A_probe_reads_one_page_of_the_newest()
    {
        var life = new SequenceLife();
        life.Add(300, TimeSpan.FromHours(1), SequenceLife.Start.AddHours(-1));
        using var source = new SequenceSource(life.Options, life.Vendor, life.Clock, new Random(1), life.Log);

        Assert.Equal(100, life.Clock.Run(() => source.ProbeAsync(default).AsTask()));
        Assert.Equal("DESC", life.Vendor.Sent.Single()["sortOrder"]);
    }
}
