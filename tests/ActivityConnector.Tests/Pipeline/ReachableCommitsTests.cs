using ActivityConnector.Pipeline;

namespace ActivityConnector.Tests.Pipeline;

public class ReachableCommitsTests
{
    private static readonly CursorPosition Start = new() { After = "a", Limit = 100, Floor = 7 };

    [Fact]
    public void A_day_cursor_keeps_the_floor_of_the_unit_that_brought_it()
    {
        var reachable = new ReachableCommits(Start with { Floor = null }, wasReset: false);
        var moved = Start with { After = "b", Floor = null, Days = [new DayCursor("b", 1, null)] };

        var first = (CursorPosition)reachable.After(Unit(moved), null, 10);
        var second = (CursorPosition)reachable.After(Unit(moved with { After = "c" }), null, 11);

        Assert.Equal(10, first.Days[0].Floor);
        Assert.Equal(10, second.Days[0].Floor);
    }

    [Fact]
    public void A_walk_that_went_back_is_measured_from_where_it_began()
    {
        var reachable = new ReachableCommits(Start, wasReset: false);

        var position = (CursorPosition)reachable.After(Unit(Start with { After = "older", Floor = 3 }), 9, 10);

        Assert.Equal(3, position.Floor);
    }

    [Fact]
    public void At_the_tail_only_what_was_met_beyond_the_position_counts()
    {
        var reachable = new ReachableCommits(Start, wasReset: false);
        reachable.After(Unit(Start), 9, 10);

        var position = (CursorPosition)reachable.After(Unit(Start, isTail: true), 11, 11);

        Assert.Equal(9, position.Floor);
    }

    private static ActivityBatch Unit(CursorPosition position, bool isTail = false) => new([], []) { Position = position, NeedsCommit = true, IsTail = isTail };
}
