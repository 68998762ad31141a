using ActivityConnector.Pipeline;
using ActivityConnector.Status;
using ActivityConnector.Terminals;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace ActivityConnector.Telemetry;

/// <summary>
/// What a running connector reports of itself: the operator's log, and traces, metrics and that log by OTLP where an endpoint is set. Delivery never
/// waits for it: what the exporters cannot send is dropped, and the end of the process waits for them for <see cref="LastSend"/> at most.
/// </summary>
/// <remarks>Without an endpoint nothing is recorded, unless <see cref="MapMetrics"/> serves metrics.</remarks>
internal sealed partial class ConnectorTelemetry : IAsyncDisposable
{
    /// <summary>At the end, for what was not sent yet.</summary>
    public static readonly TimeSpan LastSend = TimeSpan.FromSeconds(3);

    /// <summary>What the platform measures of the process, its requests and its web server.</summary>
    private static readonly string[] PlatformMeters =
        ["System.Runtime", "System.Net.Http", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel"];

    private readonly ServiceProvider _services;
    private readonly MeterProvider? _meters;
    private readonly ExporterWatch? _watch;
    private readonly bool _sendsMetrics;
    private readonly bool _isScraped;
    private StateGauges? _gauges;

    private ConnectorTelemetry(ServiceProvider services, bool isExported, bool sendsMetrics, bool isScraped)
    {
        (_sendsMetrics, _isScraped) = (sendsMetrics, isScraped);
        _services = services;
        Logs = services.GetRequiredService<ILoggerFactory>();
        _meters = services.GetService<MeterProvider>();
        _ = services.GetService<TracerProvider>();
        if (isExported) _watch = new ExporterWatch(services.GetRequiredService<TimeProvider>(), Logs.CreateLogger<ExporterWatch>());
    }

    /// <summary>The operator's log.</summary>
    public ILoggerFactory Logs { get; }

    /// <summary>Begins to report.</summary>
    /// <param name="options">The section <c>Telemetry</c>.</param>
    /// <param name="terminal">Gives the variables of the environment, the form of the log, and the clock.</param>
    /// <param name="isScraped">Whether <see cref="MapMetrics"/> will be called.</param>
    public static ConnectorTelemetry Start(TelemetryOptions options, Terminal terminal, bool isScraped = false)
    {
        var mistakes = new List<string>();
        var traces = options.Traces ? ExporterChoice.Of("TRACES", terminal.Environment, mistakes.Add) : default;
        var metrics = options.Metrics ? ExporterChoice.Of("METRICS", terminal.Environment, mistakes.Add) : default;
        var logs = options.Logs ? ExporterChoice.Of("LOGS", terminal.Environment, mistakes.Add) : default;
        var scrapes = isScraped && options.Metrics && !ExporterChoice.IsDisabled(terminal.Environment);
        ConnectorTelemetry telemetry;
        try
        {
            telemetry = Build(terminal, traces, metrics, logs, scrapes);
        }
#pragma warning disable CA1031 // Whatever the SDK does not take of the environment: events are collected and delivered all the same.
        catch (Exception e)
#pragma warning restore CA1031
        {
            mistakes.Add($"Nothing is sent to OpenTelemetry: {e.Message} See the OTEL_* variables.");
            telemetry = Build(terminal, default, default, default, scrapes: false);
        }

        var log = telemetry.Logs.CreateLogger<ConnectorTelemetry>();
        foreach (var mistake in mistakes) LogMistake(log, mistake);

        return telemetry;
    }

    /// <summary>Begins to report the state of a connector, which serves the metrics at <c>/metrics</c>; nothing where metrics are off.</summary>
    /// <param name="status">Puts it together.</param>
    public void Observe(ConnectorHost connector, StatusReader status)
    {
        connector.Telemetry = this;
        if (_meters is not null) _gauges = new StateGauges(connector, status, _services.GetRequiredService<TimeProvider>());
    }

    /// <summary>Serves the metrics as Prometheus text at <c>/metrics</c>; nothing where they are switched off.</summary>
    public void MapMetrics(IEndpointRouteBuilder endpoints)
    {
        if (_meters is not null) endpoints.MapPrometheusScrapingEndpoint("/metrics", _meters, configureBranchedPipeline: null, optionsName: null);
    }

    /// <summary>Sends what is left, for <see cref="LastSend"/> at most; the log on standard error is complete then.</summary>
    public async ValueTask DisposeAsync()
    {
        var time = _services.GetRequiredService<TimeProvider>();
        if (_gauges is not null && _sendsMetrics)
        {
            // The client of Kafka does not always end when it is asked to.
            using var patience = new CancellationTokenSource(LastSend, time);
            await Task.Run(() => _gauges.AskAsync(patience.Token)).WaitAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        var milliseconds = (int)LastSend.TotalMilliseconds;
        Func<bool>?[] last =
        [
            _services.GetService<TracerProvider>() is { } tracer ? () => tracer.Shutdown(milliseconds) : null,
            // Where metrics are scraped it is always false: the end is no scrape. The watch tells what was not sent.
            _meters is { } meter ? () => meter.Shutdown(milliseconds) || _isScraped : null,
            _services.GetService<LoggerProvider>() is { } logger ? () => logger.Shutdown(milliseconds) : null,
        ];

        // At once: each may need all of the time. The calls block, some for longer than they are told: they get threads of their own.
        var sent = Task.WhenAll(last.OfType<Func<bool>>().Select(shutdown =>
            Task.Factory.StartNew(shutdown, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        await ((Task)sent).WaitAsync(LastSend, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_watch is not null && (!sent.IsCompletedSuccessfully || (await sent).Contains(false))) LogDropped(Logs.CreateLogger<ConnectorTelemetry>());

        _watch?.Dispose();
        _gauges?.Dispose();
        await _services.DisposeAsync();
    }

    private static ConnectorTelemetry Build(Terminal terminal, ExporterChoice traces, ExporterChoice metrics, ExporterChoice logs, bool scrapes)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder()
            .AddInMemoryCollection(terminal.Environment.Where(v => v.Key.StartsWith("OTEL_", StringComparison.Ordinal))!)
            .Build());
        services.AddLogging(logging => OperatorLog.Configure(logging, terminal));
        var telemetry = services.AddOpenTelemetry().ConfigureResource(resource => resource
            .Clear()
            .AddService(EcsLine.DefaultServiceName, serviceVersion: ConnectorHost.Version)
            .AddTelemetrySdk()
            .AddEnvironmentVariableDetector());
        if (!traces.IsNone)
        {
            telemetry.WithTracing(tracing =>
            {
                tracing.AddSource(Spans.SourceName, "System.Net.Http");
                if (traces.Otlp) tracing.AddOtlpExporter();
                if (traces.Console) tracing.AddConsoleExporter();
            });
        }

        if (!metrics.IsNone || scrapes)
        {
            telemetry.WithMetrics(measuring =>
            {
                measuring.AddMeter([Instruments.MeterName, .. PlatformMeters]);
                if (metrics.Otlp) measuring.AddOtlpExporter();
                if (metrics.Console) measuring.AddConsoleExporter();
                if (scrapes) measuring.AddPrometheusExporter();
            });
        }

        if (!logs.IsNone)
        {
            telemetry.WithLogging(
                logging =>
                {
                    logging.AddProcessor(new EcsAttributes());
                    if (logs.Otlp) logging.AddOtlpExporter();
                    if (logs.Console) logging.AddConsoleExporter();
                },
                log => (log.IncludeFormattedMessage, log.ParseStateValues) = (true, true));
        }

        if (traces.Console || metrics.Console || logs.Console)
        {
            // Results go to standard output, and the exporter writes to what the process has for it.
            Console.SetOut(terminal.Error);
        }

        return new ConnectorTelemetry(services.BuildServiceProvider(), traces.Otlp || metrics.Otlp || logs.Otlp, !metrics.IsNone, scrapes);
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "OpenTelemetry: the collector did not take the last telemetry; it is dropped. Events are not affected. "
            + "See OTEL_EXPORTER_OTLP_ENDPOINT and the collector.")]
    private static partial void LogDropped(ILogger log);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Mistake} Collection and delivery are not affected.")]
    private static partial void LogMistake(ILogger log, string mistake);
}
