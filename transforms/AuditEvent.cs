using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using ActivityConnector.Transforms.Ecs;
using ActivityConnector.Transforms.Fields;

namespace ActivityConnector.Transforms;

/// <summary>
/// A change that an operator made to the connector itself, as an ECS event of the dataset <c>activity_connector.audit</c>: who, what, before and after.
/// Immutable; <see cref="ToEvent"/> is pure.
/// </summary>
public sealed record AuditEvent
{
    public const string Dataset = Module + ".audit";

    /// <summary>The fields that no event of a vendor has.</summary>
    public static IReadOnlyList<EventField> Fields { get; } =
    [
        new(ChangeFields + "after", FieldType.Keyword, "How it is after an operator's change of the connector."),
        new(ChangeFields + "before", FieldType.Keyword, "How it was before an operator's change of the connector."),
        new(ChangeFields + "target", FieldType.Keyword, "What of the connector an operator changed: a source, by vendor and account."),
    ];

    private const string Module = "activity_connector";
    private const string ChangeFields = Module + ".change.";

    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Unique: the same change has the same id.</summary>
    public required Guid Id { get; init; }

    public required DateTimeOffset Time { get; init; }

    /// <summary>What was done, for example <c>source-paused</c>.</summary>
    public required string Action { get; init; }

    /// <summary>One sentence.</summary>
    public required string Message { get; init; }

    /// <summary>What was changed: <c>vendor/account</c>, or the id of a dead letter.</summary>
    public required string Target { get; init; }

    /// <summary>Who says they did it.</summary>
    public required string User { get; init; }

    /// <summary>From where.</summary>
    public string? Address { get; init; }

    public string? Before { get; init; }

    public string? After { get; init; }

    public required AgentIdentity Agent { get; init; }

    /// <summary>The flat event. No part of it is a secret, as long as no field above holds one.</summary>
    public EcsEvent ToEvent()
    {
        var id = Id.ToString();
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes(DocumentId.PrefixOf(Dataset, Agent.Id) + id));
        return new EcsEvent
        {
            DocumentId = new DocumentId(digest),
            ContentDigest = Math.Max(1, BinaryPrimitives.ReadUInt64BigEndian(digest.AsSpan(24))),
            EventIdText = Encoding.UTF8.GetBytes(id),
            Dataset = Dataset,
            Action = Action,
            Tenant = Agent.Id,
            Time = Time,
            HasSourceTime = true,
            ActorId = User,
            ObjectId = Target,
            Json = Json(id),
        };
    }

    private byte[] Json(string id)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, Plain))
        {
            json.WriteStartObject();
            foreach (var (name, value) in Values(id).OrderBy(f => f.Name, StringComparer.Ordinal))
            {
                switch (value)
                {
                    case string text:
                        json.WriteString(name, text.Replace("\0", "", StringComparison.Ordinal));
                        break;
                    case string[] texts:
                        json.WriteStartArray(name);
                        foreach (var text in texts) json.WriteStringValue(text);
                        json.WriteEndArray();
                        break;
                }
            }

            json.WriteEndObject();
        }

        return bytes.WrittenSpan.ToArray();
    }

    private (string Name, object? Value)[] Values(string id)
    {
        var time = new byte[EcsTime.MaxBytes];
        return
        [
            ("@timestamp", Encoding.UTF8.GetString(time, 0, EcsTime.Write(Time.UtcTicks, time))),
            ("message", Message),
            ("ecs.version", EventFrame.EcsVersion),
            ("agent.ephemeral_id", Agent.EphemeralId),
            ("agent.id", Agent.Id),
            ("agent.name", Agent.Name),
            ("agent.type", EventFrame.AgentType),
            ("agent.version", Agent.Version),
            ("event.action", Action),
            ("event.category", new[] { "configuration" }),
            ("event.dataset", Dataset),
            ("event.id", id),
            ("event.kind", "event"),
            ("event.module", Module),
            ("event.outcome", "success"),
            ("event.provider", EventFrame.AgentType),
            ("event.type", new[] { "change" }),
            (ChangeFields + "target", Target),
            (ChangeFields + "before", Before),
            (ChangeFields + "after", After),
            ("related.user", new[] { User }),
            ("related.ip", Address is null ? null : new[] { Address }),
            ("source.ip", Address),
            ("user.name", User),
        ];
    }
}
