using ActivityConnector.Pipeline;

namespace ActivityConnector.Tests.Sources.Intercom;

/// <summary>Law 9: the present is the earlier of two clocks, and no position is beyond it.</summary>
public class IntercomClockTests : IntercomFixture
{
    [Fact]
    [Trait("EdgeCase", "54")]
    public void A_date_three_days_ahead_in_two_answers_moves_no_position_and_is_told()
    {
        for (var i = 0; i < 600; i++) Store.Add($"{i:000}", Start.AddHours(-5).AddSeconds(i * 29));
        Store.BeforeAnswer = number => Store.Skew = TimeSpan.FromDays(number is 2 or 3 ? 3 : 0);

        var (batches, error) = ReadStoreUntil<SourceClockException>(Checkpoints.At(Start.AddHours(-6), span: 3600));

        Assert.Equal(Store.Records.Select(r => r.Id), Ids(batches));
        Assert.Equal(Second(Start) - 60, batches[^1].Window.Watermark);
        Assert.Contains("3.00:00:00", error.Message, StringComparison.Ordinal);
        Clock.Advance(TimeSpan.FromMinutes(1));
        Store.BeforeAnswer = _ => Store.Skew = TimeSpan.Zero;
        ReadStore(Checkpoints.Of(batches[^1].Position));
    }

    [Theory]
    [Trait("EdgeCase", "54")]
    [InlineData(-7200)]
    [InlineData(-60)]
    [InlineData(0)]
    [InlineData(60)]
    [InlineData(7200)]
    [InlineData(259_200)]
    public void No_watermark_is_beyond_the_earlier_clock_less_the_settle_time(int vendorAhead)
    {
        Store.Skew = TimeSpan.FromSeconds(vendorAhead);
        var present = Start.AddSeconds(Math.Min(0, vendorAhead));
        var from = Checkpoints.At(present.AddHours(-5));

        var batches = Math.Abs(vendorAhead) > 120 ? ReadStoreUntil<SourceClockException>(from).Batches : ReadStore(from);

        Assert.Equal(Second(present) - 60, batches[^1].Window.Watermark);
        Assert.All(batches, u => Assert.True(u.Window.Watermark <= Second(present) - 60));
    }

    [Theory]
    [Trait("EdgeCase", "54")]
    [InlineData(300, "until the present has reached it")]
    [InlineData(86_400, "checkpoint set intercom --watermark")]
    public void A_watermark_beyond_the_present_reads_nothing_and_is_no_success(int seconds, string fix)
    {
        var (batches, error) = ReadStoreUntil<SourceClockException>(Checkpoints.At(Start.AddSeconds(seconds)));

        Assert.Empty(batches);
        Assert.Contains(fix, error.Fix, StringComparison.Ordinal);
        Assert.Contains("et the host's clock", error.Fix, StringComparison.Ordinal);
    }

    [Fact]
    public void One_answer_with_an_old_date_does_not_stop_the_source_for_ever()
    {
        using var source = NewSourceOfStore();
        var position = ReadBatch.All(Clock, source.ReadAsync(TwoHoursAgo, default))[^1].Window;
        Clock.Advance(TimeSpan.FromMinutes(2));
        Store.Skew = TimeSpan.FromHours(-5);
        ReadBatch.UntilFailure<SourceClockException>(Clock, source.ReadAsync(Checkpoints.Of(position), default));
        Store.Skew = TimeSpan.Zero;
        Clock.Advance(TimeSpan.FromMinutes(2));

        var batches = ReadBatch.All(Clock, source.ReadAsync(Checkpoints.Of(position), default));

        Assert.Equal(Second(Clock.GetUtcNow()) - 60, batches[^1].Window.Watermark);
    }

    [Fact]
    public void A_sweep_whose_end_is_beyond_the_present_is_not_complete()
    {
        var run = new SweepRun { From = Second(Start.AddHours(-5)), To = Second(Start.AddHours(1)) };

        var (batches, _) = ReadBatch.UntilFailure<SourceClockException>(Clock, NewSourceOfStore().SweepAsync(TwoHoursAgo, run, default));

        Assert.Equal(Second(Start) - 60, batches[^1].Sweep!.At);
    }
}
