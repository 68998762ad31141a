using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ActivityConnector.Transforms;

namespace ActivityConnector.Tests.Shared;

/// <summary>
/// The smallest honest transform, for tests of what stands around it: <c>{"id":"a","t":1795291200,"v":1}</c> to one event; without <c>t</c>, to one of the
/// time at which the record was received.
/// </summary>
public sealed class PlainTransform : IActivityTransform
{
    /// <summary>Never: the tests of what a member more means take a transform of a vendor.</summary>
    public IReadOnlyList<ulong> BeforeGrowth(EcsEvent e) => [];

    public bool HidesValues => false;

    public void Transform(in RawActivity activity, EventBatch output)
    {
        using var json = JsonDocument.Parse(activity.Json);
        var id = json.RootElement.GetProperty("id").GetString()!;
        var hasTime = json.RootElement.TryGetProperty("t", out var t);
        var time = hasTime ? DateTimeOffset.FromUnixTimeSeconds(t.GetInt64()) : activity.ReceivedAt;
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes($"v1\nplain.audit\ntenant\n{id}"));
        var hash = SHA256.HashData(activity.Json.Span);
        var text = new Dictionary<string, object>
        {
            ["@timestamp"] = time.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", System.Globalization.CultureInfo.InvariantCulture),
            ["message"] = id,
            ["event.hash"] = Convert.ToHexStringLower(hash),
            ["event.id"] = id,
            ["organization.id"] = "tenant",
        };
        output.Add(new EcsEvent
        {
            DocumentId = new(digest),
            ContentDigest = System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(hash),
            EventIdText = Encoding.UTF8.GetBytes(id),
            Dataset = "plain.audit",
            Action = "plain",
            Tenant = "tenant",
            Time = time,
            HasSourceTime = hasTime,
            Json = output.Keep(JsonSerializer.SerializeToUtf8Bytes(text)),
        });
    }
}
