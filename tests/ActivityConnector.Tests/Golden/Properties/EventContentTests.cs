using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ActivityConnector.Transforms;

namespace ActivityConnector.Tests.Golden.Properties;

/// <summary>What an event says of its record, and what it must not depend on.</summary>
public sealed class EventContentTests
{
    private static readonly HashSet<string> QualityTags =
    [
        "_unknown_activity_type", "_unknown_verb", "_actor_missing", "_no_items", "_source_ip_invalid", "_source_ip_non_public",
        "_timestamp_fallback", "_timestamp_suspect", "_id_synthesized", "_metadata_truncated", "_original_truncated",
    ];

    public static TheoryData<string> BothVendors => ["intercom", "sequence"];

    [Theory, MemberData(nameof(BothVendors))]
    public void The_same_record_gives_the_same_bytes_from_a_used_and_a_new_instance(string vendor) =>
        Property.HoldsForEvents(vendor, (sample, events) =>
        {
            using var again = new EventBatch();
            Vendors.Transform(vendor, Vendors.Settings(vendor)).Run(sample.Json, Vendors.ReceivedAt, again);
            Assert.Equal(events.Select(Text), again.Events.Select(Text));
        });

    [Theory, MemberData(nameof(BothVendors))]
    public void Two_fetches_differ_in_the_receive_time_alone(string vendor)
    {
        var transform = Vendors.Transform(vendor, Vendors.Settings(vendor));
        Property.HoldsForEvents(vendor, (sample, events) =>
        {
            using var later = new EventBatch();
            transform.Run(sample.Json, Vendors.ReceivedAt.AddMinutes(7), later);
            Assert.Equal(events.Count, later.Events.Count);
            foreach (var (a, b) in events.Zip(later.Events))
            {
                Assert.Equal(a.Id, b.Id);
                Assert.Equal(a.ContentDigest, b.ContentDigest);
                string[] may = a.HasSourceTime ? ["event.created"] : ["@timestamp", "event.created"];

                // Whether a time is suspect depends on the receive time, too.
                var isAtLimit = (a.Time - Vendors.ReceivedAt.AddDays(1)).Duration() < TimeSpan.FromMinutes(8);
                Assert.Equal(may, Differences(a, b).Where(field => !isAtLimit || field != "tags").Order(StringComparer.Ordinal));
            }
        });
    }

    [Fact]
    public void An_Intercom_record_is_one_event_and_null_none() => Property.HoldsForEvents("intercom", (sample, events) =>
        Assert.Equal(sample.Json.Trim() == "null" ? 0 : 1, events.Count));

    [Fact]
    public void A_Sequence_log_is_one_event_an_item_and_at_least_one() => Property.HoldsForEvents("sequence", (sample, events) =>
        Assert.InRange(
            events.Count, sample.Originals?.Count ?? (sample.Json.Trim() == "null" ? 0 : 1), sample.Originals?.Count ?? int.MaxValue));

