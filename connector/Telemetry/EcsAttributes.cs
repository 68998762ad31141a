using ActivityConnector.Terminals;
using OpenTelemetry;
using OpenTelemetry.Logs;

namespace ActivityConnector.Telemetry;

/// <summary>Names the values of a log line as they are named on standard error.</summary>
internal sealed class EcsAttributes : BaseProcessor<LogRecord>
{
    public override void OnEnd(LogRecord data) => data.Attributes = data.Attributes is { } values ? [.. EcsLine.Values(values)] : null;
}
