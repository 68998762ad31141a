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
