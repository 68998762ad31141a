using System.Diagnostics;
using System.Text.Json;

namespace ActivityConnector.Tests.Shared.Servers;

/// <summary>A real OpenTelemetry Collector that this test started. What it has received is shown once it is stopped.</summary>
internal sealed class OtelCollector : IAsyncDisposable
{
    public const string Tool = "otelcol/run.sh";

    private readonly TemporaryFolder _folder = new();
    private readonly int _port = ServerFolder.FreePorts(2);
    private bool _isRunning;

    private OtelCollector()
    {
    }

    public string HttpUrl => $"http://127.0.0.1:{_port}";

    public string GrpcUrl => $"http://127.0.0.1:{_port + 1}";

    /// <summary>Everything it has received, as text.</summary>
    public string AsText => string.Join('\n', Directory.EnumerateFiles(_folder.Path, "*.jsonl").Select(File.ReadAllText));

    public static async Task<OtelCollector> StartAsync()
    {
        var collector = new OtelCollector();
        await RunAsync("start", $"{collector._port}", $"{collector._port + 1}", collector._folder.Path);
        collector._isRunning = true;
        return collector;
    }

    /// <summary>What a real collector says of a configuration, which it does not run.</summary>
    public static async Task<(int ExitCode, string Output)> ValidateAsync(string configuration)
    {
        var folder = Path.GetDirectoryName(ToolFolder.Find(Tool) ?? throw new InvalidOperationException(ToolFolder.Missing(Tool)))!;
        var start = new ProcessStartInfo(
            "bash", ["-c", "cd \"$0\" && . ../unpack.sh && exec \"$(unpack otelcol.xz)\" validate --config \"$1\" 2>&1", folder, configuration])
        {
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output);
    }

    public async Task StopAsync()
    {
        if (!_isRunning) return;

        _isRunning = false;
        await RunAsync("stop", _folder.Path);
    }

    public IReadOnlyList<CollectedSpan> Spans() =>
    [
        .. from resource in Batches("traces.jsonl", "resourceSpans")
           from scope in resource.GetProperty("scopeSpans").EnumerateArray()
           from span in scope.GetProperty("spans").EnumerateArray()
           select new CollectedSpan(
               Text(scope.GetProperty("scope"), "name"), Text(span, "name"), span.GetProperty("kind").GetInt32(), Text(span, "traceId"), Text(span, "spanId"),
               Text(span, "parentSpanId"), Attributes(span), Links(span)),
    ];

    public IReadOnlyList<CollectedLog> Logs() =>
    [
        .. from resource in Batches("logs.jsonl", "resourceLogs")
           from scope in resource.GetProperty("scopeLogs").EnumerateArray()
           from log in scope.GetProperty("logRecords").EnumerateArray()
           select new CollectedLog(Text(log.GetProperty("body"), "stringValue"), Text(log, "severityText"), Text(log, "traceId"), Attributes(log)),
    ];

    public IReadOnlySet<string> Metrics() => new HashSet<string>(
        from resource in Batches("metrics.jsonl", "resourceMetrics")
        from scope in resource.GetProperty("scopeMetrics").EnumerateArray()
        from metric in scope.GetProperty("metrics").EnumerateArray()
        select Text(metric, "name"));

    /// <summary>The attributes of the program that sent something.</summary>
    public IReadOnlyDictionary<string, string> Resource(string file, string list) => Attributes(Batches(file, list).First().GetProperty("resource"));

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _folder.Dispose();
    }

    private static Task<string> RunAsync(params string[] arguments)
    {
        var tool = ToolFolder.Find(Tool) ?? throw new InvalidOperationException(ToolFolder.Missing(Tool));
        return ServerFolder.RunAsync(Path.GetDirectoryName(tool)!, Path.GetFileName(tool), arguments);
    }

    private static string Text(JsonElement of, string name) => of.TryGetProperty(name, out var text) ? text.GetString()! : "";

    private static Dictionary<string, string> Attributes(JsonElement of) => of.TryGetProperty("attributes", out var attributes)
        ? attributes.EnumerateArray().ToDictionary(a => Text(a, "key"), a => a.GetProperty("value").EnumerateObject().First().Value.ToString())
        : [];

    private static IReadOnlyList<(string TraceId, string SpanId)> Links(JsonElement span) => span.TryGetProperty("links", out var links)
        ? [.. links.EnumerateArray().Select(link => (Text(link, "traceId"), Text(link, "spanId")))]
        : [];

    private IEnumerable<JsonElement> Batches(string file, string list)
    {
        var path = _folder.File(file);
        return File.Exists(path)
            ? File.ReadLines(path).SelectMany(line => JsonDocument.Parse(line).RootElement.GetProperty(list).EnumerateArray())
            : [];
    }
}

/// <summary>A span as the collector has it. Kind: 1 internal, 3 client, 4 producer, 5 consumer.</summary>
internal sealed record CollectedSpan(
    string Scope,
    string Name,
    int Kind,
    string TraceId,
    string SpanId,
    string ParentSpanId,
    IReadOnlyDictionary<string, string> Attributes,
    IReadOnlyList<(string TraceId, string SpanId)> Links);

/// <summary>A log line as the collector has it.</summary>
internal sealed record CollectedLog(string Body, string Severity, string TraceId, IReadOnlyDictionary<string, string> Attributes);
