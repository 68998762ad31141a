using ActivityConnector.Pipeline;
using ActivityConnector.Sinks.Elasticsearch;

namespace ActivityConnector.Tests.Sinks.Elasticsearch;

/// <summary>Writes events as the loop of the connector does: those that wait for their index are written again half a minute later.</summary>
internal static class WriteUntilSettled
{
    public static async Task<SinkResult> WriteUntilSettledAsync(this ElasticsearchSink sink, IReadOnlyList<JournalEvent> events, JumpingTime time)
    {
        var total = await sink.WriteAsync(events, default);
        while (total.Waiting is { } waiting)
        {
            await Task.Delay(TimeSpan.FromSeconds(30), time);
            var next = await sink.WriteAsync(waiting.Events, default);
            total = new(
                total.Stored + next.Stored, total.Known + next.Known, total.LeftOut + next.LeftOut, [.. total.Refused, .. next.Refused], next.Waiting);
        }

        return total;
    }
}
