using System.Text;
using System.Text.Json;
using ActivityConnector.Transforms;

namespace ActivityConnector.Tests.Golden.Properties;

/// <summary>What a rule hides is nowhere in the event nor in what is derived from it, wherever and however it stood in the record.</summary>
public sealed class PrivacyTests
{
    private static readonly byte[] Key = Encoding.UTF8.GetBytes("a key of thirty-two bytes, or so");

    public static TheoryData<string, string, PrivacyAction> Cases
    {
        get
        {
            var cases = new TheoryData<string, string, PrivacyAction>();
            foreach (var vendor in (string[])["intercom", "sequence"])
            {
                foreach (var rule in (string[])["user.email", "user.*"])
                {
                    cases.Add(vendor, rule, PrivacyAction.Drop);
                    cases.Add(vendor, rule, PrivacyAction.Hash);
                }
            }

            return cases;
        }
    }

    [Fact]
    public void What_is_hidden_in_one_item_of_a_log_is_hidden_in_the_events_of_the_others()
    {
        const string Record = """
            {"id":"l","sequenceAccountId":"a","createdAt":"2026-11-01T00:00:00Z","activityType":"NOTIFICATION","traceId":"jane.doe@company.com",
            "activityLogItems":[
            {"id":"1","verb":"UPDATED","summary":"one","activityLogActor":{"entityId":"1","email":"jane.doe@company.com"}},
            {"id":"2","verb":"UPDATED","summary":"two jane.doe@company.com","activityLogActor":{"entityId":"2","email":"bob@company.com"}},
            {"id":"3","verb":"UPDATED","summary":"bob@company.com, jane.doe@company.com","reason":"jane.doe@company.com"}]}
            """;

        var events = Hidden("sequence", Record, "user.email");

        Assert.Equal(3, events.Count);
        Assert.All(events, json => Assert.DoesNotContain("@company.com", json, StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("https://x.example/?n=Jane+Doe")]
    [InlineData("https://x.example/?n=Jane%20Doe")]
    [InlineData("https://x.example/?n%3DJane%2BDoe")]
    [InlineData("{\\\"n\\\":\\\"\\u004aane Doe\\\"}")]
    [InlineData("Jane&#32;Doe")]
    public void A_name_is_hidden_however_it_is_encoded(string text) =>
        Assert.DoesNotContain(
            text[^8..],
            Assert.Single(Hidden("intercom", Actor("{\"a\":" + JsonSerializer.Serialize(text) + "}"), "user.*")),
            StringComparison.Ordinal);

    [Theory]
    [InlineData(8180)]
    [InlineData(8173)]
    [InlineData(8188)]
    public void The_start_of_a_value_at_the_end_of_a_text_that_was_cut_is_hidden(int before)
    {
        var text = new string('z', before) + "jane.doe@company.com";

        var metadata = "{\"a\":\"" + text + "\",\"" + new string('p', 110) + "\":{\"jane.doe@company.com\":\"x\"}}";
        var hidden = Assert.Single(Hidden("intercom", Actor(metadata), "user.*"));

        Assert.DoesNotContain("zjane", hidden, StringComparison.Ordinal);
        Assert.DoesNotContain("p_jane", hidden, StringComparison.Ordinal);
    }

    private static string Actor(string metadata) =>
        "{\"id\":\"1\",\"created_at\":1700000000,\"activity_type\":\"app_name_change\",\"performed_by\":{\"type\":\"admin\",\"id\":\"1\","
        + "\"email\":\"jane.doe@company.com\",\"name\":\"Jane Doe\"},\"metadata\":" + metadata + "}";

    private static List<string> Hidden(string vendor, string record, string rule)
    {
        var rules = new PrivacyRules(new Dictionary<string, PrivacyAction> { [rule] = PrivacyAction.Drop }, Key);
        using var events = new EventBatch();
        Vendors.Transform(vendor, Vendors.Settings(vendor) with { Privacy = rules }).Run(record, Vendors.ReceivedAt, events);
        return [.. events.Events.Select(e => Encoding.UTF8.GetString(e.Json.Span))];
    }

    [Theory, MemberData(nameof(Cases))]
    public void A_hidden_value_is_nowhere(string vendor, string rule, PrivacyAction action)
    {
        var rules = new PrivacyRules(new Dictionary<string, PrivacyAction> { [rule] = action, ["source.ip"] = action }, Key);
        var transform = Vendors.Transform(vendor, Vendors.Settings(vendor) with { Privacy = rules });
        var bare = Vendors.Transform(vendor, Vendors.Settings(vendor));
        var (seed, checkedEvents) = (0, 0);
        Property.Holds(vendor, sample =>
        {
            var record = Tree.Parse(sample.Json);
            HiddenValues.Plant(vendor, record, new Random(seed++));
            using var events = new EventBatch();
            using var open = new EventBatch();
            transform.Run(record.ToString(), Vendors.ReceivedAt, events);
            bare.Run(record.ToString(), Vendors.ReceivedAt, open);
            foreach (var (shown, e) in open.Events.Zip(events.Events))
            {
                if (!HiddenValues.HasActor(shown)) continue;

                checkedEvents++;
                string[] outputs = [Encoding.UTF8.GetString(e.Json.Span), e.EventId, e.Action, e.ActorId ?? "", e.ObjectId ?? "", e.Tenant, e.TraceId ?? ""];
                Assert.All(outputs, HiddenValues.AssertNowhere);
            }
        });
        Assert.InRange(checkedEvents, 200, int.MaxValue);
    }
}
