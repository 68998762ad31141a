using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Sources;

namespace ActivityConnector.Tests.Pipeline;

/// <summary>Which ranges can be asked for, and what the refusal of the others says.</summary>
public class RangeRequestTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 20, 0, 0, TimeSpan.Zero);

    /// <summary>Collected from a month ago on.</summary>
    private static readonly Checkpoint Collected = Checkpoints.At(Now.AddMinutes(-1)) with
    {
        Window = Checkpoints.At(Now.AddMinutes(-1)).Window! with { BackfillFrom = Now.AddDays(-30).ToUnixTimeSeconds() },
    };

    private static readonly RangeBounds Bounds = new(new DateTimeOffset(2011, 1, 1, 0, 0, 0, TimeSpan.Zero), Now, TimeSpan.FromMinutes(15));

    [Theory]
    [InlineData(-40, -40, RangeKind.Backfill, "Its begin must be before its end")]
    [InlineData(-40, 1, RangeKind.Backfill, "Choose an end up to the present")]
    [InlineData(-40, 0, RangeKind.Backfill, "Choose an end up to 2026-11-21T19:45:00Z")]
    [InlineData(-9_000, -40, RangeKind.Backfill, "Choose a begin from 2011-01-01T00:00:00Z on")]
    [InlineData(-40, -10, RangeKind.Sweep, "bring what is older with 'backfill start'")]
    public void A_range_that_cannot_be_read_is_refused_with_what_can(int fromDays, int toDays, RangeKind kind, string fix)
    {
        var refused = Assert.Throws<ChangeRefusedException>(() => Ask(kind, fromDays, toDays).AddTo(Collected, Bounds));

        Assert.Contains(fix, refused.Fix, StringComparison.Ordinal);
    }

    [Fact]
    public void A_range_that_overlaps_with_an_open_one_is_refused_and_the_same_one_is_that_one()
    {
        var (checkpoint, first) = Ask(RangeKind.Backfill, -90, -40).AddTo(Collected, Bounds);

        var refused = Assert.Throws<ChangeRefusedException>(() => Ask(RangeKind.Backfill, -50, -30).AddTo(checkpoint, Bounds));
        Assert.Contains(first.Id, refused.Message, StringComparison.Ordinal);

        var (same, again) = Ask(RangeKind.Backfill, -90, -40).AddTo(checkpoint, Bounds);
        Assert.Equal(first.Id, again.Id);
        Assert.Single(same.Ranges!);
        Assert.Equal(2, Ask(RangeKind.Backfill, -40, -30).AddTo(checkpoint, Bounds).Checkpoint.Ranges!.Count);
    }

    [Fact]
    public void No_more_than_a_few_wait()
    {
        var checkpoint = Collected;
        for (var i = 0; i < RequestedRange.MostOpen; i++) (checkpoint, _) = Ask(RangeKind.Backfill, -100 + i, -99 + i).AddTo(checkpoint, Bounds);

        var refused = Assert.Throws<ChangeRefusedException>(() => Ask(RangeKind.Backfill, -50, -49).AddTo(checkpoint, Bounds));
        Assert.Contains("backfill cancel", refused.Fix, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_the_journal_forgets_what_was_collected_is_not_published_again_unless_that_is_asked_for()
    {
        var known = Collected with { KnownFrom = Now.AddDays(-7) };

        // Never collected, and known.
        Ask(RangeKind.Backfill, -90, -30).AddTo(known, Bounds);
        Ask(RangeKind.Sweep, -7, -1).AddTo(known, Bounds);

        var refused = Assert.Throws<ChangeRefusedException>(() => Ask(RangeKind.Backfill, -40, -1).AddTo(known, Bounds));
        Assert.Contains("2026-10-22T20:00:00Z..2026-11-14T20:00:00Z would be published again", refused.Message, StringComparison.Ordinal);
        (Ask(RangeKind.Backfill, -40, -1) with { PublishesAgain = true }).AddTo(known, Bounds);
    }

    [Fact]
    public void What_an_earlier_range_or_an_earlier_life_of_the_source_collected_counts_too()
    {
        var known = Collected with { KnownFrom = Now.AddDays(-7) };
        var (checkpoint, first) = Ask(RangeKind.Backfill, -90, -80).AddTo(known, Bounds);
        checkpoint = (first with { State = RangeState.Done, BeganAt = Now, EndedAt = Now }).In(checkpoint);

        var refused = Assert.Throws<ChangeRefusedException>(() => Ask(RangeKind.Backfill, -85, -70).AddTo(checkpoint, Bounds));
        Assert.Contains("2026-08-28T20:00:00Z..2026-09-02T20:00:00Z would be published again", refused.Message, StringComparison.Ordinal);
        Assert.Throws<ChangeRefusedException>(() => Ask(RangeKind.Backfill, -60, -50).AddTo(known with { WasCollectedEarlier = true }, Bounds));
    }

    [Fact]
    public void The_last_ranges_that_ended_are_kept_and_that_others_were_collected_is_remembered()
    {
        var checkpoint = Collected;
        for (var i = 0; i <= RequestedRange.MostEnded; i++)
        {
            Assert.False(checkpoint.WasCollectedEarlier);
            (checkpoint, var asked) = Ask(RangeKind.Backfill, -100 + i, -99 + i).AddTo(checkpoint, Bounds);
            checkpoint = (asked with { State = RangeState.Done, BeganAt = Now, EndedAt = Now }).In(checkpoint);
        }

        Assert.Equal(RequestedRange.MostEnded, checkpoint.Ranges!.Count);
        Assert.Equal(Now.AddDays(-99), checkpoint.Ranges[0].From);
        Assert.True(checkpoint.WasCollectedEarlier);
    }

    [Fact]
    public void Ranges_are_the_same_after_a_round_trip_through_the_stored_text()
    {
        var (checkpoint, asked) = Ask(RangeKind.Sweep, -7, -1).AddTo(Collected, Bounds);
        var begun = asked with { BeganAt = Now, Run = asked.Run with { At = asked.Run.From + 5 }, Counts = new() { Late = 3 }, WorkedMilliseconds = 17 };
        checkpoint = begun.In(checkpoint) with { WasCollectedEarlier = true };

        var again = CheckpointText.Parse(CheckpointText.Serialize(checkpoint));

        Assert.Equal(checkpoint.Ranges, again.Ranges);
        Assert.True(again.WasCollectedEarlier);
        Assert.Throws<JournalCorruptException>(() => CheckpointText.Parse(CheckpointText.Serialize(
            checkpoint with { Ranges = [asked with { Run = asked.Run with { To = asked.Run.From - 1 } }] })));
    }

    [Fact]
    public void The_estimate_is_the_time_that_the_rest_takes_if_it_has_as_many_records()
    {
        var (_, asked) = Ask(RangeKind.Backfill, -50, -40).AddTo(Collected, Bounds);
        Assert.Null(asked.Left);

        var quarter = asked with { Run = asked.Run with { At = asked.Run.From + 216_000 - 1 }, WorkedMilliseconds = 1_000 };
        Assert.Equal((0.25, TimeSpan.FromSeconds(3)), (quarter.Share, quarter.Left));
    }

    private static RangeRequest Ask(RangeKind kind, int fromDays, int toDays) =>
        new(RangeRequest.NewId(), kind, Now.AddDays(fromDays), Now.AddDays(toDays));
}
