using System.Text.Json;
using ActivityConnector.Tests.Detections;

namespace ActivityConnector.Tests.Commands;

public sealed class DetectionsCommandTests : IDisposable
{
    private readonly Session _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public async Task Every_fixture_of_the_delivered_rules_does_what_it_says()
    {
        Assert.Equal(0, await _session.RunAsync("detections", "test"));
        var run = DeliveredRules.All.Where(r => r.Elastic.Esql is null).Sum(r => r.Fixtures.Count);
        Assert.Contains($"{run} fixtures, 0 of them different.", _session.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_fixture_that_does_not_do_what_it_says_is_named()
    {
        var yaml = File.ReadAllText(Path.Combine(DeliveredRules.Folder, "06-impersonation.yml"))
            .Replace("event.action: admin_impersonation_start", "event.action: admin_logout", StringComparison.Ordinal);
        _session.Write("mine/06-impersonation.yml", yaml);

        Assert.Equal(1, await _session.RunAsync("detections", "test", "--rules", "mine"));
        Assert.Equal("06-impersonation\tAn impersonation begins\tfires\tsilent", _session.Out.Trim());
    }

    [Fact]
    public async Task A_rule_that_cannot_be_read_is_named()
    {
        _session.Write("mine/a.yml", "title: x\n");

        Assert.Equal(1, await _session.RunAsync("detections", "list", "--rules", "mine"));
        Assert.Contains("a.yml, line 1: ", _session.Error, StringComparison.Ordinal);
        Assert.Equal(1, await _session.RunAsync("detections", "list", "--rules", "none"));
        Assert.Contains("There is no folder", _session.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explained_records_show_which_rules_fire_and_what_the_others_wait_for()
    {
        _session.Input = string.Join('\n', DeliveredRules.Named("12-export-after-risky-sign-in").Fixtures[0].Records.Select(r => r.Json));

        Assert.Equal(0, await _session.RunAsync("transform", "--source", "intercom", "--account", "acme", "--explain", "-o", "json"));
        var rows = JsonDocument.Parse(_session.Out).RootElement.EnumerateArray()
            .Select(row => (Action: Text(row, "action"), Rule: Text(row, "rule")[..2], Outcome: Text(row, "outcome"))).ToList();
        Assert.Contains(("admin_password_reset_success", "12", "part of what fires"), rows);
        Assert.Contains(("bulk_export", "12", "fires, with 1 event before it"), rows);
        Assert.Contains(("bulk_export", "13", "fires if user.name and organization.id are new in 90d"), rows);
        Assert.Contains(rows, row => row is { Rule: "22", Outcome: var outcome } && outcome.Contains("a step", StringComparison.Ordinal));
        Assert.Contains("2 events, each of interest to a rule.", _session.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_without_the_field_by_which_a_rule_groups_is_said_to_have_none()
    {
        _session.Input = """{"id":"1","created_at":1772442000,"activity_type":"bulk_export","performed_by":{"id":"7"},"metadata":{}}""";

        Assert.Equal(0, await _session.RunAsync("transform", "--source", "intercom", "--account", "acme", "--explain"));
        Assert.Contains("13-bulk-export\thigh\tsilent: the event has no user.name", _session.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Records_that_no_rule_looks_at_are_counted()
    {
        _session.Input = """{"id":"1","created_at":1772442000,"activity_type":"macro_update","performed_by":{"id":"1"},"metadata":{}}""";

        Assert.Equal(0, await _session.RunAsync("transform", "--source", "intercom", "--account", "acme", "--explain"));
        Assert.Equal("", _session.Out);
        Assert.Contains("1 event, of no interest to any rule.", _session.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_newest_first_order_of_the_vendor_does_not_matter()
    {
        _session.Input = string.Join('\n', DeliveredRules.Named("03-success-after-failures").Fixtures[0].Records.Reverse().Select(r => r.Json));

        Assert.Equal(0, await _session.RunAsync("transform", "--source", "intercom", "--account", "acme", "--explain"));
        Assert.Contains("fires, with 8 events before it", _session.Out, StringComparison.Ordinal);
    }

    private static string Text(JsonElement row, string column) => row.GetProperty(column).GetString()!;
}
