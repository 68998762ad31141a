using ActivityConnector.Operations;
using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Shared;

namespace ActivityConnector.Tests.Operations;

/// <summary>What a position that is set by hand brings with it.</summary>
public class MovedCheckpointTests
{
    private static readonly DateTimeOffset Now = Some.Start.AddDays(1);

    [Fact]
    public void A_suspect_range_stays_whole_and_an_accepted_gap_only_up_to_the_new_watermark()
    {
        var (open, accepted) = (Suspect(-1, 0), Suspect(-4, -1) with { Accepted = true });
        var old = With(accepted, open);

        var moved = MovedCheckpoint.Of(old, Some.Start.AddHours(-2), null, Now).Checkpoint.Window!;

        Assert.Equal(Some.Start.AddHours(-2).ToUnixTimeSeconds(), moved.Watermark);
        Assert.Equal([accepted with { To = moved.Watermark }, open], moved.Suspects);
    }

    [Fact]
    public void A_time_in_the_future_is_refused()
    {
        var error = Assert.Throws<ChangeRefusedException>(() => MovedCheckpoint.Of(With(), Now.AddSeconds(1), null, Now));

        Assert.Contains("in the future", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_time_before_every_record_is_refused()
    {
        var error = Assert.Throws<ChangeRefusedException>(() => MovedCheckpoint.Of(With(), DateTimeOffset.MinValue, null, Now));

        Assert.Contains("before 1970", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_time_before_the_start_moves_the_start_with_it_and_says_so()
    {
        var time = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);

        var moved = MovedCheckpoint.Of(With(), time, null, Now);

        Assert.Equal((1_700_000_000, 1_700_000_000), (moved.Checkpoint.Window!.Watermark, moved.Checkpoint.Window.BackfillFrom));
        Assert.Contains(moved.Remarks, remark => remark.Contains("which moves with it", StringComparison.Ordinal));
    }

    [Fact]
    public void A_cursor_that_the_vendor_may_refuse_leaves_the_old_position_to_go_back_to()
    {
        var old = Some.CursorCheckpoint(3);

        var moved = MovedCheckpoint.Of(old, null, "given", Now);

        var position = moved.Checkpoint.Cursor!;
        Assert.Equal(("given", 0L), (position.After, position.Floor));
        Assert.Equal(old.Cursor!.After, position.Days[0].After);
        Assert.Contains(moved.Remarks, remark => remark.Contains("not tried", StringComparison.Ordinal));
    }

    [Fact]
    public void From_when_on_events_are_known_is_said()
    {
        var known = Some.Start.AddDays(-7);

        Assert.Contains(
            MovedCheckpoint.Of(With() with { KnownFrom = known }, Some.Start, null, Now).Remarks,
            remark => remark.Contains("published again", StringComparison.Ordinal));
        Assert.Contains(MovedCheckpoint.Of(With(), Some.Start, null, Now).Remarks, remark => remark.StartsWith("Every event", StringComparison.Ordinal));
    }

    [Fact]
    public void An_accepted_gap_is_not_read_again_and_keeps_no_ids()
    {
        var watermark = Some.Start.ToUnixTimeSeconds();
        var accepted = With(Suspect(-400, -399) with { Accepted = true }).Window!;

        Assert.Equal(watermark - accepted.LookbackSeconds, accepted.ReadsAgainFrom!.Value.ToUnixTimeSeconds());
        Assert.Equal(Suspect(-400, -399).From, With(Suspect(-400, -399)).Window!.ReadsAgainFrom!.Value.ToUnixTimeSeconds());
    }

    private static Checkpoint With(params SuspectRange[] suspects) =>
        Some.Checkpoint(1) with { Window = Some.Checkpoint(1, watermark: Some.Start).Window! with { Suspects = suspects } };

    private static SuspectRange Suspect(int fromHours, int toHours) => new()
    {
        From = Some.Start.AddHours(fromHours).ToUnixTimeSeconds(),
        To = Some.Start.AddHours(toHours).ToUnixTimeSeconds(),
        Cause = "Intercom answered with HTTP status 500.",
        Tries = 1,
        NextAt = 0,
    };
}
