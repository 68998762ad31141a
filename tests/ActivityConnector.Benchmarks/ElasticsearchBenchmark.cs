using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using ActivityConnector.Journals.Sqlite;
using ActivityConnector.Pipeline;
using ActivityConnector.Sinks.Elasticsearch;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActivityConnector.Benchmarks;

/// <summary>From a SQLite journal into an Elasticsearch or OpenSearch that is running: how fast, and what it costs this process and the server.</summary>
internal static class ElasticsearchBenchmark
{
    /// <summary>Events in a commit, as a backfill has them.</summary>
    private const int Unit = 2_000;

    /// <param name="url">The server; what is written there stays.</param>
    public static async Task RunAsync(string url, int count)
    {
        var directory = Directory.CreateTempSubdirectory("elasticsearch-bench-");
        try
        {
            await using var journal = await SqliteJournal.OpenAsync(
                new JournalOptions { Path = Path.Combine(directory.FullName, "journal.db") }, TimeProvider.System, NullLogger<SqliteJournal>.Instance, default);
            await FillAsync(journal, count);
            var options = new ElasticsearchOptions { Urls = [url], Prefix = $"bench{Environment.ProcessId}", Retention = null };
            await using var sink = new ElasticsearchSink(
                options, nested: false, Path.Combine(MappingBenchmark.Repository(), "config", "elasticsearch"), waitAtMost: null, TimeProvider.System, new Random(1),
                NullLogger<ElasticsearchSink>.Instance);
            await sink.PrepareAsync(default);
            Console.WriteLine("run | events | events/s | connector CPU-s a million | server CPU-s a million");

            // The second run sends it all again: everything is known.
            foreach (var (run, reader) in new[] { ("stored", (IEventSink)sink), ("known", new Renamed(sink)) })
            {
                var (started, mine, servers) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime, await ServerCpuAsync(url));
                var indexer = new Indexer(journal, reader, TimeSpan.FromSeconds(1), TimeProvider.System, NullLogger<Indexer>.Instance);
                await indexer.DrainAsync(default);
                var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
                var (cpu, serverCpu) = (Environment.CpuUsage.TotalTime - mine, await ServerCpuAsync(url) - servers);
                var million = (indexer.Totals.Stored + indexer.Totals.Known) / 1e6;
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{run} | {million * 1e6:N0} | {million * 1e6 / seconds:N0} | {cpu.TotalSeconds / million:F1} | {serverCpu.TotalSeconds / million:F1}"));
            }
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static async Task FillAsync(SqliteJournal journal, int count)
    {
        using var intercom = new JournalEvents("intercom");
        await using var writer = await journal.OpenWriterAsync(new("intercom", "bench"), default);
        for (var done = 0; done < count;)
        {
            var unit = intercom.Next(Unit);
            await writer.CommitAsync(new(unit, [], JournalBenchmark.Next(writer, intercom)), default);
            done += unit.Count;
        }
    }

    private static async Task<TimeSpan> ServerCpuAsync(string url)
    {
        using var http = new HttpClient();
        var stats = await http.GetFromJsonAsync<JsonElement>(url.TrimEnd('/') + "/_nodes/stats/process");
        return TimeSpan.FromMilliseconds(stats.GetProperty("nodes").EnumerateObject()
            .Sum(node => node.Value.GetProperty("process").GetProperty("cpu").GetProperty("total_in_millis").GetInt64()));
    }

    /// <summary>The same sink for a reader that starts at the beginning.</summary>
    private sealed class Renamed(IEventSink sink) : IEventSink
    {
        public string Name => "again";

        public int BatchSize => sink.BatchSize;

        public ValueTask PrepareAsync(CancellationToken cancellationToken) => sink.PrepareAsync(cancellationToken);

        public ValueTask<SinkResult> WriteAsync(IReadOnlyList<JournalEvent> events, CancellationToken cancellationToken) => sink.WriteAsync(events, cancellationToken);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
