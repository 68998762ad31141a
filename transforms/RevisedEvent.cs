using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ActivityConnector.Transforms;

/// <summary>A record seen again with other content: a second event, because the first one is evidence and never overwritten.</summary>
public static class RevisedEvent
{
    private const string Tag = "revised";

    /// <summary>
    /// The same event with the tag <c>revised</c> last in <c>tags</c>, and an id of its own that <c>event.hash</c> is part of.
    /// <c>event.id</c> stays the source's.
    /// </summary>
    /// <param name="original">An event of this library; its JSON must still be valid.</param>
    /// <param name="output">Keeps the new event's JSON; the event itself is not added.</param>
    public static EcsEvent Make(EcsEvent original, EventBatch output)
    {
        ArgumentNullException.ThrowIfNull(original);
        ArgumentNullException.ThrowIfNull(output);
        var json = original.Json.Span;
        var place = Find(json, out var hash);
        var id = DocumentId.OfRevision(original, hash ?? original.ContentHash.ToString("x16", CultureInfo.InvariantCulture));
        byte[] tagged = [.. json[..place.At], .. Encoding.UTF8.GetBytes(place.Text), .. json[place.At..]];
        return new()
        {
            Id = Convert.ToHexStringLower(id.AsSpan(0, 20)),
            Key = BinaryPrimitives.ReadUInt128BigEndian(id),
            ContentHash = original.ContentHash,
            EventId = original.EventId,
            Dataset = original.Dataset,
            Action = original.Action,
            Tenant = original.Tenant,
            Time = original.Time,
            HasSourceTime = original.HasSourceTime,
            ActorId = original.ActorId,
            ObjectId = original.ObjectId,
            TraceId = original.TraceId,
            IsPipelineError = original.IsPipelineError,
            Json = output.Keep(tagged),
        };
    }

    /// <summary>Where the tag goes and as what: into the array, or as a new field in its place in the order.</summary>
    private static (int At, string Text) Find(ReadOnlySpan<byte> json, out string? hash)
    {
        hash = null;
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            var start = (int)reader.TokenStartIndex;
            if (FieldOrder.Compare(name, "tags") > 0)
            {
                return (start, $"\"tags\":[\"{Tag}\"],");
            }

            reader.Read();
            if (name == "event.hash")
            {
                hash = reader.GetString();
            }
            else if (name == "tags")
            {
                var isTagged = false;
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    isTagged |= reader.ValueTextEquals(Tag);
                }

                return ((int)reader.TokenStartIndex, isTagged ? "" : $",\"{Tag}\"");
            }
            else
            {
                reader.Skip();
            }
        }

        return (json.Length - 1, $",\"tags\":[\"{Tag}\"]");
    }
}
