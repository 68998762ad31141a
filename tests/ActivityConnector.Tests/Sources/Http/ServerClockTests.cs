using ActivityConnector.Sources.Http;
using ActivityConnector.Tests.Shared;

namespace ActivityConnector.Tests.Sources.Http;

public class ServerClockTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 28, 10, 0, 0, TimeSpan.Zero);

    private readonly ManualTimeProvider _host = new(Start);
    private readonly ServerClock _clock;

    public ServerClockTests() => _clock = new ServerClock(_host);

    [Fact]
    public void Until_the_vendor_tells_the_time_the_hosts_is_the_present()
    {
        _clock.Observe(null);

        Assert.Equal((Start, null, null), (_clock.Now, _clock.Ahead, _clock.Contradiction));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(-86_400 * 400)]
    [InlineData(1)]
    [InlineData(86_400 * 3)]
    public void The_present_is_the_earlier_of_both_clocks_and_the_vendors_runs_on(int vendorAhead)
    {
        _clock.Observe(Start.AddSeconds(vendorAhead));
        _host.Advance(TimeSpan.FromSeconds(40));

        Assert.Equal(Start.AddSeconds(40 + Math.Min(vendorAhead, 0)), _clock.Now);
        Assert.Equal(TimeSpan.FromSeconds(vendorAhead), _clock.Ahead);
    }

    [Fact]
    public void A_host_clock_that_is_set_forward_does_not_move_the_present_and_one_that_is_set_back_does()
    {
        _clock.Observe(Start);
        _host.Advance(TimeSpan.FromSeconds(10));

        _host.SetWallClock(Start.AddDays(400));
        Assert.Equal(Start.AddSeconds(10), _clock.Now);

        _host.SetWallClock(Start.AddDays(-1));
        Assert.Equal(Start.AddDays(-1), _clock.Now);
    }

    [Theory]
    [InlineData(121, true)]
    [InlineData(120, false)]
    [InlineData(-120, false)]
    [InlineData(-121, true)]
    [InlineData(-86_400, true)]
    public void A_vendor_more_than_two_minutes_ahead_or_behind_is_told(int seconds, bool told)
    {
        _clock.Observe(Start.AddSeconds(seconds));

        Assert.Equal(told ? TimeSpan.FromSeconds(seconds) : null, _clock.Contradiction);

        _clock.Observe(Start);
        Assert.Equal(told ? TimeSpan.FromSeconds(seconds) : null, _clock.Contradiction);

        _clock.Begin();
        Assert.Null(_clock.Contradiction);
        _clock.Observe(Start.AddSeconds(-300));
        _clock.Begin();
        Assert.Equal(TimeSpan.FromSeconds(-300), _clock.Contradiction);
    }

    [Fact]
    public void The_first_moment_there_is_is_no_time()
    {
        _clock.Observe(DateTimeOffset.MinValue);

        Assert.Equal((Start, null), (_clock.Now, _clock.Ahead));
    }

    [Fact]
    public void The_last_moment_there_is_does_no_harm()
    {
        _clock.Observe(DateTimeOffset.MaxValue);
        _host.Advance(TimeSpan.FromDays(1));

        Assert.Equal(Start.AddDays(1), _clock.Now);
    }
}
