namespace ActivityConnector.Tests.Detections;

/// <summary>EQL that Elasticsearch takes is read, and what it refuses is refused with the place.</summary>
public sealed class EqlParserTests
{
    [Fact]
    public void A_sequence_is_read_with_its_keys_its_span_and_its_runs()
    {
        var query = EqlQuery.Parse(
            """
            // Guessing, then success.
            sequence by user.name, ?organization.id with maxspan=30m
              [authentication where event.dataset == "intercom.audit" and event.action == "admin_login_failure"] with runs=5
              [authentication where event.action == "admin_login_success"]
            """);

        Assert.Equal((6, TimeSpan.FromMinutes(30)), (query.Stages.Count, query.Maxspan));
        Assert.All(query.Stages, s => Assert.Equal("authentication", s.Category));
        Assert.All(query.Stages, s => Assert.Equal([new("user.name", false), new("organization.id", true)], s.By));
        Assert.Empty(query.Problems(IndexFields.OfTemplates));
        Assert.Equal(
            [
                new("event.dataset", "==", false, "intercom.audit"), new("event.action", "==", false, "admin_login_failure"), new("user.name", "by"),
                new("organization.id", "by", true), new("event.action", "==", false, "admin_login_success"),
            ],
            query.Fields());
    }

    [Fact]
    public void Keys_of_an_item_come_after_those_of_the_sequence()
    {
        var query = EqlQuery.Parse("sequence by organization.id [any where true] by user.id with runs=2 [any where true] by user.target.id");

        Assert.Equal(
            ["organization.id user.id", "organization.id user.id", "organization.id user.target.id"],
            query.Stages.Select(s => string.Join(' ', s.By.Select(f => f.Name))));
    }

    [Theory]
    [InlineData("", 1, "A category or 'any' is expected before the end of the query")]
    [InlineData("iam event.action == \"a\"", 5, "'where' is expected before 'event.action'")]
    [InlineData("any where user.id == user.target.id", 22, "Comparisons against fields are not supported by Elasticsearch")]
    [InlineData("any where user.id == 'a'", 22, "double quotes")]
    [InlineData("any where user.id = \"a\"", 19, "'=' is not supported")]
    [InlineData("any where cidrMatch(source.ip, \"10.0.0.0/8\")", 11, "The function 'cidrMatch' is unknown")]
    [InlineData("any where 1 < event.severity < 9", 30, "cannot be chained")]
    [InlineData("any where event.severity < null", 28, "null is compared")]
    [InlineData("any where user.id in (\"a\", 1)", 30, "all text, or none")]
    [InlineData("any where user.id in ()", 23, "A value is expected")]
    [InlineData("any where user.id == \"a", 22, "The string has no end")]
    [InlineData("any where user.id == \"\\x\"", 23, "The escape is unknown")]
    [InlineData("any where user.id == \"\\u{110000}\"", 23, "not the code of a character")]
    [InlineData("any where (true", 16, "')' is expected")]
    [InlineData("any where true)", 15, "should end before ')'")]
    [InlineData("any where true | head 5", 16, "Pipes are not supported")]
    [InlineData("any where user.id regex \"a\"", 19, "'regex' is not supported")]
    [InlineData("sequence [any where true]", 10, "two items or more")]
    [InlineData("sequence by user.id [any where true] [any where true] by user.id", 21, "as many fields after 'by'")]
    [InlineData("sequence with maxspan=30m by user.id [any where true] [any where true]", 27, "before 'with maxspan'")]
    [InlineData("sequence with maxspan=30x [any where true] [any where true]", 25, "The unit of 'maxspan'")]
    [InlineData("sequence with maxspan=m [any where true] [any where true]", 23, "'maxspan' is a number")]
    [InlineData("sequence [any where true] with runs=0 [any where true]", 37, "from 1 to 100")]
    [InlineData("sequence [any where true] with runs=101 [any where true]", 37, "from 1 to 100")]
    [InlineData("sequence ![any where true] [any where true]", 10, "Missing events")]
    [InlineData("sequence [any where true] [any where true] until [any where true]", 44, "'until' is not supported")]
    [InlineData("sample by user.id [any where true]", 1, "cannot begin a query")]
    public void What_is_refused_is_refused_with_the_place(string text, int column, string cause)
    {
        var refused = Assert.Throws<QuerySyntaxException>(() => EqlQuery.Parse(text));

        Assert.StartsWith($"Line 1, column {column}: ", refused.Message, StringComparison.Ordinal);
        Assert.Contains(cause, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_place_names_the_line()
    {
        var refused = Assert.Throws<QuerySyntaxException>(() => EqlQuery.Parse("sequence\n  [any where true]\n  [any were true]"));

        Assert.StartsWith("Line 3, column 8: ", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("any where user.nickname == \"a\"", "The field user.nickname (==) is in no index template.")]
    [InlineData("any where message : \"*a*\"", "The field message (:) is a text field, which EQL cannot search and aggregations cannot group.")]
    [InlineData("any where event.severity == \"47\"", "The field event.severity is a number and is compared with text.")]
    [InlineData("any where user.id == 47", "The field user.id is not a number and is compared with 47.")]
    [InlineData("any where ?user.nickname == \"a\" and event.severity >= 47 and labels.team == \"a\"", null)]
    [InlineData("sequence by user.nickname [any where true] [any where true]", "The field user.nickname (by) is in no index template.")]
    public void A_field_that_no_template_has_or_of_another_type_is_a_problem(string text, string? problem) =>
        Assert.Equal(problem is null ? [] : [problem], EqlQuery.Parse(text).Problems(IndexFields.OfTemplates));
}
