using System.Globalization;
using System.Text.Json;

namespace ActivityConnector.Tests.Detections;

/// <summary>ES|QL gives the rows that Elastic's reference says, and what it refuses is refused with the place.</summary>
public sealed class EsqlTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 10, 12, 0, 0, TimeSpan.Zero);

    private static readonly IReadOnlyList<DetectionEvent> Events =
    [
        Event("1", "2026-11-08T11:59:59Z", "\"event.dataset\": \"intercom.audit\", \"user.name\": \"ann\", \"event.severity\": 21"),
        Event("2", "2026-11-08T12:30:00Z", "\"event.dataset\": \"sequence.audit\", \"user.name\": \"bob\", \"event.severity\": 73"),
        Event("3", "2026-11-10T11:00:00Z", "\"event.dataset\": \"sequence.audit\", \"event.severity\": 47"),
        Event("4", "2026-11-06T11:00:00Z", "\"event.dataset\": \"intercom.audit\", \"user.name\": \"ann\", \"event.category\": [\"iam\", \"api\"]"),
        Event("5", "2026-11-07T11:00:00Z", "\"event.dataset\": \"intercom.audit\", \"user.name\": \"eve\", \"event.category\": [\"iam\"]"),
    ];

    [Fact]
    public void A_source_is_quiet_from_the_last_full_hour_of_its_limit_on()
    {
        const string Query =
            """
            FROM logs-intercom.audit*,logs-sequence.audit*
            | STATS last_event = MAX(@timestamp) BY event.dataset
            | EVAL quiet_hours = DATE_DIFF("hours", last_event, NOW()) | WHERE quiet_hours >= 48 | KEEP event.dataset, last_event, quiet_hours
            """;

        var row = Assert.Single(Run(Query));
        Assert.Equal([("event.dataset", "intercom.audit"), ("last_event", Events[0].Time), ("quiet_hours", (object)48L)], row.Columns);
        Assert.Null(row.Event);
        Assert.Equal(["logs-intercom.audit*", "logs-sequence.audit*"], EsqlQuery.Parse(Query).Sources);
        Assert.Empty(EsqlQuery.Parse(Query).Problems(IndexFields.OfTemplates));
        Assert.Equal([new("@timestamp", "MAX"), new("event.dataset", "BY")], EsqlQuery.Parse(Query).Fields());
        Assert.Empty(EsqlEvaluator.Run(EsqlQuery.Parse(Query), Events, Now.AddSeconds(-2)));
    }

    [Theory]
    [InlineData("user.name == \"ann\"", "1 4")]
    [InlineData("user.name != \"ann\"", "2 5")]
    [InlineData("NOT user.name == \"ann\"", "2 5")]
    [InlineData("user.name IS NULL", "3")]
    [InlineData("user.name is not null and event.severity is not null", "1 2")]
    [InlineData("user.name IN (\"ann\", \"eve\")", "1 4 5")]
    [InlineData("user.name NOT IN (\"ann\", \"eve\")", "2")]
    [InlineData("user.name NOT IN (\"ann\", null)", "")]
    [InlineData("user.name == null", "")]
    [InlineData("user.name LIKE \"?n*\"", "1 4")]
    [InlineData("user.name NOT LIKE \"?n*\"", "2 5")]
    [InlineData("event.severity >= 47", "2 3")]
    [InlineData("event.severity + 26 == 47 OR event.severity * 2 > 100 - 1 AND event.severity > 50", "1 2")]
    [InlineData("event.severity / 10 == 4 OR event.severity % 10 == 3", "2 3")]
    [InlineData("event.severity / 10.0 == 4.7", "3")]
    [InlineData("(event.severity == 21 OR event.severity == 73) AND NOT (user.name == \"bob\")", "1")]
    // A field with several values is equal to nothing.
    [InlineData("event.category == \"iam\"", "5")]
    [InlineData("event.category IN (\"iam\")", "5")]
    [InlineData("event.category != \"api\"", "5")]
    [InlineData("event.category IS NOT NULL", "4 5")]
    [InlineData("@timestamp >= \"2026-11-08T12:30:00Z\"", "2 3")]
    [InlineData("@timestamp > NOW() - 2 days", "2 3")]
    [InlineData("DATE_DIFF(\"day\", @timestamp, NOW()) == 2", "1")]
    [InlineData("`user.name` == \"\"\"ann\"\"\" // both", "1 4")]
    public void Where_keeps_the_rows_for_which_the_condition_is_true(string condition, string ids) =>
        Assert.Equal(ids, string.Join(' ', Run($"FROM logs-* METADATA _id | WHERE {condition}").Select(r => r.Event!.Id)));

    [Fact]
    public void Stats_count_and_collect_by_group_and_a_row_of_several_values_is_in_each_group()
    {
        var rows = Run(
            "FROM a | STATS n = COUNT(*), named = COUNT(user.name), users = COUNT_DISTINCT(user.name), names = VALUES(user.name), MIN(event.severity) "
            + "BY event.dataset | SORT event.dataset DESC");

        Assert.Equal(["n", "named", "users", "names", "MIN(event.severity)", "event.dataset"], rows[0].Columns.Select(c => c.Name));
        Assert.Equal([2L, 1L, 1L, "bob", 47L, "sequence.audit"], rows[0].Columns.Select(c => c.Value));
        Assert.Equal((3L, 3L, 2L, 21L), (rows[1]["n"], rows[1]["named"], rows[1]["users"], rows[1]["MIN(event.severity)"]));
        Assert.Equal(["ann", "eve"], (IReadOnlyList<object>)rows[1]["names"]!);

        var categories = Run("FROM a | STATS n = COUNT(*) BY event.category | SORT n DESC, event.category NULLS LAST | LIMIT 3");
        Assert.Equal([(null, 3L), ("iam", 2L), ("api", (object)1L)], categories.Select(r => (r["event.category"], r["n"])));
    }

    [Fact]
    public void Stats_without_groups_give_one_row_and_with_groups_none_when_there_is_no_event()
    {
        Assert.Equal([0L, null], Assert.Single(Run("FROM a | WHERE false | STATS COUNT(*), MAX(event.severity)")).Columns.Select(c => c.Value));
        Assert.Empty(Run("FROM a | WHERE false | STATS COUNT(*) BY user.name"));
    }

    [Theory]
    [InlineData("months", "2026-01-31T00:00:00Z", "2026-02-28T23:00:00Z", 0)]
    [InlineData("months", "2026-01-31T12:00:00Z", "2026-03-31T12:00:00Z", 2)]
    [InlineData("yy", "2024-02-29T00:00:00Z", "2026-03-01T00:00:00Z", 2)]
    [InlineData("quarter", "2026-01-01T00:00:00Z", "2026-12-31T00:00:00Z", 3)]
    [InlineData("WEEK", "2026-01-01T00:00:00Z", "2026-01-14T23:59:59Z", 1)]
    [InlineData("hour", "2026-01-01T02:00:00Z", "2026-01-01T00:00:01Z", -1)]
    [InlineData("ms", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.123Z", 123)]
    [InlineData("ms", "2025-01-01T00:00:00Z", "2026-01-01T00:00:00Z", null)]
    public void A_difference_of_dates_counts_full_units(string unit, string start, string end, int? expected) =>
        Assert.Equal(
            (long?)expected,
            EsqlDateDifference.Between(
                unit, DateTimeOffset.Parse(start, CultureInfo.InvariantCulture), DateTimeOffset.Parse(end, CultureInfo.InvariantCulture)));

    [Theory]
    [InlineData("SELECT a", 1, "FROM is expected")]
    [InlineData("FROM | LIMIT 1", 6, "FROM names index patterns")]
    [InlineData("FROM a WHERE true", 8, "'|' or the end of the query is expected before 'WHERE'")]
    [InlineData("FROM a | DROP user.id", 10, "The command 'DROP' is unknown")]
    [InlineData("FROM a | WHERE user.id = \"a\"", 24, "'|' or the end")]
    [InlineData("FROM a | WHERE user.id == 'a'", 27, "double quotes")]
    [InlineData("FROM a | WHERE TO_LOWER(user.id) == \"a\"", 16, "The function 'TO_LOWER' is unknown")]
    [InlineData("FROM a | WHERE COUNT(user.id) > 1", 16, "COUNT is an aggregate")]
    [InlineData("FROM a | STATS SUM(event.severity)", 16, "'SUM' is not one of the aggregates")]
    [InlineData("FROM a | STATS n = COUNT(*) BY user.id | WHERE user.name == \"a\"", 48, "There is no column 'user.name' after STATS")]
    [InlineData("FROM a | KEEP user.id | SORT user.name", 30, "There is no column 'user.name'")]
    [InlineData("FROM a | EVAL d = DATE_DIFF(\"fortnight\", @timestamp, NOW())", 29, "'fortnight' is not a unit")]
    [InlineData("FROM a | EVAL d = DATE_DIFF(@timestamp, NOW())", 19, "DATE_DIFF takes a unit")]
    [InlineData("FROM a | WHERE user.id LIKE user.name", 29, "LIKE is followed by a string")]
    [InlineData("FROM a | WHERE user.id RLIKE \"a\"", 24, "'|' or the end")]
    [InlineData("FROM a | LIMIT many", 16, "LIMIT is a whole number")]
    [InlineData("FROM a | WHERE (user.id == \"a\"", 31, "')' is expected")]
    [InlineData("FROM a |", 9, "A command is expected")]
    public void What_is_refused_is_refused_with_the_place(string text, int column, string cause)
    {
        var refused = Assert.Throws<QuerySyntaxException>(() => EsqlQuery.Parse(text));

        Assert.StartsWith($"Line 1, column {column}: ", refused.Message, StringComparison.Ordinal);
        Assert.Contains(cause, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fields_that_no_template_has_are_a_problem_and_columns_that_the_query_makes_are_none() =>
        Assert.Equal(
            ["The field user.nickname (==) is in no index template.", "The field event.severity is a number and is compared with text."],
            EsqlQuery.Parse("FROM a | EVAL x = event.severity + 1 | WHERE x > 1 AND user.nickname == \"a\" AND event.severity == \"47\" | KEEP x")
                .Problems(IndexFields.OfTemplates));

    [Fact]
    public void Values_that_do_not_go_together_are_an_error() =>
        Assert.Throws<ArgumentException>(() => Run("FROM a | WHERE user.name > 5"));

    [Theory]
    [InlineData("FROM a | STATS last = MAX(@timestamp), first = MIN(@timestamp) BY event.dataset")]
    [InlineData("FROM a | STATS names = VALUES(user.name), n = COUNT_DISTINCT(user.name) BY event.dataset, user.name")]
    [InlineData("FROM a | STATS top = MAX(event.severity) BY event.category")]
    [InlineData("FROM a | STATS n = COUNT(*) BY event.dataset")]
    public void Events_that_are_left_out_for_speed_change_no_row(string text)
    {
        var query = EsqlQuery.Parse(text);
        var many = Events.Concat(Events.Select(e => new DetectionEvent("again" + e.Id, e.Time, e.Fields))).OrderBy(e => e.Time).ToList();
        var fewer = EsqlFold.Of(query, many, t => t.Day);

        Assert.Equal(Rows(many), Rows(fewer));
        Assert.Equal(text.Contains("COUNT(*)", StringComparison.Ordinal), fewer.Count == many.Count);

        IEnumerable<string> Rows(IEnumerable<DetectionEvent> events) => EsqlEvaluator.Run(query, events, Now)
            .Select(r => string.Join('|', r.Columns.Select(c => $"{c.Name}={string.Join(',', EsqlValue.Each(c.Value))}"))).Order();
    }

    private static IReadOnlyList<EsqlRow> Run(string query) => EsqlEvaluator.Run(EsqlQuery.Parse(query), Events, Now);

    private static DetectionEvent Event(string id, string time, string members) =>
        DetectionEvent.OfJson(JsonElement.Parse($$"""{"@timestamp": "{{time}}", "event.id": "{{id}}", {{members}}}"""));
}
