using ActivityConnector.Operations;
using ActivityConnector.Pipeline;
using ActivityConnector.Sources.Intercom;
using ActivityConnector.Sources.Sequence;
using ActivityConnector.Tests.Shared;

namespace ActivityConnector.Tests.Operations;

public sealed class RestartedCheckpointTests
{
    private static readonly DateTimeOffset Now = Some.Start.AddHours(1);

    [Fact]
    public void A_source_that_is_read_from_its_start_again_keeps_its_pause_and_counts_and_no_range_is_read_on()
    {
        RequestedRange Range(string id, RangeState state) => new()
        {
            Id = id,
            Kind = RangeKind.Backfill,
            State = state,
            Run = new SweepRun { From = 1, To = 2 },
            AskedAt = Some.Start,
        };
        var old = Some.Checkpoint(7) with
        {
            Paused = new Pause("Ada", Some.Start),
            Ranges = [Range("open", RangeState.Open), Range("done", RangeState.Done)],
            Sweep = new SweepProgress { CompletedTo = 5, LateTotal = 3 },
        };

        var restarted = RestartedCheckpoint.Of(old, new IntercomOptions { StartAt = "2026-01-01" }.FirstPosition(Now), Now);

        Assert.Equal(DateTimeOffset.Parse("2026-01-01T00:00:00Z").ToUnixTimeSeconds(), restarted.Window!.BackfillFrom);
        Assert.Equal((old.Paused, old.Totals, true), (restarted.Paused, restarted.Totals, restarted.WasCollectedEarlier));
        Assert.Equal([("open", RangeState.Cancelled), ("done", RangeState.Done)], restarted.Ranges!.Select(range => (range.Id, range.State)));
        Assert.Equal((null, 3), (restarted.Sweep.CompletedTo, restarted.Sweep.LateTotal));
    }

    [Fact]
    public void What_is_not_known_to_be_complete_before_the_new_start_stays_so_and_the_rest_is_read_again()
    {
        var start = DateTimeOffset.Parse("2026-01-01T00:00:00Z").ToUnixTimeSeconds();
        SuspectRange Suspect(long from, long to) => new() { From = from, To = to, Cause = "500", Tries = 2, NextAt = start };
        SuspectRange[] suspects = [Suspect(start - 90, start - 80), Suspect(start - 10, start + 10), Suspect(start, start + 5)];
        var old = Some.Checkpoint(7) with { Window = Some.Checkpoint(7).Window! with { Suspects = suspects } };

        var restarted = RestartedCheckpoint.Of(old, new IntercomOptions { StartAt = "2026-01-01" }.FirstPosition(Now), Now);

        Assert.Equal([Suspect(start - 90, start - 80), Suspect(start - 10, start - 1)], restarted.Suspects);
    }

    [Fact]
    public void Every_commit_may_have_brought_what_lies_beyond_the_beginning_of_a_list()
    {
        var restarted = RestartedCheckpoint.Of(Some.CursorCheckpoint(7), new SequenceOptions().FirstPosition(Now), Now);

        Assert.Equal((null, 0), (restarted.Cursor!.After, restarted.Cursor.FirstReachableCommit));
        Assert.Null(restarted.Window);
    }
}
