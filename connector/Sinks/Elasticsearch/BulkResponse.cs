using System.Text.Json;

namespace ActivityConnector.Sinks.Elasticsearch;

/// <summary>The answer to one bulk request, item by item.</summary>
internal static class BulkResponse
{
    /// <summary>Only what is looked at.</summary>
    public const string Filter = "filter_path=errors,items.*.status,items.*._id,items.*.result,items.*.error,items.*.failure_store";

    /// <summary>
    /// The items in the order in which the events were sent. Null when it is not the answer to them: no JSON, more or fewer items, other
    /// ids; servers have been seen that answer so.
    /// </summary>
    public static BulkResponseItem[]? Read(ReadOnlySpan<byte> body, IReadOnlyList<PendingEvent> sent)
    {
        var items = new BulkResponseItem[sent.Count];
        var reader = new Utf8JsonReader(body);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return null;

            var count = 0;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isItems = reader.ValueTextEquals("items"u8);
                reader.Read();
                if (!isItems)
                {
                    reader.Skip();
                    continue;
                }

                while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
                {
                    if (count == sent.Count || !TryRead(ref reader, sent[count].Event.Id, out items[count])) return null;

                    count++;
                }
            }

            // To its end, or it was cut.
            return reader.TokenType == JsonTokenType.EndObject && !reader.Read() && count == sent.Count ? items : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    private static bool TryRead(ref Utf8JsonReader reader, string id, out BulkResponseItem item)
    {
        item = default;
        if (!reader.Read() || reader.TokenType != JsonTokenType.PropertyName || !reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        var isOurs = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("status"u8))
            {
                reader.Read();
                item = item with { Status = reader.GetInt32() };
            }
            else if (reader.ValueTextEquals("_id"u8))
            {
                reader.Read();
                isOurs = reader.ValueTextEquals(id);
            }
            else if (reader.ValueTextEquals("result"u8))
            {
                reader.Read();
                item = item with { Result = reader.ValueTextEquals("created"u8) ? "created" : reader.GetString() };
            }
            else if (reader.ValueTextEquals("failure_store"u8))
            {
                reader.Read();
                item = item with { FailureStore = reader.GetString() };
            }
            else if (reader.ValueTextEquals("error"u8))
            {
                reader.Read();
                item = item with { Error = ServerError.Read(ref reader) };
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        // What the failure store keeps has an id of its own.
        return reader.Read() && item.Status != 0 && (isOurs || item.FailureStore == "used");
    }
}

/// <summary>What the server says of one event.</summary>
internal readonly record struct BulkResponseItem(int Status, string? Result, string? FailureStore, ServerError Error)
{
    public ItemVerdict Verdict => BulkVerdicts.Of(Status, Error, Result, FailureStore);
}
