using System.Text.Json;
using ActivityConnector.Transforms;

namespace ActivityConnector.Tests.Golden.Properties;

/// <summary>Two values that rules hide, planted in generated records wherever a text can be, and the proof that an output has neither.</summary>
internal static class HiddenValues
{
    public const string Email = "canary.person@secret-place.example";

    private const string Address = "2001:db8:0:0:0:0:ca:1e";
    private const string CanonicalAddress = "2001:db8::ca:1e";
    private const string EmailAsName = "canary_person_secret_place_example";

    /// <summary>How the values may stand in a text.</summary>
    private static readonly string[] Forms =
    [
        Email, Email.ToUpperInvariant(), $"contact {Email} please", $"mailto:{Email}", $"x{Email}y", $"a@b.c,{Email};d@e.f", $"<{Email}>",
        "canary.person%40secret-place.example", "canary%2Eperson%2540secret-place.example", "canary.person\\u0040secret-place.example",
        "<a href='mailto:canary.person&#64;secret-place.example'>", $"https://{Email}/p", Address, Address.ToUpperInvariant(),
        CanonicalAddress, $"[{CanonicalAddress}]:4711", $"8.8.8.8, {Address}, 1.1.1.1", $"from {Address}.", "2001%3Adb8%3A%3Aca%3A1e",
    ];

    /// <summary>So many generated records of a vendor that have both values, as JSON.</summary>
    public static IReadOnlyList<string> Records(string vendor, int count)
    {
        var (records, seed) = (new List<string>(), 0);
        var open = Vendors.Transform(vendor, Vendors.Settings(vendor));
        Property.Holds(vendor, sample =>
        {
            var record = Tree.Parse(sample.Json);
            Plant(vendor, record, new Random(seed++));
            using var events = new EventBatch();
            open.Run(record.ToString(), Vendors.ReceivedAt, events);
            if (records.Count < count && events.Events.Count > 0 && events.Events.All(HasActor)) records.Add(record.ToString());
        });
        Assert.Equal(count, records.Count);
        return records;
    }

    /// <summary>Without an actor there is no value to hide.</summary>
    public static bool HasActor(EcsEvent e) => Flat.Read(e.Json).Find(f => f.Key == "user.email").Value == $"\"{Email}\"";

    public static void AssertNowhere(string output)
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
    public static void Plant(string vendor, Tree record, Random random)
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
