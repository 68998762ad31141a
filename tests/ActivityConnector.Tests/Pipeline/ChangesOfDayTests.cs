using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Shared;

namespace ActivityConnector.Tests.Pipeline;

public class ChangesOfDayTests
{
    [Fact]
    public void Five_changes_of_a_record_a_day_are_published_whatever_others_do_and_five_more_the_next_day()
    {
        var clock = new ManualTimeProvider();
        var changes = new ChangesOfDay(clock);
        var (busy, other) = (new EventKey(1, 7), new EventKey(2, 7));
        for (var day = 0; day < 3; day++)
        {
            Assert.Equal([true, true, true, true, true, false, false], Enumerable.Range(0, 7).Select(_ => changes.Allows(busy)));
            Assert.True(changes.Allows(other));
            clock.Advance(TimeSpan.FromDays(1));
        }
    }
}
