using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Shared;

namespace ActivityConnector.Tests.Pipeline;

/// <summary>What an export leaves out, for either journal.</summary>
public sealed class EventFilterTests
{
    private static readonly DateTimeOffset At = Some.Start;

    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, true)]
    [InlineData(1, true)]
    public void Since_is_the_first_moment_that_is_wanted(long ticks, bool accepted) =>
        Assert.Equal(accepted, new EventFilter { Since = At }.Accepts(Event(At.AddTicks(ticks))));

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, false)]
    [InlineData(1, false)]
    public void Until_is_the_first_moment_that_is_not_wanted(long ticks, bool accepted) =>
        Assert.Equal(accepted, new EventFilter { Until = At }.Accepts(Event(At.AddTicks(ticks))));

    [Theory]
    [InlineData(null, true)]
    [InlineData("intercom", true)]
    [InlineData("intercom/abc123", true)]
    [InlineData("intercom/abc12", false)]
    [InlineData("inter", false)]
    [InlineData("sequence", false)]
    public void A_source_is_a_vendor_or_one_account_of_it(string? source, bool accepted) =>
        Assert.Equal(accepted, new EventFilter { Source = source }.Accepts(Event(At)));

    private static JournalEvent Event(DateTimeOffset at) => new(1, Some.Intercom, "id", at, null, at, default);
}