    [Theory, MemberData(nameof(BothVendors))]
    public void The_original_is_the_record_or_the_log_with_one_item(string vendor) => Property.HoldsForEvents(vendor, (sample, events) =>
    {
        foreach (var (original, e) in (sample.Originals ?? []).Zip(events))
        {
            var fields = Values(e);
            Assert.Equal(original, Field(fields, "event.original"));
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(original))), Field(fields, "event.hash"));
        }
    });

    [Theory, MemberData(nameof(BothVendors))]
    public void The_document_id_is_a_digest_of_dataset_tenant_and_event_id(string vendor) => Property.HoldsForEvents(vendor, (_, events) =>
    {
        foreach (var e in events)
        {
            var fields = Values(e);
            Assert.Equal(Field(fields, "organization.id") ?? "", e.Tenant);
            var digest = SHA256.HashData(Encoding.UTF8.GetBytes($"v1\n{vendor}.audit\n{e.Tenant}\n{Field(fields, "event.id")}"));
            Assert.Equal(Convert.ToHexStringLower(digest)[..40], e.Id);
            Assert.Equal(BinaryPrimitives.ReadUInt128BigEndian(digest), e.Key);
        }
    });

    [Theory, MemberData(nameof(BothVendors))]
    public void What_sinks_route_by_is_what_the_event_says(string vendor) => Property.HoldsForEvents(vendor, (_, events) =>
    {
        foreach (var e in events)
        {
            var fields = Values(e);
            Assert.Equal(Field(fields, "event.id"), e.EventId);
            Assert.Equal(Field(fields, "event.dataset"), e.Dataset);
            Assert.Equal(Field(fields, "event.action"), e.Action);
            Assert.Equal(Field(fields, "user.id"), e.ActorId);
            Assert.Equal(Field(fields, "trace.id"), e.TraceId);
            Assert.Equal(DateTimeOffset.Parse(Field(fields, "@timestamp")!, CultureInfo.InvariantCulture), e.Time);
            Assert.Equal(!Of(fields, "tags").Contains("_timestamp_fallback"), e.HasSourceTime);
            Assert.Equal(Field(fields, "event.kind") == "pipeline_error", e.IsPipelineError);
        }
    });

    [Theory, MemberData(nameof(BothVendors))]
    public void A_pipeline_error_says_what_went_wrong_and_nothing_else_does(string vendor) => Property.HoldsForEvents(vendor, (_, events) =>
    {
        foreach (var e in events)
            Assert.Equal(e.IsPipelineError, Values(e).ContainsKey("error.message"));
    });

    [Theory, MemberData(nameof(BothVendors))]
    public void Metadata_stays_within_its_limits(string vendor) => Property.HoldsForEvents(vendor, (_, events) =>
    {
        foreach (var e in events)
        {
            var fields = Values(e);
            var metadata = fields
                .Where(f => f.Key.StartsWith("intercom.metadata.", StringComparison.Ordinal) || f.Key == "sequence.metadata").ToList();
            Assert.InRange(metadata.Count, 0, 256);
            Assert.DoesNotContain(metadata, f => f.Value.Length is 0 or > 64);
            Assert.DoesNotContain(metadata.SelectMany(f => f.Value), value => value.Length is 0 or > 8192);
            Assert.InRange(Of(fields, "intercom.changed_settings").Length, 0, 128);
            Assert.InRange(Of(fields, "related.hosts").Length, 0, 16);
        }
    });

    [Theory, MemberData(nameof(BothVendors))]
    public void Arrays_hold_distinct_values_and_tags_the_vocabulary(string vendor) => Property.HoldsForEvents(vendor, (_, events) =>
    {
        foreach (var e in events)
        {
            var fields = Values(e);
            Assert.Subset(QualityTags, Of(fields, "tags").ToHashSet());
            foreach (var name in (string[])["tags", "related.user", "related.ip", "related.hosts", "intercom.changed_settings"])
                Assert.Distinct(Of(fields, name));
        }
    });

    private static string Text(EcsEvent e) => Encoding.UTF8.GetString(e.Json.Span);

    private static Dictionary<string, string[]> Values(EcsEvent e)
    {
        using var json = JsonDocument.Parse(e.Json);
        return json.RootElement.EnumerateObject()
            .ToDictionary(m => m.Name, m => EventShapeTests.Scalars(m.Value).Select(v => v.ToString()).ToArray());
    }

    private static string[] Of(Dictionary<string, string[]> fields, string name) => fields.GetValueOrDefault(name) ?? [];

    private static string? Field(Dictionary<string, string[]> fields, string name) => Of(fields, name) is [var only] ? only : null;

    private static IEnumerable<string> Differences(EcsEvent a, EcsEvent b)
    {
        var before = Flat.Read(a.Json).ToDictionary(f => f.Key, f => f.Value);
        var after = Flat.Read(b.Json).ToDictionary(f => f.Key, f => f.Value);
        return before.Keys.Union(after.Keys).Where(k => before.GetValueOrDefault(k) != after.GetValueOrDefault(k));
    }
}
