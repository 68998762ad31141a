using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;

namespace ActivityConnector.Tests.Detections;

/// <summary>EQL finds what Elastic's reference says.</summary>
public sealed class EqlEvaluatorTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 2, 8, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("any where true", true)]
    [InlineData("authentication where true", true)]
    [InlineData("\"authentication\" where true", true)]
    [InlineData("Authentication where true", false)]
    [InlineData("iam where true", true)]
    [InlineData("process where true", false)]
    [InlineData("any where event.action == \"admin_login_failure\"", true)]
    [InlineData("any where \"admin_login_failure\" == event.action", true)]
    [InlineData("any where event.action == \"ADMIN_login_failure\"", false)]
    [InlineData("any where event.action == \"admin_login_*\"", false)]
    [InlineData("any where event.action : \"ADMIN_login_*\"", true)]
    [InlineData("any where event.action : \"admin_login_failur?\"", true)]
    [InlineData("any where event.action : \"admin_login_?\"", false)]
    [InlineData("any where event.action like \"admin_*_failure\"", true)]
    [InlineData("any where event.action like \"Admin_*_failure\"", false)]
    [InlineData("any where event.action like~ \"Admin_*_failure\"", true)]
    [InlineData("any where event.action like (\"x*\", \"*failure\")", true)]
    [InlineData("any where event.action not like (\"x*\", \"*failure\")", false)]
    [InlineData("any where event.action in (\"a\", \"admin_login_failure\")", true)]
    [InlineData("any where event.action in (\"a\", \"Admin_Login_Failure\")", false)]
    [InlineData("any where event.action in~ (\"a\", \"Admin_Login_Failure\")", true)]
    [InlineData("any where event.action not in (\"a\", \"b\")", true)]
    [InlineData("any where event.action : (\"a\", \"ADMIN*\")", true)]
    [InlineData("any where event.severity == 47", true)]
    [InlineData("any where event.severity in (1, 47)", true)]
    [InlineData("any where event.severity >= 47 and event.severity <= 47.5 and event.severity > 46 and event.severity < 48", true)]
    [InlineData("any where 47 < event.severity", false)]
    [InlineData("any where 47 <= event.severity", true)]
    [InlineData("any where event.severity > -1", true)]
    [InlineData("any where not (event.severity > 47)", true)]
    [InlineData("any where @timestamp >= \"2026-11-02T08:00:00Z\" and @timestamp < \"2026-11-02T08:00:01Z\"", true)]
    // A field with several values: one is enough.
    [InlineData("any where event.category == \"iam\" and event.category == \"authentication\"", true)]
    [InlineData("any where event.category != \"iam\"", false)]
    [InlineData("any where event.category != \"process\"", true)]
    // A field that is missing.
    [InlineData("any where user.email == null", true)]
    [InlineData("any where user.email != null", false)]
    [InlineData("any where not user.email != null", true)]
    [InlineData("any where user.email == \"a\"", false)]
    [InlineData("any where user.email != \"a\"", true)]
    [InlineData("any where not user.email : \"a*\"", true)]
    [InlineData("any where sequence.item.index > 1 or not sequence.item.index > 1", false)]
    [InlineData("any where ?user.nickname != null", false)]
    // Logic and its precedence.
    [InlineData("any where true or true and false", true)]
    [InlineData("any where (true or true) and false", false)]
    [InlineData("any where not true or true", true)]
    [InlineData("any where not (true or true)", false)]
    [InlineData("any where `user.name` == \"a\\\"b\\\\c\\u{e9}\"", true)]
    [InlineData("any where user.name == \"\"\"a\"b\\cé\"\"\"", true)]
    [InlineData("any where user.name like \"\"\"*\\c?\"\"\"", true)]
    public void A_condition_matches_as_the_reference_says(string text, bool matches)
    {
        var e = DetectionEvent.OfJson(JsonElement.Parse(
            """
            {
              "@timestamp": "2026-11-02T08:00:00.000Z", "event.id": "1", "event.action": "admin_login_failure", "event.severity": 47,
              "event.category": ["authentication", "iam"], "user.name": "a\"b\\cé", "user.email": null
            }
            """));

        Assert.Equal(matches, EqlEvaluator.Run(EqlQuery.Parse(text), [e]).Count == 1);
    }

    [Fact]
    public void The_example_of_the_reference_gives_its_two_sequences()
    {
        string[] events = ["root A", "root A", "elk B", "root B", "root B", "elk A", "root A", "elk B", "root C", "elk C", "root C"];

        Assert.Equal(["2 4 9", "6 8 10"], Found(ThreeItems("by user.name"), events));
    }

    [Fact]
    public void Runs_are_as_many_items_of_the_same_and_the_last_ones_before_the_next_item_count()
    {
        const string Query = "sequence by user.name with maxspan=30m [any where event.action == \"A\"] with runs=3 [any where event.action == \"B\"]";

        Assert.Empty(Found(Query, ["a A", "a A", "a B"]));
        Assert.Equal(["1 2 3 4"], Found(Query, ["a A", "a A", "a A", "a B"]));
        Assert.Equal(["2 3 4 5"], Found(Query, ["a A", "a A", "a A", "a A", "a B", "a B"]));
        Assert.Equal(["1 2 3", "2 3 4"], Found("sequence [any where event.action == \"A\"] with runs=3", ["a A", "a A", "a A", "a A"]));
    }

    [Theory]
    [InlineData(1800_000, 1)]
    [InlineData(1800_001, 0)]
    public void The_span_is_from_the_first_event_to_the_last_and_inclusive(int milliseconds, int found)
    {
        var query = EqlQuery.Parse(ThreeItems("with maxspan=30m"));
        DetectionEvent[] events = [Event(1, "a A", 0), Event(2, "a B", 1_700_000), Event(3, "a C", milliseconds)];

        Assert.Equal(found, EqlEvaluator.Run(query, events).Count);
    }

    [Fact]
    public void A_sequence_that_would_exceed_the_span_is_given_up() =>
        Assert.Equal(
            ["3 4"],
            Found(
                EqlQuery.Parse("sequence with maxspan=1s [any where event.action == \"A\"] [any where event.action == \"B\"]"),
                [Event(1, "a A", 0), Event(2, "a B", 1_001), Event(3, "a A", 1_002), Event(4, "a B", 2_002)]));

    [Fact]
    public void Without_the_key_an_event_is_of_no_sequence_unless_the_key_is_optional()
    {
        string[] events = ["- A", "a A", "- B", "- C", "a B", "a C"];

        Assert.Equal(["2 5 6"], Found(ThreeItems("by user.name"), events));
        Assert.Equal(["1 3 4", "2 5 6"], Found(ThreeItems("by ?user.name"), events));
    }

    [Fact]
    public void Keys_of_different_fields_are_joined_by_their_values()
    {
        const string Query = "sequence [any where event.action == \"A\"] by user.name [any where event.action == \"B\"] by user.target.name";
        DetectionEvent[] events = [Event(1, "ann A", 0), Event(2, "ann B", 1), Event(3, "eve B", 2, """, "user.target.name": "ann" """)];

        Assert.Equal(["1 3"], Found(EqlQuery.Parse(Query), events));
    }

    [Fact]
    public void Events_of_the_same_time_count_in_the_order_of_the_list()
    {
        DetectionEvent[] events = [Event(1, "a A", 0), Event(2, "a B", 0), Event(3, "a C", 0)];

        Assert.Equal(["1 2 3"], Found(EqlQuery.Parse(ThreeItems("")), events));
        Assert.Empty(Found(EqlQuery.Parse(ThreeItems("")), events.Reverse()));
    }

    [Fact]
    public void One_event_is_not_two_items_of_a_sequence() =>
        Assert.Equal(["1 2", "2 3"], Found("sequence [any where true] [any where true]", ["a A", "a A", "a A"]));

    [Fact]
    public void The_order_of_the_list_does_not_matter_where_the_times_differ()
    {
        DetectionEvent[] events = [Event(3, "a C", 2), Event(1, "a A", 0), Event(2, "a B", 1)];

        Assert.Equal(["1 2 3"], Found(EqlQuery.Parse(ThreeItems("")), events));
    }

    /// <summary>
    /// The reference goes from item to item over all events, as Elasticsearch's own matcher does, with lists and no state machine: the event of an
    /// item takes the latest beginning before it and discards the earlier ones.
    /// </summary>
    [Fact]
    public void Sequences_are_those_of_a_simple_reference()
    {
        var events =
            from user in Gen.Elements("a", "b", "-")
            from action in Gen.Elements("A", "B", "C")
            from milliseconds in Gen.Choose(0, 3)
            select (user, action, milliseconds);
        var queries = Gen.Elements(
            ThreeItems("by user.name with maxspan=5ms"),
            ThreeItems("by ?user.name with maxspan=4ms"),
            ThreeItems(""),
            "sequence by user.name with maxspan=6ms [any where event.action == \"A\"] with runs=3 [any where event.action == \"B\"]",
            "sequence by user.name [any where event.action in (\"A\", \"B\")] [any where event.action in (\"B\", \"C\")] with runs=2",
            "sequence with maxspan=3ms [any where true] [any where event.action != \"A\"] with runs=2 [any where true]");
        var found = 0;

        Prop.ForAll(events.ListOf().ToArbitrary(), queries.ToArbitrary(), (list, text) =>
        {
            var (time, all, query) = (0, new List<DetectionEvent>(), EqlQuery.Parse(text));
            foreach (var (user, action, milliseconds) in list) all.Add(Event(all.Count + 1, $"{user} {action}", time += milliseconds));

            var actual = Found(query, all).Order().ToList();
            found += actual.Count;
            Assert.Equal(Simple(query, all).Order(), actual);
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(3_000));

        Assert.True(found > 3_000, $"{found}");
    }

    private static IEnumerable<string> Simple(EqlQuery query, List<DetectionEvent> events)
    {
        var keys = events.SelectMany(e => query.Stages.Select(s => s.KeyOf(e))).OfType<IReadOnlyList<string?>>().Select(Text).Distinct();
        return keys.SelectMany(key =>
        {
            var begun = Of(0, key).Select(i => new List<int> { i }).ToList();
            for (var stage = 1; stage < query.Stages.Count; stage++)
            {
                var grown = new List<List<int>>();
                foreach (var i in Of(stage, key))
                {
                    var latest = begun.FindLastIndex(b => b[^1] < i);
                    if (latest < 0) continue;

                    var taken = begun[latest];
                    begun.RemoveRange(0, latest + 1);
                    if (query.Maxspan is not { } most || events[i].Time - events[taken[0]].Time <= most) grown.Add([.. taken, i]);
                }

                begun = grown;
            }

            return begun;
        }).Select(s => string.Join(' ', s.Select(i => events[i].Id)));

        IEnumerable<int> Of(int stage, string key) =>
            Enumerable.Range(0, events.Count)
                .Where(i => query.Stages[stage].Matches(events[i]) && query.Stages[stage].KeyOf(events[i]) is { } k && Text(k) == key);

        static string Text(IReadOnlyList<string?> key) => string.Join('|', key.Select(k => k ?? "null"));
    }

    private static string ThreeItems(string head) =>
        $"sequence {head} [any where event.action == \"A\"] [any where event.action == \"B\"] [any where event.action == \"C\"]";

    private static IEnumerable<string> Found(string query, string[] events) =>
        Found(EqlQuery.Parse(query), events.Select((e, i) => Event(i + 1, e, i)));

    private static IEnumerable<string> Found(EqlQuery query, IEnumerable<DetectionEvent> events) =>
        EqlEvaluator.Run(query, events).Select(m => string.Join(' ', m.Events.Select(e => e.Id)));

    /// <param name="what">User and action; the user is missing when it is a hyphen.</param>
    private static DetectionEvent Event(int id, string what, int milliseconds, string more = "")
    {
        var (time, words) = (DetectionEvent.TextOf(Start.AddMilliseconds(milliseconds)), what.Split(' '));
        var user = words[0] == "-" ? "" : $", \"user.name\": \"{words[0]}\"";
        return DetectionEvent.OfJson(JsonElement.Parse(
            $$"""{"@timestamp": "{{time}}", "event.id": "{{id}}", "event.action": "{{words[1]}}"{{user}}{{more}}}"""));
    }
}
