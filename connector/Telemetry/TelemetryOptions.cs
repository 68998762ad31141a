using ActivityConnector.Pipeline;

namespace ActivityConnector.Telemetry;

/// <summary>
/// What the connector reports of itself. Where to is said by the variables of the OpenTelemetry specification, OTEL_EXPORTER_OTLP_ENDPOINT and others.
/// </summary>
public sealed class TelemetryOptions
{
    /// <summary>Send traces to the OTLP endpoint, if one is set.</summary>
    public bool Traces { get; init; } = true;

    /// <summary>Send metrics to the OTLP endpoint, if one is set, and serve them at /metrics.</summary>
    public bool Metrics { get; init; } = true;

    /// <summary>Send the log to the OTLP endpoint, if one is set.</summary>
    public bool Logs { get; init; } = true;

    /// <summary>off: no spans of single records; sampled: of each record of a commit of up to 128, of 16 of a larger one; all: of each record.</summary>
    public RecordSpanChoice RecordSpans { get; init; } = RecordSpanChoice.Sampled;

    /// <summary>
    /// join: the span of a record is in the record's own trace, where the vendor gives one; link: in the trace of the run, with a link to the record's.
    /// </summary>
    public RecordContext RecordContext { get; init; }

    internal RecordSpans ToRecordSpans() => new(
        RecordSpans switch
        {
            RecordSpanChoice.Off => 0,
            RecordSpanChoice.Sampled => Pipeline.RecordSpans.Sampled,
            _ => int.MaxValue,
        },
        joins: RecordContext == RecordContext.Join);
}

/// <summary>Which records have spans of their own.</summary>
public enum RecordSpanChoice
{
    Off,
    Sampled,
    All,
}

/// <summary>The trace that the span of a record is in.</summary>
public enum RecordContext
{
    Join,
    Link,
}
