using System.Diagnostics.Tracing;
using System.Globalization;
using System.Text.RegularExpressions;
using ActivityConnector.Pipeline;
using ActivityConnector.Terminals;

namespace ActivityConnector.Telemetry;

/// <summary>Tells the operator that telemetry does not arrive: the exporters themselves report it only to who listens.</summary>
internal sealed partial class ExporterWatch(TimeProvider time, ILogger<ExporterWatch> log) : EventListener
{
    private const string Exporter = "OpenTelemetry-Exporter-OpenTelemetryProtocol";
    private const int MostOfMessage = 300;

    private readonly Lock _gate = new();
    private readonly HourlyReminder _reminder = new(time);

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == Exporter) EnableEvents(eventSource, EventLevel.Warning);
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.Message is not { } format) return;

        lock (_gate)
        {
            // One cause, whatever the text: it has times and addresses.
            if (!_reminder.IsDue(eventData.EventName ?? "")) return;
        }

        var text = string.Format(CultureInfo.InvariantCulture, format, [.. eventData.Payload ?? new([])]).ReplaceLineEndings("\n").Split('\n')[0];
        LogNotSent(PlainText.Of(Credential().Replace(text, "//"), MostOfMessage));
    }

    /// <summary>In an address.</summary>
    [GeneratedRegex(@"//[^/@\s]+@")]
    private static partial Regex Credential();

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "OpenTelemetry: {Cause} See OTEL_EXPORTER_OTLP_ENDPOINT and the collector. "
            + "Telemetry is lost meanwhile; events are not, and nothing waits for it.")]
    private partial void LogNotSent(string cause);
}
