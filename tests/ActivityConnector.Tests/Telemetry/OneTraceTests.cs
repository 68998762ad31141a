using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using ActivityConnector.Tests.Configuration;
using ActivityConnector.Tests.EndToEnd;
using ActivityConnector.Tests.Shared;
using ActivityConnector.Tests.Shared.Servers;
using Confluent.Kafka;

namespace ActivityConnector.Tests.Telemetry;

/// <summary>The service with a real Kafka, a real Elasticsearch and a real OpenTelemetry Collector, and what each of them has in the end.</summary>
[Trait("Kind", "server")]
[Collection(KafkaProcessCollection.Name)]
public sealed partial class OneTraceTests(KafkaServer kafka, FullRun run) : IClassFixture<FullRun>, IAsyncLifetime
{
    private static readonly string[] Attributes =
        ["otel_scope_name", "otel_scope_version", "source", "account", "sink", "outcome", "result", "stage", "reason", "state", "le"];

    public Task InitializeAsync() => run.IsPossible ? run.RunAsync(kafka.Bootstrap) : Task.CompletedTask;

    public Task DisposeAsync() => Task.CompletedTask;

    [FullRunFact]
    public void A_records_trace_id_is_the_same_at_the_vendor_in_the_header_in_the_document_and_in_its_span()
    {
        var spans = run.Spans.Where(s => s.Name == $"create {run.Prefix}.sequence" && run.VendorTraceIds.Contains(s.TraceId)).ToList();
        Assert.Equal(run.VendorTraceIds.Order(StringComparer.Ordinal), spans.Select(s => s.TraceId).Distinct().Order(StringComparer.Ordinal));
        foreach (var span in spans)
        {
            var traceId = span.TraceId;
            Assert.Equal("", span.ParentSpanId);
            var message = Assert.Single(run.Messages, m => Header(m, "ce_id") == span.Attributes["messaging.message.id"]);
            Assert.Equal($"00-{traceId}-{span.SpanId}-01", Header(message, "traceparent"));
            Assert.Equal(traceId, Header(message, "x-trace-id"));
            var document = Assert.Single(run.Documents, d => d.GetProperty("_id").GetString() == Header(message, "ce_id"));
            Assert.Equal(traceId, document.GetProperty("_source").GetProperty("trace.id").GetString());
            Assert.Equal(Encoding.UTF8.GetString(message.Message.Key), span.Attributes["messaging.kafka.message.key"]);
        }
    }

    [FullRunFact]
    public void Each_step_of_the_delivery_is_a_span_in_its_place()
    {
        var topic = $"{run.Prefix}.sequence";
        var poll = run.Spans.First(s => s.Name == "poll sequence" && run.Spans.Any(c => c.ParentSpanId == s.SpanId && c.Name == $"send {topic}"));
        var send = run.Spans.First(s => s.Name == $"send {topic}" && s.ParentSpanId == poll.SpanId);
        Assert.Equal(3, send.Kind);
        Assert.NotEmpty(send.Links);
        Assert.All(send.Links, link => Assert.Contains(run.Spans, s => s.SpanId == link.SpanId && s.Name == $"create {topic}"));
        var commit = Assert.Single(run.Spans, s => s.Name == "commit transaction" && s.ParentSpanId == send.SpanId);
        Assert.Equal("committed", commit.Attributes["activity_connector.kafka.outcome"]);

        var process = run.Spans.First(s => s.Name.StartsWith("process", StringComparison.Ordinal) && s.Links.Count > 0);
        Assert.Equal(5, process.Kind);
        var receive = Assert.Single(run.Spans, s => s.SpanId == process.ParentSpanId);
        Assert.Equal((3, "receive"), (receive.Kind, receive.Attributes["messaging.operation.type"]));
        Assert.Equal($"{run.Prefix}.elasticsearch", receive.Attributes["messaging.consumer.group.name"]);
        var bulk = run.Spans.First(s => s.Name.StartsWith("bulk", StringComparison.Ordinal) && s.ParentSpanId == process.SpanId);
        Assert.Equal(("elasticsearch", "200"), (bulk.Attributes["db.system.name"], bulk.Attributes["db.response.status_code"]));
        Assert.Contains(run.Spans, s => s.Scope == "System.Net.Http" && s.ParentSpanId == bulk.SpanId);
        Assert.Contains(run.Spans, s => s.ParentSpanId == process.SpanId && s.Attributes.GetValueOrDefault("messaging.operation.type") == "settle");
    }

