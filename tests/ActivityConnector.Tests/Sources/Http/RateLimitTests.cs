using ActivityConnector.Sources.Http;
using ActivityConnector.Tests.Shared;

namespace ActivityConnector.Tests.Sources.Http;

public class RateLimitTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 20, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("the reset counts from the server's own clock", 0, 30, 30)]
    [InlineData("a host that is a day behind waits no longer", 86_400, 30, 30)]
    [InlineData("a reset in the past is no wait", 0, -5, 0)]
    [InlineData("a reset in a week is a minute", 0, 604_800, 60)]
    public void The_wait_until_reset(string what, int serverAhead, int resetIn, int expected)
    {
        using var response = new HttpResponseMessage();
        response.Headers.Date = Now.AddSeconds(serverAhead);
        response.Headers.Add("X-RateLimit-Reset", $"{Now.AddSeconds(serverAhead + resetIn).ToUnixTimeSeconds()}");

        Assert.True(TimeSpan.FromSeconds(expected) == RateLimit.Of(response.Headers, Now).UntilReset, what);
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("12", 12)]
    [InlineData("86400", 300)]
    [InlineData("Sat, 21 Nov 2026 20:00:12 GMT", 12)]
    [InlineData("Sat, 21 Nov 2026 19:00:00 GMT", 0)]
    public void A_retry_after_in_either_form_is_bounded(string header, int seconds)
    {
        using var response = new HttpResponseMessage();
        response.Headers.TryAddWithoutValidation("Retry-After", header);

        Assert.Equal(TimeSpan.FromSeconds(seconds), RateLimit.Of(response.Headers, Now).RetryAfter);
    }

    [Theory]
    [InlineData("167", "17", false)]
    [InlineData("167", "16", true)]
    [InlineData("160", "17", false)]
    [InlineData("160", "16", false)]
    [InlineData("160", "15", true)]
    [InlineData("167", "Unknown", false)]
    [InlineData("99999999999999999999", "0", false)]
    [InlineData("0", "0", false)]
    public void The_last_tenth_is_a_reserve(string limit, string remaining, bool reserve)
    {
        using var response = new HttpResponseMessage();
        response.Headers.Add("X-RateLimit-Limit", limit);
        response.Headers.Add("X-RateLimit-Remaining", remaining);
        response.Headers.Add("X-RateLimit-Reset", $"{Now.ToUnixTimeSeconds()}");

        Assert.Equal(reserve, RateLimit.Of(response.Headers, Now).IsReserve);
    }

    [Fact]
    public void Without_headers_nothing_is_known()
    {
        using var response = new HttpResponseMessage();

        Assert.Equal(default, RateLimit.Of(response.Headers, Now));
    }

    [Fact]
    public void Failures_back_off_with_full_jitter_up_to_half_a_minute_and_never_before_retry_after()
    {
        var random = new Random(1);
        for (var failures = 0; failures < 40; failures++)
        {
            var most = Math.Min(30, Math.Pow(2, failures));
            Assert.InRange(RetryDelay.AfterFailure(failures, null, random).TotalSeconds, 0, most);
            Assert.InRange(RetryDelay.AfterFailure(failures, TimeSpan.FromSeconds(50), random).TotalSeconds, 50, 50);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_short_wait_that_was_told_five_times_in_vain_is_not_believed_again(int told)
    {
        var random = new Random(1);
        var limit = new RateLimit(0, 0, null, TimeSpan.FromSeconds(told));

        Assert.All(Enumerable.Range(0, 5), waits => Assert.InRange(RetryDelay.ForQuota(waits, limit, random).TotalSeconds, told, told + 1));
        Assert.All(Enumerable.Range(5, 20), waits => Assert.InRange(RetryDelay.ForQuota(waits, limit, random).TotalSeconds, 30, 60));
        Assert.InRange(RetryDelay.ForQuota(20, limit with { RetryAfter = TimeSpan.FromSeconds(7) }, random).TotalSeconds, 7, 8);
    }

    [Fact]
    public void A_rate_allows_a_tenth_at_once_and_then_its_interval()
    {
        var clock = new ManualTimeProvider();
        var pace = new RequestPace(60, clock, new Random(1));

        Assert.All(Enumerable.Range(0, 6), _ => Assert.Equal(TimeSpan.Zero, pace.Take()));
        Assert.Equal(TimeSpan.FromSeconds(1), pace.Take());
        Assert.Equal(TimeSpan.FromSeconds(1), pace.Take());
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.Zero, pace.Take());
        Assert.Equal(TimeSpan.FromSeconds(1), pace.Take());

        clock.Advance(TimeSpan.FromMinutes(5));
        clock.SetWallClock(DateTimeOffset.UnixEpoch);
        Assert.All(Enumerable.Range(0, 6), _ => Assert.Equal(TimeSpan.Zero, pace.Take()));
    }

    [Fact]
    public void Requests_under_way_count_as_used_and_of_answers_within_one_window_the_lowest_counts()
    {
        var clock = new ManualTimeProvider();
        var pace = new RequestPace(0, clock, new Random(1));
        pace.Observe(new RateLimit(100, 12, TimeSpan.FromSeconds(4), null));
        pace.Observe(new RateLimit(100, 14, TimeSpan.FromSeconds(4), null));

        Assert.All(Enumerable.Range(0, 3), _ => Assert.Equal(TimeSpan.Zero, pace.Take()));
        Assert.InRange(pace.Take(), TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(4.5));
        pace.Answered();
        Assert.Equal(TimeSpan.Zero, pace.Take());
        Assert.Equal(90, pace.AtOnce);
    }

    [Fact]
    public void What_can_wait_leaves_half_of_the_quota_and_of_the_rate_until_it_cannot_wait_any_more()
    {
        var (clock, canWait) = (new ManualTimeProvider(), true);
        var pace = new RequestPace(60, clock, new Random(1)) { CanWait = () => canWait };
        Assert.All(Enumerable.Range(0, 6), _ => Assert.Equal(TimeSpan.Zero, pace.Take()));
        Assert.Equal(TimeSpan.FromSeconds(1), pace.Take());
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.FromSeconds(1), pace.Take());

        pace = new RequestPace(0, clock, new Random(1)) { CanWait = () => canWait };
        Assert.False(pace.Observe(new RateLimit(100, 49, TimeSpan.FromSeconds(4), null)));
        Assert.Equal(TimeSpan.FromSeconds(1), pace.Take());
        clock.Advance(TimeSpan.FromSeconds(3.5));
        Assert.InRange(pace.Take(), TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(1));
        canWait = false;
        Assert.Equal(TimeSpan.Zero, pace.Take());
    }

    [Fact]
    public void Without_a_rate_only_the_reserve_makes_one_wait()
    {
        var clock = new ManualTimeProvider();
        var pace = new RequestPace(0, clock, new Random(1));

        Assert.Equal(TimeSpan.Zero, pace.Take());
        Assert.True(pace.Observe(new RateLimit(100, 5, TimeSpan.FromSeconds(4), null)));
        Assert.InRange(pace.Take(), TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(4.5));
        clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(TimeSpan.Zero, pace.Take());
    }
}
