using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ActivityConnector.Transforms;

namespace ActivityConnector.Tests.Golden.Properties;

/// <summary>Mapping 6: a record seen again with other content is a second event.</summary>
public sealed class RevisedEventTests
{
    [Theory]
    [InlineData("intercom")]
    [InlineData("sequence")]
    public void A_revised_event_has_its_own_document_id_one_more_tag_and_nothing_else_new(string vendor) =>
        Property.HoldsForEvents(vendor, (_, events) =>
        {
            using var output = new EventBatch();
            foreach (var e in events)
            {
                var revised = RevisedEvent.Make(e, output);

                var before = Flat.Read(e.Json);
                var after = Flat.Read(revised.Json);
                Assert.Equal(before.Where(f => f.Key != "tags"), after.Where(f => f.Key != "tags"));
                Assert.Equal([.. Tags(before), "revised"], Tags(after));
                Assert.Equal(after.Skip(3).Select(f => f.Key).Order(StringComparer.Ordinal), after.Skip(3).Select(f => f.Key));
                Assert.Equal(e.EventId, revised.EventId);

                var digest = SHA256.HashData(Encoding.UTF8.GetBytes($"v1\n{vendor}.audit\n{e.Tenant}\n{e.EventId}\n{e.ContentDigest:x16}"));
                Assert.Equal(Convert.ToHexStringLower(digest)[..40], revised.Id);
            }
        });

    private static string[] Tags(List<KeyValuePair<string, string>> fields) =>
        fields.Find(f => f.Key == "tags").Value is { } tags ? JsonSerializer.Deserialize<string[]>(tags)! : [];
}
