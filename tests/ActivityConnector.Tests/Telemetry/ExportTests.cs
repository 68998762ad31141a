using System.Text.Json;
using ActivityConnector.Tests.EndToEnd;
using ActivityConnector.Tests.Shared.Servers;

namespace ActivityConnector.Tests.Telemetry;

/// <summary>What a run of the real process sends to a real OpenTelemetry Collector.</summary>
[Trait("Kind", "server")]
public sealed class ExportTests
{
    private const int Records = 40;

    [ToolTheory(OtelCollector.Tool)]
    [InlineData("grpc")]
    [InlineData("http/protobuf")]
    public async Task Traces_metrics_and_log_arrive_and_neither_a_secret_nor_anything_at_the_vendors(string protocol)
    {
        await using var collector = await OtelCollector.StartAsync();
        await using var scene = await OpenAsync();
        scene.Settings["OTEL_EXPORTER_OTLP_ENDPOINT"] = protocol == "grpc" ? collector.GrpcUrl : collector.HttpUrl;
        scene.Settings["OTEL_EXPORTER_OTLP_PROTOCOL"] = protocol;
        scene.Settings["OTEL_SERVICE_NAME"] = "audit-collector";
        scene.Settings["OTEL_RESOURCE_ATTRIBUTES"] = "deployment.environment.name=test";

        var (exitCode, _, errors) = await scene.RunAsync("run", "--once", "--log-format", "json");
        await collector.StopAsync();

        Assert.True(exitCode == 0, errors);
        AssertTraces(collector.Spans());
        AssertLogs(errors, collector.Logs());
        Assert.Superset(
            new HashSet<string>
            {
                "activity_connector.records", "activity_connector.records.received", "activity_connector.poll.duration", "activity_connector.source.lag",
                "activity_connector.source.state", "activity_connector.journal.size", "http.client.request.duration", "dotnet.process.cpu.time",
            },
            collector.Metrics().ToHashSet());
        Assert.All(((string, string)[])[("traces", "resourceSpans"), ("metrics", "resourceMetrics"), ("logs", "resourceLogs")], of =>
        {
            var resource = collector.Resource($"{of.Item1}.jsonl", of.Item2);
            Assert.Equal(("audit-collector", "test"), (resource["service.name"], resource["deployment.environment.name"]));
        });
        Assert.All(
            (string[])[scene.Vendors.Intercom.AccessToken, scene.Vendors.Sequence.ClientSecret],
            secret => Assert.DoesNotContain(secret, collector.AsText, StringComparison.Ordinal));
        Assert.All(scene.Vendors.Intercom.Requests.Concat(scene.Vendors.Sequence.Requests), request => Assert.Null(request.TraceParent));
    }

    [ToolFact(OtelCollector.Tool)]
    public async Task What_is_switched_off_is_not_sent()
    {
        await using var collector = await OtelCollector.StartAsync();
        await using var scene = await OpenAsync();
        scene.Settings["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.GrpcUrl;
        scene.Settings["OTEL_METRICS_EXPORTER"] = "none";
        scene.Settings["Telemetry__Logs"] = "false";
        scene.Settings["Telemetry__RecordSpans"] = "off";

        var (exitCode, _, errors) = await scene.RunAsync("run", "--once");
        scene.Settings["OTEL_SDK_DISABLED"] = "true";
        var (disabled, _, _) = await scene.RunAsync("run", "--once");
        await collector.StopAsync();

        Assert.True(exitCode == 0 && disabled == 0, errors);
        Assert.Empty(collector.Metrics());
        Assert.Empty(collector.Logs());
        var spans = collector.Spans();
        Assert.Single(spans, s => s.Name == "poll intercom");
        Assert.DoesNotContain(spans, s => s.Name.StartsWith("create", StringComparison.Ordinal));
    }

    [ToolFact(OtelCollector.Tool)]
    public async Task The_failure_that_ends_the_process_is_in_the_log_of_both_kinds()
    {
        await using var collector = await OtelCollector.StartAsync();
        await using var scene = await OpenAsync();
        scene.Settings["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.GrpcUrl;
        await File.WriteAllTextAsync(scene.JournalPath, "no journal");

        var (exitCode, _, errors) = await scene.RunAsync("run", "--once", "--log-format", "json");
        await collector.StopAsync();

        Assert.Equal(1, exitCode);
        var last = JsonDocument.Parse(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]).RootElement;
        Assert.Equal("fatal", last.GetProperty("log.level").GetString());
        var sent = Assert.Single(collector.Logs(), log => log.Severity == "Critical");
        Assert.Equal(last.GetProperty("message").GetString(), sent.Body);
    }

    private static Task<Scene> OpenAsync() =>
        Scene.OpenAsync(o => o with { Intercom = o.Intercom with { Records = Records }, Sequence = o.Sequence with { Records = Records } });

    private static void AssertTraces(IReadOnlyList<CollectedSpan> spans)
    {
        foreach (var source in (string[])["intercom", "sequence"])
        {
            var poll = Assert.Single(spans, s => s.Name == $"poll {source}");
            Assert.Equal((1, ""), (poll.Kind, poll.ParentSpanId));
            Assert.Equal(source, poll.Attributes["activity_connector.source"]);
            Assert.Contains(spans, s => s.Scope == "System.Net.Http" && s.ParentSpanId == poll.SpanId
                && s.Attributes["url.full"].EndsWith("?*", StringComparison.Ordinal));
            Assert.Contains(spans, s => s.Name == $"transform {source}" && s.ParentSpanId == poll.SpanId);
            Assert.Contains(spans, s => s.Name == "commit journal" && s.ParentSpanId == poll.SpanId);
        }

        // In the record's own trace, as its first span, with a link to the run.
        var run = spans.Single(s => s.Name == "poll sequence");
        var joined = spans.Where(s => s.Name == "create journal" && s.ParentSpanId.Length == 0).ToList();
        Assert.NotEmpty(joined);
        Assert.All(joined, span =>
        {
            Assert.NotEqual(run.TraceId, span.TraceId);
            Assert.Equal([run.TraceId], span.Links.Select(link => link.TraceId));
        });
    }

    private static void AssertLogs(string errors, IReadOnlyList<CollectedLog> sent)
    {
        var lines = errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.All(lines, line => Assert.Equal("audit-collector", line.GetProperty("service.name").GetString()));
        var logged = lines.Where(line => line.TryGetProperty("log.logger", out _)).ToList();
        Assert.Equal(
            logged.Select(line => line.GetProperty("message").GetString()).Order(StringComparer.Ordinal),
            sent.Select(log => log.Body).Order(StringComparer.Ordinal));
        var owned = logged.First(line => line.GetProperty("message").GetString()!.Contains("is owned by this process", StringComparison.Ordinal));
        var same = sent.Single(log => log.Body == owned.GetProperty("message").GetString());
        Assert.Equal(owned.GetProperty("trace.id").GetString(), same.TraceId);
        Assert.Equal(owned.GetProperty("activity_connector.source").GetString(), same.Attributes["activity_connector.source"]);
        Assert.Equal(owned.GetProperty("activity_connector.sequence").ToString(), same.Attributes["activity_connector.sequence"]);
    }
}
