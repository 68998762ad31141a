using ActivityConnector.Detections;
using ActivityConnector.Tests.Shared;

namespace ActivityConnector.Tests.Detections;

public sealed class RuleFileTests : IDisposable
{
    private const string Sound = """
        title: Test
        id: 33f3a4ba-81f2-5208-b058-b5d560ca50d8
        description: What it is.
        tags: [attack.impact]
        logsource:
          product: intercom
          service: audit
        detection:
          selection:
            event.action: bulk_delete
          condition: selection
        level: high
        triage: Look.
        elastic:
          version: 1
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_sound_file_is_read()
    {
        var rule = Read(Sound);

        Assert.Equal(("rule", RuleLevel.High, "Test"), (rule.Name, rule.Level, rule.Title));
        Assert.Equal("event.action", Assert.Single(rule.Steps[0].When.Tests).Field);
    }

    [Theory]
    [InlineData('[', ']')]
    [InlineData('{', '}')]
    public void Parts_within_parts_do_not_end_the_process(char open, char close)
    {
        var error = Assert.Throws<RuleFileException>(
            () => Read(Sound.Replace("[attack.impact]", new string(open, 100_000) + new string(close, 100_000), StringComparison.Ordinal)));

        Assert.Contains("levels deep", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("? &a [*a]\n: 1")]
    [InlineData("&a [*a]")]
    [InlineData("a: &a {b: *a}")]
    public void An_alias_is_refused(string yaml) =>
        Assert.Contains("alias", Assert.Throws<RuleFileException>(() => Read(yaml)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("", new string[0])]
    [InlineData("author:", new string[0])]
    [InlineData("author: Ada", new[] { "Ada" })]
    [InlineData("author: [Ada, Ben]", new[] { "Ada", "Ben" })]
    public void The_authors_of_a_rule_are_those_of_its_form_for_Elastic(string member, string[] authors)
    {
        var rule = Read($"{Sound}\n{member}");

        Assert.Equal(authors, DeliveredRules.Elastic(rule)["author"]!.AsArray().Select(a => a!.GetValue<string>()));
    }

    [Theory]
    [InlineData("level: high", "level: severe", "low, medium, high or critical")]
    [InlineData("id: 33f3a4ba-81f2-5208-b058-b5d560ca50d8", "id: 17", "UUID")]
    [InlineData("triage: Look.", "triages: Look.", "'triage'")]
    [InlineData("elastic:\n  version: 1", "elastic:\n  verion: 1", "Did you mean 'version'?")]
    [InlineData("product: intercom", "product: okta", "intercom or sequence")]
    [InlineData("event.action: bulk_delete", "event.actoin: bulk_delete", "Did you mean event.action?")]
    [InlineData("event.action: bulk_delete", "event.action|base64: x", "'base64'")]
    [InlineData("condition: selection", "condition: selektion", "'selektion'")]
    [InlineData("condition: selection", "condition: (selection", "parenthesis")]
    [InlineData("condition: selection", "condition: selection and", "ends too early")]
    [InlineData("condition: selection", "condition: 1 of filter_*", "'filter_*'")]
    [InlineData("title: Test", "title: [", "no YAML")]
    [InlineData("title: Test", "title: ''", "'title'")]
    [InlineData("level: high", "level: 7", "low, medium, high or critical")]
    [InlineData("event.action: bulk_delete", "event.severity|gte: high", "a number")]
    [InlineData("selection:\n    event.action: bulk_delete", "selection: {}", "needs a field")]
    [InlineData("version: 1", "version: 0", "from 1 to 1000000")]
    [InlineData("title: Test", "title: Test\n? [a, b]\n: c", "A name must be a text")]
    [InlineData("version: 1", "version: 1\n  suppress: {for: 1h}", "'by'")]
    [InlineData("version: 1", "version: 1\n  new_terms: {fields: [user.name]}", "'history'")]
    public void What_is_wrong_is_named_with_file_and_line(string part, string instead, string named)
    {
        Assert.Contains(part, Sound, StringComparison.Ordinal);

        var error = Assert.Throws<RuleFileException>(() => Read(Sound.Replace(part, instead, StringComparison.Ordinal)));

        Assert.StartsWith("rule.yml, line ", error.Message, StringComparison.Ordinal);
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("type: event_count", "type: value_avg", "'value_avg'")]
    [InlineData("timespan: 15m", "timespan: a while", "'a while'")]
    [InlineData("- base", "- other", "'other'")]
    [InlineData("gte: 10", "eq: 10", "gte, gt, and lt")]
    [InlineData("- user.name", "- user.nane", "Did you mean user.name?")]
    [InlineData("gte: 10", "lt: 1", "ES|QL")]
    [InlineData("timespan: 15m", "timespan: 999999999d", "'999999999d'")]
    [InlineData("  group-by:\n    - user.name\n", "", "group-by")]
    [InlineData("name: base", "name: base\ncolour: red", "'colour'")]
    public void A_correlation_that_is_wrong_is_named(string part, string instead, string named)
    {
        var correlation = """
            title: Base
            name: base
            logsource:
              product: intercom
            detection:
              selection:
                event.action: admin_login_failure
              condition: selection
            ---
            title: Test
            id: 33f3a4ba-81f2-5208-b058-b5d560ca50d8
            description: What it is.
            correlation:
              type: event_count
              rules:
                - base
              group-by:
                - user.name
              timespan: 15m
              condition:
                gte: 10
            level: high
            triage: Look.
            elastic:
              version: 1
            """;
        Assert.IsType<Count>(Read(correlation).Logic);

        var error = Assert.Throws<RuleFileException>(() => Read(correlation.Replace(part, instead, StringComparison.Ordinal)));

        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_rules_with_one_id_are_refused()
    {
        File.WriteAllText(Path.Combine(_folder.Path, "a.yml"), Sound);
        File.WriteAllText(Path.Combine(_folder.Path, "b.yml"), Sound);

        Assert.Contains("id of a.yml", Assert.Throws<RuleFileException>(() => RuleFile.ReadFolder(_folder.Path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a and not b", "a", true)]
    [InlineData("a and not b", "a b", false)]
    [InlineData("a or b and c", "a", true)]
    [InlineData("(a or b) and c", "a", false)]
    [InlineData("1 of a*", "a2", true)]
    [InlineData("all of them", "a a2 b", false)]
    [InlineData("all of them", "a a2 b c", true)]
    [InlineData("not 1 of them", "", true)]
    [InlineData("not a or a", "a", true)]
    public void A_condition_means_what_sigma_says(string condition, string events, bool matches)
    {
        var selections = new[] { "a", "a2", "b", "c" }.ToDictionary(
            name => name, Predicate (name) => new FieldTest("tags", Comparison.Equal, [new RuleValue(name, IsNumber: false)]));
        var tags = string.Join(',', events.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(e => $"\"{e}\""));

        var values = new EventValues(System.Text.Encoding.UTF8.GetBytes($"{{\"@timestamp\":\"2026-03-02T09:00:00.000Z\",\"tags\":[{tags}]}}"));

        Assert.Equal(matches, Condition.Parse(condition, selections).Matches(values));
    }

    private DetectionRule Read(string yaml)
    {
        var path = Path.Combine(_folder.Path, "rule.yml");
        File.WriteAllText(path, yaml);
        return RuleFile.Read(path);
    }
}
