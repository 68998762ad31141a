using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using ActivityConnector.Pipeline;
using ActivityConnector.Sinks.Elasticsearch;
using ActivityConnector.Tests.Dashboards;
using ActivityConnector.Tests.Shared;
using ActivityConnector.Tests.Shared.Servers;
using ActivityConnector.Transforms;
using ActivityConnector.Transforms.Intercom;
using ActivityConnector.Transforms.Sequence;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActivityConnector.Benchmarks;

/// <summary>
/// Draws <c>docs/dashboard.png</c>: the records of a week go through the transforms and the sink into a real Elasticsearch, every panel asks it
/// what Kibana would ask, and a page shows the answers.
/// </summary>
internal static class DashboardPicture
{
    /// <summary>How often the connector asks a vendor.</summary>
    private static readonly TimeSpan Poll = TimeSpan.FromMinutes(2);

    public static Task WriteAsync() => WriteAsync(DemonstrationWeek.Records(), DemonstrationWeek.From, DemonstrationWeek.To);

    private static async Task WriteAsync(IEnumerable<DemonstrationRecord> records, DateTimeOffset from, DateTimeOffset to)
    {
        var root = MappingBenchmark.Repository();
        var board = BoardFile.Read(root);
        await using var server = await SearchServer.StartAsync("elasticsearch");
        await StoreAsync(server.Url, records);

        using var http = new HttpClient { BaseAddress = new Uri(server.Url) };
        using (await http.PostAsync(board.DataView.Title + "/_refresh", null)) { }

        var query = new BoardQuery(board, RuntimeFields: true, from, to, Interval: "3h");
        var panels = new List<(BoardPanel Panel, JsonElement Answer)>();
        foreach (var panel in board.Panels)
        {
            panels.Add((panel, panel.Kind == BoardKind.Heading ? default : await AnswerAsync(http, board, query, panel)));
        }

        var page = new DashboardPage(board, query);
        var docs = Path.Combine(root, "docs");
        await ShootAsync(page.Of(panels), page.Width, page.Height(board.Panels), Path.Combine(docs, "dashboard.png"));
    }

    private static async Task<JsonElement> AnswerAsync(HttpClient http, Board board, BoardQuery query, BoardPanel panel)
    {
        using var response = await http.PostAsJsonAsync(board.DataView.Title + "/_search", query.Of(panel));
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        return response.IsSuccessStatusCode ? answer : throw new InvalidOperationException($"The panel {panel.Id} has no answer: {answer}");
    }

    private static async Task StoreAsync(string url, IEnumerable<DemonstrationRecord> records)
    {
        var time = new SetTime();
        var options = new ElasticsearchOptions { Urls = [url], Retention = null };
        await using var sink = new ElasticsearchSink(
            options, nested: false, Path.Combine(MappingBenchmark.Repository(), "config", "elasticsearch"), waitAtMost: null, time, new Random(1),
            NullLogger<ElasticsearchSink>.Instance);
        await sink.PrepareAsync(default);

        var transforms = Transforms();
        var delays = new Random(3);
        foreach (var poll in records.GroupBy(record => (record.Vendor, At: Next(record.CreatedAt))).OrderBy(poll => poll.Key.At))
        {
            var readAt = poll.Key.At.AddMilliseconds(delays.Next(300, 3_000));
            using var batch = new EventBatch();
            foreach (var record in poll) transforms[poll.Key.Vendor].Transform(new(record.Json, readAt), batch);

            time.Now = readAt.AddMilliseconds(delays.Next(900, 6_000));
            var events = batch.Events.Select((e, n) => new JournalEvent(n, new(poll.Key.Vendor, "x"), e.Id, e.Time, null, readAt, e.Json)).ToList();
            var result = await sink.WriteAsync(events, default);
            if (result is { Waiting: { } waiting }) throw new InvalidOperationException($"{waiting.Cause} {waiting.Fix}");

            if (result.Refused is [var refused, ..]) throw new InvalidOperationException(refused.Reason);
        }
    }

    private static DateTimeOffset Next(DateTimeOffset moment) => new((moment.Ticks / Poll.Ticks + 1) * Poll.Ticks, TimeSpan.Zero);

    private static Dictionary<string, IActivityTransform> Transforms()
    {
        var tables = Path.Combine(MappingBenchmark.Repository(), "config", "mappings");
        var settings = new EventSettings
        {
            ServiceAddress = "https://api.intercom.io",
            OrganizationId = "xyz789",
            OrganizationName = "Acme",
            Agent = new("6f0c1c1e-9a53-4d0b-8d47-0f1f3f7b1a11", "siem-etl-01", "1.0.0"),
        };
        return new()
        {
            ["intercom"] = new IntercomTransform(IntercomTable.Parse(File.ReadAllText(Path.Combine(tables, "intercom-ecs.csv"))), settings),
            ["sequence"] = new SequenceTransform(
                SequenceTable.Parse(File.ReadAllText(Path.Combine(tables, "sequence-ecs.csv"))),
                settings with { ServiceAddress = "https://eu.sequencehq.com", OrganizationId = null }),
        };
    }

    private static async Task ShootAsync(string html, int width, int height, string picture)
    {
        using var folder = new TemporaryFolder();
        var page = folder.File("dashboard.html");
        await File.WriteAllTextAsync(page, html);
        string[] arguments =
        [
            "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", $"--user-data-dir={folder.File("profile")}",
            string.Create(CultureInfo.InvariantCulture, $"--window-size={width},{height}"), $"--screenshot={picture}", new Uri(page).AbsoluteUri,
        ];
        using var browser = Process.Start(new ProcessStartInfo("chromium", arguments) { RedirectStandardError = true })
            ?? throw new InvalidOperationException("Chromium does not start.");
        var errors = await browser.StandardError.ReadToEndAsync();
        await browser.WaitForExitAsync();
        if (browser.ExitCode != 0 || !File.Exists(picture)) throw new InvalidOperationException($"Chromium took no picture: {errors}");
    }

    /// <summary>The present of the week that is shown.</summary>
    private sealed class SetTime : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = DemonstrationWeek.From;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