    [FullRunFact]
    public void Every_metric_of_the_alerts_and_the_dashboard_is_served()
    {
        var served = run.Metrics.SelectMany(MetricNames.Served).ToHashSet();

        Assert.Empty(MetricNames.Used("prometheus/activity-connector.rules.yml").Except(served));
        Assert.Empty(MetricNames.Used("grafana/activity-connector.json").Except(served));
    }

    [FullRunFact]
    public async Task The_text_of_metrics_is_what_Prometheus_wants_but_for_names_of_the_platform()
    {
        foreach (var text in run.Metrics)
        {
            var (_, output) = await ToolFolder.RunAsync("promtool", text, "check", "metrics");

            Assert.All(output.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.StartsWith("dotnet_", line, StringComparison.Ordinal));
        }
    }

    [FullRunFact]
    public void The_outcomes_of_both_ends_agree() => Assert.All(run.Metrics, text =>
    {
        var published = MetricNames.Sum(text, "activity_connector_records_total", "outcome=\"published\"");
        Assert.True(published > 0);
        Assert.True(MetricNames.Sum(text, "activity_connector_records_received_total") > 0);
        Assert.Equal(published, MetricNames.Sum(text, "activity_connector_sink_events_total"));
        Assert.Equal(0, MetricNames.Sum(text, "activity_connector_source_ledger_open"));
        Assert.Equal(0, MetricNames.Sum(text, "activity_connector_sink_unaccounted_total"));
        Assert.Equal(2, MetricNames.Sum(text, "activity_connector_dead_letters_open", "stage=\"size\""));
    });

    [FullRunFact]
    public void No_attribute_is_an_id_an_actor_or_an_index() => Assert.Subset(
        Attributes.ToHashSet(),
        run.Metrics.SelectMany(MetricNames.Lines).Where(line => line.StartsWith("activity_connector", StringComparison.Ordinal))
            .SelectMany(line => Attribute().Matches(line).Select(m => m.Groups[1].Value)).ToHashSet());

    private static string Header(ConsumeResult<byte[], byte[]?> record, string name) => Encoding.UTF8.GetString(record.Message.Headers.GetLastBytes(name));

    [GeneratedRegex("[{,]([a-z_]+)=")]
    private static partial Regex Attribute();
}

/// <summary>Skipped where one of the servers and tools is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FullRunFactAttribute : FactAttribute
{
    public FullRunFactAttribute() => Skip = ServerFolder.IsRequired ? null : FullRun.Missing;
}

/// <summary>One run of the service that several tests look at.</summary>
public sealed class FullRun
{
    private const int Records = 60;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private bool _hasRun;

    public static string? Missing =>
        KafkaServer.Missing ?? SearchServer.Missing("elasticsearch") ?? ToolFolder.Missing(OtelCollector.Tool) ?? ToolFolder.Missing("promtool");

    public bool IsPossible => ServerFolder.IsRequired || Missing is null;

    public string Prefix { get; private set; } = "";

    /// <summary>The trace ids that the vendor's list has, in the form of W3C.</summary>
    public IReadOnlyList<string> VendorTraceIds { get; private set; } = [];

    /// <summary>The text of /metrics: with SQLite, and after that with Kafka.</summary>
    public IReadOnlyList<string> Metrics { get; private set; } = [];

    public IReadOnlyList<ConsumeResult<byte[], byte[]?>> Messages { get; private set; } = [];

    public IReadOnlyList<JsonElement> Documents { get; private set; } = [];

    internal IReadOnlyList<CollectedSpan> Spans { get; private set; } = [];

