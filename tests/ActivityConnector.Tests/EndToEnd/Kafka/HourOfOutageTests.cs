using ActivityConnector.Journals.Kafka;
using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Shared;
using ActivityConnector.Tests.Shared.Servers;
using ActivityConnector.Tests.Sinks.Elasticsearch;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActivityConnector.Tests.EndToEnd.Kafka;

/// <summary>Elasticsearch is unavailable for an hour of its sink's time, and the journal in Kafka grows the whole while.</summary>
[Collection(KafkaCollection.Name)]
[Trait("Kind", "server")]
public sealed class HourOfOutageTests(KafkaServer server)
{
    private const int EventsOfAWait = 100;

    [KafkaFact]
    public async Task Collection_goes_on_and_everything_is_stored_once_when_the_cluster_is_back()
    {
        await using var scene = await SinkOnFake.StartAsync();
        await scene.Sink.PrepareAsync(default);
        await using var journal = new KafkaJournal(
            server.Options(), new JournalOptions(), ["intercom"], TimeSpan.FromDays(2), TimeProvider.System, NullLogger<KafkaJournal>.Instance);
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        var commits = 0;
        using var gate = new SemaphoreSlim(1);
        await CommitAsync();
        for (var i = 0; i < 5_000; i++) scene.Server.Then(AnswerAsync);

        var indexer = new Indexer(journal, scene.Sink, TimeSpan.FromSeconds(1), scene.Time, NullLogger<Indexer>.Instance);
        await indexer.DrainAsync(default);

        Assert.InRange(commits, 30, 5_000);
        Assert.Equal((commits * EventsOfAWait, 0, 0), (indexer.Totals.Stored, indexer.Totals.Known, indexer.Totals.Refused));
        Assert.Equal(
            Some.Events(0, commits * EventsOfAWait).Select(e => e.Id).Order(), scene.Server.Documents.Keys.Select(k => k.Id).Order());

        // Between two tries of the sink the sources continue.
        async Task AnswerAsync(FakeElasticsearch.Bulk bulk, HttpContext http)
        {
            if (TimeSpan.FromTicks(scene.Time.Waits.Sum(w => w.Ticks)) >= TimeSpan.FromHours(1))
            {
                await scene.Server.StoreAsync(bulk, http);
                return;
            }

            await gate.WaitAsync();
            await CommitAsync();
            gate.Release();
            http.Response.StatusCode = 503;
        }

        async Task CommitAsync()
        {
            await writer.CommitAsync(Some.Commit(commits + 1, Some.Events(commits * EventsOfAWait, EventsOfAWait)), default);
            commits++;
        }
    }
}
