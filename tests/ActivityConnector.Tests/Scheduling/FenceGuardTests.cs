using ActivityConnector.Scheduling;
using ActivityConnector.Tests.Shared;

namespace ActivityConnector.Tests.Scheduling;

public sealed class FenceGuardTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void Each_fence_waits_longer_up_to_five_minutes_and_never_less_than_half()
    {
        var guard = new FenceGuard(_time, new Random(1));

        foreach (var seconds in (double[])[5, 10, 20, 40, 80, 160, 300, 300])
        {
            Assert.InRange(guard.Next().TotalSeconds, seconds / 2, seconds);
        }
    }

    [Fact]
    public void One_take_over_is_no_contest_three_within_ten_minutes_are()
    {
        var guard = new FenceGuard(_time, new Random(1));
        guard.Next();
        guard.Next();
        Assert.False(guard.IsContest);

        guard.Next();
        Assert.True(guard.IsContest);

        _time.Advance(TimeSpan.FromMinutes(11));
        Assert.InRange(guard.Next().TotalSeconds, 2.5, 5);
        Assert.False(guard.IsContest);
    }
}
