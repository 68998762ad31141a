using System.Text.Json;

namespace ActivityConnector.Sinks.Elasticsearch;

/// <summary>The answer to one bulk request, item by item.</summary>
internal static class BulkResponse
{
    /// <summary>Only what is looked at.</summary>
    public const string Filter = "filter_path=errors,items.*.status,items.*._id,items.*._index,items.*.result,items.*.error,items.*.failure_store";

    /// <summary>
    /// The items in the order in which the events were sent. Null when it is not the answer to them: no JSON, more or fewer items, ids of other
    /// events; servers have been seen that answer so. An id that no event has is one that a pipeline of the cluster has set.
    /// </summary>
    /// <param name="body">Of the response.</param>
    /// <param name="sent">The events of the request.</param>
    /// <param name="isForOurRequest">The server has shown that it answers this request: only then may ids be others.</param>
    public static BulkResponseItem[]? Read(ReadOnlySpan<byte> body, IReadOnlyList<PendingEvent> sent, bool isForOurRequest)
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
                    if (count == sent.Count || !TryRead(ref reader, sent[count], out items[count])) return null;

                    count++;
                }
            }

            // To its end, or it was cut.
            return reader.TokenType == JsonTokenType.EndObject && !reader.Read() && count == sent.Count
                && (Array.TrueForAll(items, i => i.OtherId is null) || (isForOurRequest && AreNew(items, sent)))
                ? items
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    /// <summary>Whether the ids that were not sent are no event's.</summary>
    private static bool AreNew(BulkResponseItem[] items, IReadOnlyList<PendingEvent> sent)
    {
        var ids = sent.Select(e => e.Event.Id).ToHashSet();
        return !Array.Exists(items, i => i.OtherId is { } other && ids.Contains(other));
    }

    private static bool TryRead(ref Utf8JsonReader reader, PendingEvent sent, out BulkResponseItem item)
    {
        item = default;
        var hasId = false;
        if (!reader.Read() || reader.TokenType != JsonTokenType.PropertyName || !reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

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
                hasId = true;
                if (!reader.ValueTextEquals(sent.Event.Id)) item = item with { OtherId = reader.GetString() };
            }
            else if (reader.ValueTextEquals("_index"u8))
            {
                reader.Read();
                if (!reader.ValueTextEquals(sent.Target)) item = item with { OtherIndex = reader.GetString() };
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
        if (item.FailureStore == "used") item = item with { OtherId = null };

        return reader.Read() && item.Status != 0 && hasId;
    }
}

/// <summary>What the server says of one event.</summary>
/// <param name="OtherId">The document's id, where it is not the event's.</param>
/// <param name="OtherIndex">The document's index, where it is not the one that the event was sent to; of a data stream always one behind it.</param>
internal readonly record struct BulkResponseItem(
    int Status, string? Result, string? FailureStore, ServerError Error, string? OtherId, string? OtherIndex)
{
    public ItemVerdict Verdict => BulkVerdicts.Of(Status, Error, Result, FailureStore, hasOurId: OtherId is null);
}
