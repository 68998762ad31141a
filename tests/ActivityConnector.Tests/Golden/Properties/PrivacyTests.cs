using System.Text;
using System.Text.Json;
using ActivityConnector.Transforms;

namespace ActivityConnector.Tests.Golden.Properties;

/// <summary>What a rule hides is nowhere in the event nor in what is derived from it, wherever and however it stood in the record.</summary>
public sealed class PrivacyTests
{
    private const string Email = "canary.person@secret-place.example";
    private const string Address = "2001:db8:0:0:0:0:ca:1e";
    private const string CanonicalAddress = "2001:db8::ca:1e";
    private const string EmailAsName = "canary_person_secret_place_example";

    private static readonly byte[] Key = Encoding.UTF8.GetBytes("a key of thirty-two bytes, or so");

    /// <summary>How the values may stand in a text.</summary>
    private static readonly string[] Forms =
    [
        Email, Email.ToUpperInvariant(), $"contact {Email} please", $"mailto:{Email}", $"x{Email}y", $"a@b.c,{Email};d@e.f", $"<{Email}>",
        "canary.person%40secret-place.example", "canary%2Eperson%2540secret-place.example", $"https://{Email}/p", Address, Address.ToUpperInvariant(),
        CanonicalAddress, $"[{CanonicalAddress}]:4711", $"8.8.8.8, {Address}, 1.1.1.1", $"from {Address}.", "2001%3Adb8%3A%3Aca%3A1e",
    ];

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
            Plant(vendor, record, new Random(seed++));
            using var events = new EventBatch();
            using var open = new EventBatch();
            transform.Run(record.ToString(), Vendors.ReceivedAt, events);
            bare.Run(record.ToString(), Vendors.ReceivedAt, open);
            foreach (var (shown, e) in open.Events.Zip(events.Events))
            {
                // Without an actor there is no value to hide.
                if (Flat.Read(shown.Json).Find(f => f.Key == "user.email").Value != $"\"{Email}\"") continue;

                checkedEvents++;
                string[] outputs = [Encoding.UTF8.GetString(e.Json.Span), e.EventId, e.Action, e.ActorId ?? "", e.ObjectId ?? "", e.Tenant, e.TraceId ?? ""];
                Assert.All(outputs, AssertClean);
            }
        });
        Assert.InRange(checkedEvents, 200, int.MaxValue);
    }

    private static void AssertClean(string output)
    {
        for (var i = 0; i < 3; i++)
        {
            Assert.DoesNotContain(Email, output, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(Address, output, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(CanonicalAddress, output, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(EmailAsName, output, StringComparison.OrdinalIgnoreCase);
            output = Uri.UnescapeDataString(output);
        }
    }

    /// <summary>Gives the record the two values in their own fields, and then in some names and texts of every kind.</summary>
    private static void Plant(string vendor, Tree record, Random random)
    {
        // Sequence gives no address, so none can be hidden.
        var forms = vendor == "intercom" ? Forms : Forms[..Array.IndexOf(Forms, Address)];
        foreach (var tree in record.All().ToList())
        {
            for (var i = 0; i < tree.Members.Count; i++)
            {
                var (name, value) = (tree.Members[i].Name, tree.Members[i].Value);
                if (name == "\"sequenceAccountId\"") continue;

                if (value.Kind is not (JsonValueKind.Object or JsonValueKind.Array) && random.Next(4) == 0)
                {
                    tree.Members[i] = new(name, Tree.Parse(JsonSerializer.Serialize(forms[random.Next(forms.Length)])));
                }
                else if (random.Next(10) == 0 && name != "\"activityLogItems\"")
                {
                    tree.Members.Add(new(JsonSerializer.Serialize(Email), Tree.Parse("\"x\"")));
                }
            }
        }

        if (vendor == "intercom")
        {
            Set(record, "performed_by", $$"""{"id":"1","email":"{{Email}}","ip":"{{Address}}"}""");
        }
        else if (record.Members.Find(m => m.Name == "\"activityLogItems\"") is { } items)
        {
            foreach (var item in items.Value.Elements) Set(item, "activityLogActor", $$"""{"entityId":"1","email":"{{Email}}"}""");
        }
    }

    private static void Set(Tree tree, string name, string json)
    {
        if (tree.Kind == JsonValueKind.Object) tree.Members.Add(new($"\"{name}\"", Tree.Parse(json)));
    }
}
