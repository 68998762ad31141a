using System.Text.Json;
using ActivityConnector.Pipeline;
using ActivityConnector.Sinks.Elasticsearch;
using ActivityConnector.Tests.Shared;

namespace ActivityConnector.Tests.Fuzz.Targets;

/// <summary>The answer to a bulk of three events: it is read, or it is none. What it is read to say of an event stands in that event's own item.</summary>
internal static class BulkAnswerTarget
{
    private static readonly IReadOnlyList<PendingEvent> Sent =
        [.. "abc".Select((id, n) => new PendingEvent(new JournalEvent(n + 1, Some.Intercom, id.ToString(), Some.Start, null, Some.Start, default), "index"))];

    public static Task ReadAsync(byte[] input)
    {
        _ = ServerError.Of(input) is var error ? (error.WithoutValues(), error.ShortReason, error.Says("limit")) : default;
        foreach (var isForOurRequest in new[] { false, true })
        {
            if (BulkResponse.Read(input, Sent, isForOurRequest) is not { } items) continue;

            var own = ItemsOf(input);
            Assert.Equal(Sent.Count, items.Length);
            Assert.Equal(Sent.Count, own.Count);
            for (var i = 0; i < items.Length; i++)
            {
                _ = items[i].Error.WithoutValues();
                if (items[i].Verdict is not (ItemVerdict.Stored or ItemVerdict.Known)) continue;

                Assert.Contains(Values(own[i], "status"), v => v.GetInt32() is (>= 200 and < 300) or 409);
                var ids = Values(own[i], "_id").Select(v => v.GetString()).ToList();
                Assert.True(ids.Contains(Sent[i].Event.Id) || isForOurRequest);
                Assert.All(ids, id => Assert.True(id == Sent[i].Event.Id || !Sent.Any(e => e.Event.Id == id)));
            }
        }

        return Task.CompletedTask;
    }

    /// <summary>The items in their order, as the standard library reads them.</summary>
    private static List<JsonElement> ItemsOf(byte[] body)
    {
        using var answer = JsonDocument.Parse(body);
        var items = Values(answer.RootElement, "items").SelectMany(array => array.EnumerateArray());
        return [.. items.Select(item => item.EnumerateObject().Single().Value.Clone())];
    }

    private static IEnumerable<JsonElement> Values(JsonElement element, string name) =>
        element.EnumerateObject().Where(member => member.NameEquals(name)).Select(member => member.Value);
}