    public async Task RunAsync(string bootstrap)
    {
        if (_hasRun) return;

        _hasRun = true;
        await using var collector = await OtelCollector.StartAsync();
        await using var elasticsearch = await SearchServer.StartAsync("elasticsearch");
        await using var scene = await Scene.OpenAsync(
            o => o with { Intercom = o.Intercom with { Records = Records }, Sequence = o.Sequence with { Records = Records } });
        scene.AddTooLarge(1);
        scene.Settings["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.GrpcUrl;
        scene.Settings["Elasticsearch__Prefix"] = SharedSearchServer.NewPrefix();
        scene.Settings["Elasticsearch__Retention"] = "36500.00:00:00";
        scene.Settings["Elasticsearch__Urls__0"] = elasticsearch.Url;
        scene.Settings["Admin__Enabled"] = "true";

        // What is appended becomes visible at once.
        scene.Settings["Sources__Intercom__Settle"] = "00:00:00";
        scene.Settings["Sources__Intercom__Schedule"] = "0/1 * * * * ?";

        var withSqlite = await MetricsOfAsync(scene);
        scene.UseKafka(bootstrap);
        Prefix = scene.Kafka!.Value.Prefix;
        Metrics = [withSqlite, await MetricsOfAsync(scene)];
        await collector.StopAsync();

        Spans = collector.Spans();
        Messages = KafkaServer.Consume(bootstrap, $"{Prefix}.sequence", decided: true);
        using var client = new SearchClient(elasticsearch.Url);
        Documents = await client.SearchAsync($"{scene.Settings["Elasticsearch__Prefix"]}-sequence*", """{"query":{"exists":{"field":"trace.id"}}}""");
        VendorTraceIds = [.. scene.Vendors.Sequence.VisibleRecords().Select(text => JsonDocument.Parse(text).RootElement)
            .Select(log => log.TryGetProperty("traceId", out var id) && id.ValueKind == JsonValueKind.String ? id.GetString()! : "")
            .Select(id => id.ToLowerInvariant())
            .Where(id => Regex.IsMatch(id, "^[0-9a-f]{32}$") && id.Trim('0').Length > 0)
            .Distinct()];
        Assert.All(scene.Vendors.Intercom.Requests.Concat(scene.Vendors.Sequence.Requests), request => Assert.Null(request.TraceParent));
    }

    /// <summary>The service until the sink has everything, and what it serves then.</summary>
    private static async Task<string> MetricsOfAsync(Scene scene)
    {
        scene.Settings["Admin__Url"] = $"http://127.0.0.1:{ServerFolder.FreePorts(1)}";
        await using var service = scene.Start("run");
        using var http = new HttpClient { BaseAddress = new Uri(scene.Settings["Admin__Url"]) };
        using var patience = new CancellationTokenSource(Patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        var (text, hasAppended) = ("", false);
        while (!IsComplete(text))
        {
            await timer.WaitForNextTickAsync(patience.Token);
            try
            {
                text = await http.GetStringAsync("/metrics", patience.Token);
            }
            catch (HttpRequestException)
            {
                // It is just starting.
            }

            if (!hasAppended && IsUpToDate(text, "source_state", "source=\"intercom\""))
            {
                // Only what comes between two polls shows how late the vendor is.
                var now = scene.Clock.GetUtcNow();
                scene.Vendors.Intercom.Append(
                    $$"""{"id":"{{Guid.NewGuid()}}","performed_by":{"type":"admin","id":"1"},"created_at":{{now.ToUnixTimeSeconds()}}"""
                    + ""","activity_type":"app_name_change","activity_description":"live"}""",
                    now);
                hasAppended = true;
            }
        }

        await service.SignalAsync("TERM");
        Assert.True(await service.EndAsync() == 0, service.Errors);
        Assert.DoesNotContain("did not take the last telemetry", service.Errors, StringComparison.Ordinal);
        return text;
    }

    private static bool IsComplete(string metrics) =>
        IsUpToDate(metrics, "sink_state", "") && IsUpToDate(metrics, "source_state", "source=\"sequence\"")
        && metrics.Contains("activity_connector_source_visibility_delay", StringComparison.Ordinal)
        && MetricNames.Sum(metrics, "activity_connector_dead_letters_open") > 0
        && MetricNames.Sum(metrics, "activity_connector_records_total", "outcome=\"published\"") is > 0 and var published
        && published == MetricNames.Sum(metrics, "activity_connector_sink_events_total");

    private static bool IsUpToDate(string metrics, string name, string label) =>
        MetricNames.Sum(metrics, $"activity_connector_{name}", "up_to_date", label) == 1;
}
