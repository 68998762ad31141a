using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ActivityConnector.Transforms;

namespace ActivityConnector.Tests.Golden;

/// <summary>The 512 KiB of <c>event.original</c>: too large for golden files.</summary>
public sealed class OriginalSizeTests
{
    private const int Kept = 512 * 1024;

    [Theory]
    [InlineData("intercom", Kept, true)]
    [InlineData("intercom", Kept + 1, false)]
    [InlineData("sequence", Kept, true)]
    [InlineData("sequence", Kept + 1, false)]
    public void An_original_over_512_KiB_is_left_out_and_its_hash_stays(string vendor, int bytes, bool kept)
    {
        var record = Padded(
            vendor == "intercom"
                ? """{"id":"6","created_at":1795280000,"activity_type":"app_name_change","performed_by":{"id":"1"},"x":"é@"}"""
                : """{"id":"l","sequenceAccountId":"a","createdAt":"2026-11-21T18:00:00Z","activityLogItems":[],"x":"é@"}""",
            bytes);
        using var batch = new EventBatch();

        Vendors.Transform(vendor, Vendors.Settings(vendor)).Run(record, Vendors.ReceivedAt, batch);

        using var json = JsonDocument.Parse(Assert.Single(batch.Events).Json);
        var e = json.RootElement;
        Assert.Equal(kept, e.TryGetProperty("event.original", out var original));
        Assert.Equal(!kept, e.TryGetProperty("tags", out var tags) && tags.EnumerateArray().Any(t => t.ValueEquals("_original_truncated")));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(record))), e.GetProperty("event.hash").GetString());
        Assert.True(!kept || original.GetString() == record);
    }

    [Fact]
    public void The_size_that_counts_for_an_item_is_that_of_the_log_reduced_to_it()
    {
        var large = $$"""{"id":"i1","x":"{{new string('x', Kept)}}"}""";
        var log = $$"""{"id":"l","sequenceAccountId":"a","createdAt":"2026-11-21T18:00:00Z","activityLogItems":[{{large}},{"id":"i2"}]}""";
        using var batch = new EventBatch();

        Vendors.Transform("sequence", Vendors.Settings("sequence")).Run(log, Vendors.ReceivedAt, batch);

        Assert.Equal([false, true], batch.Events.Select(e => e.Json.Span.IndexOf("\"event.original\""u8) >= 0));
    }

    private static string Padded(string record, int bytes) =>
        record.Replace("@", new string('x', bytes - Encoding.UTF8.GetByteCount(record) + 1), StringComparison.Ordinal);
}
