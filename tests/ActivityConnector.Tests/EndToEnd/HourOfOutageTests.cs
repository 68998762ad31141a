using ActivityConnector.Journals.Sqlite;
using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Shared;
using ActivityConnector.Tests.Sinks.Elasticsearch;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActivityConnector.Tests.EndToEnd;

/// <summary>Nothing runs beside it, so that the memory of this process is that of the test.</summary>
[CollectionDefinition(nameof(HourOfOutageTests), DisableParallelization = true)]
public sealed class AloneCollection;

/// <summary>Elasticsearch is unavailable for an hour of its sink's time, and the journal grows the whole while.</summary>
[Collection(nameof(HourOfOutageTests))]
public sealed class HourOfOutageTests
{
    private const int EventsOfAWait = 200;
    private const int EventBytes = 2_000;

    [Theory]
    [InlineData(503, "")]
    [InlineData(429, """{"error":{"type":"es_rejected_execution_exception"}}""")]
    [InlineData(403, """{"error":{"type":"cluster_block_exception"}}""")]
    public async Task Nothing_is_lost_memory_stays_flat_and_the_log_short(int status, string body)
    {
        using var folder = new TemporaryFolder();
        await using var scene = await SinkOnFake.StartAsync();
        await scene.Sink.PrepareAsync(default);
        await using var journal = await SqliteJournal.OpenAsync(
            new JournalOptions { Path = folder.File("journal.db") }, new ManualTimeProvider(), NullLogger<SqliteJournal>.Instance, default);
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        var (commits, memory) = (0, new List<long>());
        using var gate = new SemaphoreSlim(1);
        await CommitAsync();

        // Between two tries of the sink the sources continue.
        for (var i = 0; i < 5_000; i++) scene.Server.Then(AnswerAsync);

        var indexer = new Indexer(journal, scene.Sink, TimeSpan.FromSeconds(1), scene.Time, NullLogger<Indexer>.Instance);
        await indexer.DrainAsync(default);

        var collected = commits * EventsOfAWait;
        Assert.True(collected * (long)EventBytes > 30_000_000);
        Assert.Equal((collected, 0, 0), (indexer.Totals.Stored, indexer.Totals.Known, indexer.Totals.Refused));
        Assert.Equal(collected, scene.Server.Documents.Keys.Select(k => k.Id).Distinct().Count());

        // A quarter of what came in meanwhile would show.
        var (early, late) = (memory.Take(memory.Count / 4).Max(), memory.TakeLast(memory.Count / 4).Max());
        Assert.True(late - early < 4_000_000, $"{early:N0} bytes in the beginning, {late:N0} in the end");
        Assert.InRange(scene.Log.Lines.Count(l => l.Level > LogLevel.Information), 1, 2);
        Assert.Single(scene.Log.Lines, l => l.Text.StartsWith("Elasticsearch accepts events again", StringComparison.Ordinal));

        async Task AnswerAsync(FakeElasticsearch.Bulk bulk, HttpContext http)
        {
            scene.Server.Bulks.Clear();
            var waited = TimeSpan.FromTicks(scene.Time.Waits.Sum(w => w.Ticks));
            if (waited >= TimeSpan.FromHours(1))
            {
                await scene.Server.StoreAsync(bulk, http);
                return;
            }

            await gate.WaitAsync();
            await CommitAsync();
            // Every few minutes: a full collection takes as long as this process is large.
            if (waited > TimeSpan.FromMinutes(5 + (3 * memory.Count))) memory.Add(GC.GetTotalMemory(forceFullCollection: true));

            gate.Release();
            http.Response.StatusCode = status;
            await http.Response.WriteAsync(body);
        }

        async Task CommitAsync()
        {
            await writer.CommitAsync(Some.Commit(commits + 1, Some.Events(commits * EventsOfAWait, EventsOfAWait, EventBytes)), default);
            commits++;
        }
    }
}
