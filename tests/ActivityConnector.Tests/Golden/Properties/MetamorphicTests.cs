using System.Text;
using System.Text.Json;
using ActivityConnector.Transforms;

namespace ActivityConnector.Tests.Golden.Properties;

/// <summary>What must stay the same when a record is mapped in another way, or is written in another way.</summary>
public sealed class MetamorphicTests
{
    /// <summary>Fields that hold the record's own bytes.</summary>
    private static readonly HashSet<string> Verbatim = ["event.original", "event.hash"];

    private static readonly PrivacyAction[] Actions = [PrivacyAction.Drop, PrivacyAction.Hash];

    public static TheoryData<string> BothVendors => ["intercom", "sequence"];

    [Theory, MemberData(nameof(BothVendors))]
    public void A_record_alone_gives_the_same_bytes_as_one_after_many_others(string vendor)
    {
        var (used, batch) = (Vendors.Transform(vendor, Vendors.Settings(vendor)), new EventBatch());
        using (batch)
        {
            Property.HoldsForEvents(vendor, (sample, alone) =>
            {
                if (batch.Events.Count > 500) batch.Clear();

                var before = batch.Events.Count;
                used.Run(sample.Json, Vendors.ReceivedAt, batch);
                Assert.Equal(alone.Select(Text), batch.Events.Skip(before).Select(Text));
                Assert.Equal(alone.Select(e => (e.Id, e.ContentDigest)), batch.Events.Skip(before).Select(e => (e.Id, e.ContentDigest)));
            });
        }
    }

    /// <summary>Of a field that two paths share, and of what is listed in the order of the record, only the order may differ.</summary>
    [Theory, MemberData(nameof(BothVendors))]
    public void The_order_of_members_changes_no_value(string vendor)
    {
        var transform = Vendors.Transform(vendor, Vendors.Settings(vendor));
        Property.HoldsForEvents(vendor, (sample, events) =>
        {
            var tree = Tree.Parse(sample.Json);
            tree.ShuffleMembers(new Random(1));
            using var shuffled = new EventBatch();
            transform.Run(tree.ToString(), Vendors.ReceivedAt, shuffled);
            Assert.Equal(events.Select(e => (e.Id, e.ContentDigest)), shuffled.Events.Select(e => (e.Id, e.ContentDigest)));
            foreach (var (a, b) in events.Zip(shuffled.Events).Where(pair => !IsCut(pair.First)))
            {
                // Which values are the first within a limit depends on the order.
                Assert.Equal(Unordered(a), Unordered(b));
            }
        });
    }

    [Theory, MemberData(nameof(BothVendors))]
    public void Privacy_rules_keep_identity_and_the_required_fields(string vendor)
    {
        string[] required = ["@timestamp", "event.dataset", "organization.id", "ecs.version", "event.kind"];
        foreach (var action in Actions)
        {
            var rules = new PrivacyRules(
                ((string[])["user.*", "source.*", "related.*", "message", $"{vendor}.*"]).ToDictionary(field => field, _ => action),
                Encoding.UTF8.GetBytes("a key of thirty-two bytes, or so"));
            var transform = Vendors.Transform(vendor, Vendors.Settings(vendor) with { Privacy = rules });
            Property.HoldsForEvents(vendor, (sample, events) =>
            {
                using var hidden = new EventBatch();
                transform.Run(sample.Json, Vendors.ReceivedAt, hidden);
                Assert.Equal(events.Select(e => (e.Id, e.ContentDigest, e.Time)), hidden.Events.Select(e => (e.Id, e.ContentDigest, e.Time)));
                foreach (var (a, b) in events.Zip(hidden.Events))
                {
                    var (open, closed) = (Flat.Read(a.Json).ToDictionary(), Flat.Read(b.Json).ToDictionary());
                    Assert.All(required, field => Assert.Equal(open.GetValueOrDefault(field), closed.GetValueOrDefault(field)));
                    Assert.Contains(closed["event.id"], (string[])[open["event.id"], $"\"{a.Id}\""]);
                    Assert.Subset(open.Keys.ToHashSet(), closed.Keys.ToHashSet());
                }
            });
        }
    }

    private static string Text(EcsEvent e) => Encoding.UTF8.GetString(e.Json.Span);

    /// <summary>Whether a limit has cut something.</summary>
    private static bool IsCut(EcsEvent e)
    {
        using var json = JsonDocument.Parse(e.Json);
        return json.RootElement.EnumerateObject().Any(field => field.Name switch
        {
            "tags" => field.Value.EnumerateArray().Any(tag => tag.GetString() == "_metadata_truncated"),
            "related.user" => field.Value.GetArrayLength() >= 20,
            "related.hosts" => field.Value.GetArrayLength() >= 16,
            "intercom.changed_settings" => field.Value.GetArrayLength() >= 128,
            _ => false,
        });
    }

    private static List<string> Unordered(EcsEvent e)
    {
        using var json = JsonDocument.Parse(e.Json);
        return [.. json.RootElement.EnumerateObject().Where(field => !Verbatim.Contains(field.Name)).Select(field => $"{field.Name}: {Values(field.Value)}")];
    }

    private static string Values(JsonElement value) => value.ValueKind == JsonValueKind.Array
        ? string.Join(", ", value.EnumerateArray().Select(v => v.GetRawText()).Order(StringComparer.Ordinal))
        : value.GetRawText();
}
