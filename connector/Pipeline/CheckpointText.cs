using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace ActivityConnector.Pipeline;

/// <summary>The stored text of a <see cref="Checkpoint"/>: UTF-8 JSON with <c>kind</c> and <c>sum</c>.</summary>
/// <remarks>
/// <c>sum</c> is <c>sha256:</c> and the digest of the same JSON without <c>sum</c>, keys sorted, no white space:
/// what <c>jq -cjS 'del(.sum)' | sha256sum</c> prints. Thread-safe.
/// </remarks>
public static class CheckpointText
{
    /// <summary>What to do about a checkpoint that cannot be read.</summary>
    internal const string Fix =
        "Bring it back with checkpoint import or from a backup of the journal, or read the source from its start again: checkpoint reset.";

    /// <summary>What has a name twice could not be written again.</summary>
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The text as it is stored.</summary>
    public static byte[] Serialize(Checkpoint checkpoint)
    {
        var fields = JsonSerializer.SerializeToNode(checkpoint, CheckpointJson.Default.Checkpoint)!.AsObject();
        fields.Insert(1, "kind", checkpoint.Position is WindowPosition ? "window" : "cursor");
        fields["sum"] = SumOf(fields);
        return Write(writer => fields.WriteTo(writer));
    }

    /// <summary>Reads a stored text; an older version is cast up.</summary>
    /// <exception cref="JournalCorruptException">It is damaged, or of a newer version than this binary writes.</exception>
    public static Checkpoint Parse(ReadOnlySpan<byte> text)
    {
        try
        {
            var fields = JsonNode.Parse(text, documentOptions: Strict)?.AsObject() ?? throw new JsonException("It is null.");
            var version = (int?)fields["v"] ?? throw new JsonException("It has no version.");
            if (version > Checkpoint.CurrentVersion) throw Newer(version);

            if (version > 0 && (string?)fields["sum"] != SumOf(fields)) throw new JsonException("Its sum does not match.");

            fields = version == 0 ? CheckpointUpcast.FromV0(fields) : fields;
            fields = version < 2 ? CheckpointUpcast.FromV1(fields) : fields;

            return Read(fields);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new JournalCorruptException("The checkpoint is damaged: " + e.Message, Fix, e);
        }
    }

    /// <summary>
    /// The version that the text claims, without looking further; null if it is not even JSON. A newer one must be refused, never passed
    /// over.
    /// </summary>
    public static int? VersionOf(ReadOnlySpan<byte> text)
    {
        try
        {
            return (int?)JsonNode.Parse(text, documentOptions: Strict)?["v"];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or ArgumentException)
        {
            return null;
        }
    }

    internal static JournalCorruptException Newer(int version) => new(
        string.Create(CultureInfo.InvariantCulture, $"The checkpoint is of version {version}; this program knows versions up to {Checkpoint.CurrentVersion}."),
        string.Create(CultureInfo.InvariantCulture, $"Run a version of the connector that knows checkpoint version {version}."));

    private static Checkpoint Read(JsonObject fields)
    {
        var kind = (string?)fields["kind"];
        fields.Remove("kind");
        fields.Remove("sum");
        var checkpoint = fields.Deserialize(CheckpointJson.Default.Checkpoint)!;
        var expected = (checkpoint.Window, checkpoint.Cursor) switch
        {
            ({ }, null) => "window",
            (null, { }) => "cursor",
            _ => null,
        };
        if (kind is null || kind != expected) throw new JsonException("Its kind and its position differ.");

        // The source generator leaves what is missing null, whatever the type's own default says.
        var read = checkpoint with
        {
            Sweep = checkpoint.Sweep ?? new(),
            Totals = checkpoint.Totals ?? new(),
            Ranges = checkpoint.Ranges?.Select(range => range is { Counts: null } ? range with { Counts = new() } : range).ToList(),
            Window = checkpoint.Window is { } window ? window with { Suspects = window.Suspects ?? [] } : null,
            Cursor = checkpoint.Cursor is { } cursor ? cursor with { Days = cursor.Days ?? [], Accounts = cursor.Accounts ?? [] } : null,
        };
        return CheckpointBounds.Problem(read) is { } problem ? throw new JsonException(problem) : read;
    }

    internal static string SumOf(JsonObject fields) =>
        "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Write(writer => WriteSorted(writer, fields, leaveOut: "sum"))));

    private static byte[] Write(Action<Utf8JsonWriter> write)
    {
        var bytes = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(bytes, Plain))
        {
            write(writer);
        }

        return bytes.WrittenSpan.ToArray();
    }

    private static void WriteSorted(Utf8JsonWriter writer, JsonNode? node, string? leaveOut = null)
    {
        switch (node)
        {
            case JsonObject fields:
                writer.WriteStartObject();
                foreach (var (name, value) in fields.Where(f => f.Key != leaveOut).OrderBy(f => f.Key, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(name);
                    WriteSorted(writer, value);
                }

                writer.WriteEndObject();
                break;
            case JsonArray items:
                writer.WriteStartArray();
                foreach (var item in items) WriteSorted(writer, item);

                writer.WriteEndArray();
                break;
            case JsonValue text when text.GetValueKind() == JsonValueKind.String:
                // Decoded and encoded again: the sum does not depend on how the stored text escapes a character.
                writer.WriteStringValue(text.GetValue<string>());
                break;
            case null:
                writer.WriteNullValue();
                break;
            default:
                node.WriteTo(writer);
                break;
        }
    }
}

[JsonSourceGenerationOptions(Converters = [typeof(UtcTimeConverter)], RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(Checkpoint))]
internal sealed partial class CheckpointJson : JsonSerializerContext;

/// <summary>Times end in Z and carry no more digits than they need.</summary>
internal sealed class UtcTimeConverter : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetDateTimeOffset().ToUniversalTime();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture));
}
