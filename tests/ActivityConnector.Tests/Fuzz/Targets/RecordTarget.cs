using System.Text.Json;
using ActivityConnector.Transforms;

namespace ActivityConnector.Tests.Fuzz.Targets;

/// <summary>A record of a vendor, with and without privacy rules: its events are flat JSON objects, and can be marked as revised or truncated.</summary>
internal static class RecordTarget
{
    private static readonly PrivacyRules Privacy = new(
        new Dictionary<string, PrivacyAction> { ["user.email"] = PrivacyAction.Drop, ["source.ip"] = PrivacyAction.Hash, ["user.name"] = PrivacyAction.Hash },
        new byte[32]);

    private static readonly Dictionary<string, IActivityTransform[]> Transforms = new[] { "intercom", "sequence" }.ToDictionary(
        vendor => vendor,
        vendor => new[] { PrivacyRules.KeepAll, Privacy }
            .Select(rules => Golden.Vendors.Transform(vendor, Golden.Vendors.Settings(vendor) with { Privacy = rules }))
            .ToArray());

    public static Task ReadAsync(byte[] input, string vendor)
    {
        foreach (var transform in Transforms[vendor])
        {
            using var batch = new EventBatch();
            transform.Transform(new RawActivity(input, Golden.Vendors.ReceivedAt), batch);
            foreach (var e in batch.Events)
            {
                Check(e.Json);
                Check(RevisedEvent.Make(e, batch).Json);
                if (TruncatedEvent.Make(e, batch) is { } truncated) Check(truncated.Json);
                _ = transform.BeforeGrowth(e).Count;
            }
        }

        return Task.CompletedTask;
    }

    private static void Check(ReadOnlyMemory<byte> json)
    {
        using var e = JsonDocument.Parse(json);
        var names = e.RootElement.EnumerateObject().Select(member => member.Name).ToList();
        Assert.Equal(names.Count, names.Distinct().Count());
        Assert.DoesNotContain(e.RootElement.EnumerateObject(), member => member.Value.ValueKind == JsonValueKind.Object);
    }
}
