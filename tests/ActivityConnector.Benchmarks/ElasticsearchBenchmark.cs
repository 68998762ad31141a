using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using ActivityConnector.Journals.Sqlite;
using ActivityConnector.Pipeline;
using ActivityConnector.Sinks.Elasticsearch;
using ActivityConnector.Tests.Shared;
using ActivityConnector.Tests.Shared.Servers;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActivityConnector.Benchmarks;

/// <summary>From a SQLite journal into a real server on the same machine: how fast, and what it costs this process and the server.</summary>
internal static class ElasticsearchBenchmark
{
    /// <summary>Events in a commit, as a backfill has them.</summary>
    private const int Unit = 2_000;

    /// <summary>
    /// What a server gets first. It continues to compile itself for long: an event cost it 126 us at first, about 115 after a million and 97 after three.
    /// </summary>
    private const int WarmUp = 3_000_000;

    /// <summary>One run.</summary>
    /// <param name="What">Whether the events were new there.</param>
    internal sealed record Figures(string What, long Events, double Seconds, double CpuSeconds, double ServerCpuSeconds)
    {
        public double EventsPerSecond => Events / Seconds;

        /// <summary>Of the connector's CPU time to the server's.</summary>
        public double Share => CpuSeconds / ServerCpuSeconds;

        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture,
            $"{What} | {Events:N0} | {EventsPerSecond:N0} | {CpuSeconds * 1e6 / Events:F1} | {ServerCpuSeconds * 1e6 / Events:F1} | {Share:P0}");
    }

    /// <param name="kind">elasticsearch or opensearch; the server is this run's own.</param>
    public static async Task<IReadOnlyList<Figures>> RunAsync(string kind, int count)
    {
        await using var server = await SearchServer.StartForLongAsync(kind, "--heap", "1g");
        await RunAsync(server.Url, "warm", WarmUp, nested: false, again: false);
        return
        [
            .. await RunAsync(server.Url, "bench", count, nested: false, again: true),
            .. await RunAsync(server.Url, "nested", count, nested: true, again: false),
        ];
    }

    private static async Task<IReadOnlyList<Figures>> RunAsync(string url, string prefix, int count, bool nested, bool again)
    {
        using var folder = new TemporaryFolder();
        await using var journal = await SqliteJournal.OpenAsync(
            new JournalOptions { Path = folder.File("journal.db") }, TimeProvider.System, NullLogger<SqliteJournal>.Instance, default);
        await FillAsync(journal, count);
        var options = new ElasticsearchOptions { Urls = [url], Prefix = prefix, Retention = null };
        await using var sink = new ElasticsearchSink(
            options, nested, Path.Combine(MappingBenchmark.Repository(), "config", "elasticsearch"), waitAtMost: null, TimeProvider.System, new Random(1),
            NullLogger<ElasticsearchSink>.Instance);
        await sink.PrepareAsync(default);

        var first = await BringAsync(nested ? "new, nested" : "new", journal, sink, url);

        // Sent again, everything is known.
        return again ? [first, await BringAsync("sent again", journal, new Renamed(sink), url)] : [first];
    }

    private static async Task<Figures> BringAsync(string what, IJournal journal, IEventSink sink, string url)
    {
        var (started, mine, servers) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime, await ServerCpuAsync(url));
        var indexer = new Indexer(journal, sink, TimeSpan.FromSeconds(1), TimeProvider.System, NullLogger<Indexer>.Instance);
        await indexer.DrainAsync(default);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var cpu = Environment.CpuUsage.TotalTime - mine;
        return new(what, indexer.Totals.Stored + indexer.Totals.Known, seconds, cpu.TotalSeconds, (await ServerCpuAsync(url) - servers).TotalSeconds);
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

        public ValueTask<SinkResult> WriteAsync(IReadOnlyList<JournalEvent> events, CancellationToken cancellationToken) =>
            sink.WriteAsync(events, cancellationToken);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
