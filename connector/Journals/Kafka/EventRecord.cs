using System.Diagnostics;
using System.Globalization;
using System.Text;
using ActivityConnector.Pipeline;
using ActivityConnector.Transforms;
using ActivityConnector.Transforms.Fields;
using Confluent.Kafka;

namespace ActivityConnector.Journals.Kafka;

/// <summary>
/// The records of an events topic: the event's JSON as it is, with the headers of a CloudEvent in binary mode (CloudEvents Kafka binding
/// 1.0.2) and of W3C trace context. A plain consumer sees ECS JSON, a CloudEvents SDK an event. With a schema registry the value begins with the id of its
/// schema (<see cref="FramedValue"/>), which is not JSON alone any more, and the headers say so.
/// </summary>
/// <remarks>
/// Key and headers have together less than <see cref="KafkaClients.MessageOverhead"/>, whatever the vendor says. Not thread-safe: it keeps the headers
/// that come again.
/// </remarks>
/// <param name="schemaId">What a schema registry calls the schema of the topic's values; null = there is none.</param>
internal sealed class EventRecord(SourceKey source, string topic, KafkaKey key, int? schemaId = null)
{
    public const string Id = "ce_id";
    public const string SourceName = "ce_source";
    public const string Time = "ce_time";
    public const string TraceParentName = "traceparent";

    /// <summary>The record's own trace id. <c>traceparent</c> is always there, this only when the vendor gave one.</summary>
    public const string OwnTraceId = "x-trace-id";

    private const int TimeBytes = 28;

    private static readonly Header Json = Constant("content-type", "application/json");
    private static readonly Header Framed = Constant("content-type", "application/octet-stream");
    private static readonly Header SpecVersion = Constant("ce_specversion", "1.0");
    private static readonly Header Schema = Constant("ce_dataschema", EventSchema.Id);

    /// <summary>The events topic.</summary>
    public string Topic => topic;

    private readonly TopicPartition _anyPartition = new(topic, Partition.Any);
    private readonly Header _source = Constant(SourceName, $"/{source.Source}/{source.Account}");
    private static readonly Header Version = Constant("x-connector-version", typeof(EventRecord).Assembly.GetName().Version!.ToString(3));
    private readonly Dictionary<string, Header> _types = [];

    /// <param name="committedAt">
    /// The present of the commit (<see cref="Checkpoint.CommittedAt"/>), which becomes the message's time: the topic's <c>retention.ms</c>
    /// counts from it, not from the host's clock.
    /// </param>
    /// <param name="span">Of the span that the record has; default when it has none.</param>
    public OutgoingRecord Of(EcsEvent e, DateTimeOffset committedAt, ActivityContext span = default)
    {
        var id = e.Id;
        var value = schemaId is { } schema ? FramedValue.Of(schema, e.Json.Span) : e.Json.ToArray();
        return new(_anyPartition, HeaderText.Encode(KeyOf(e, id)), value, HeadersOf(e, id, span), committedAt);
    }

    /// <summary>What its span says of the record beside its id.</summary>
    public void Describe(Activity span, EcsEvent e)
    {
        span.SetTag(Spans.SystemName, Spans.Kafka);
        span.SetTag(Spans.KafkaKey, Encoding.UTF8.GetString(HeaderText.Encode(KeyOf(e, e.Id))));
    }

    /// <summary>The source that a record names, or null for a record of another kind.</summary>
    public static SourceKey? SourceOf(Headers headers) =>
        HeaderText.Read(headers, SourceName) is ['/', .. var name] && SourceKey.TryParse(name) is { IsValid: true } source ? source : null;

    private string KeyOf(EcsEvent e, string id) => key switch
    {
        KafkaKey.Account => source.ToString(),
        KafkaKey.Actor when e.ActorId is { } actor => $"{source.Source}:{source.Account}:{actor}",
        KafkaKey.Actor or KafkaKey.Object when e.ObjectId is { } thing => $"{source.Source}:{source.Account}:{thing}",
        _ => id,
    };

    private Headers HeadersOf(EcsEvent e, string id, ActivityContext span)
    {
        var headers = new Headers
        {
            schemaId is null ? Json : Framed,
            SpecVersion,
            { Id, Encoding.ASCII.GetBytes(id) },
            _source,
            TypeOf(e.Action),
            { Time, TimeOf(e) },
        };
        if (e.ObjectId is { } subject) headers.Add("ce_subject", HeaderText.Encode(subject));

        headers.Add(Schema);
        headers.Add(
            TraceParentName,
            Encoding.ASCII.GetBytes(span == default ? TraceParent(e.TraceId, id) : $"00-{span.TraceId}-{span.SpanId}-{(int)span.TraceFlags:x2}"));
        if (e.TraceId is { } traceId) headers.Add(OwnTraceId, Encoding.ASCII.GetBytes(traceId));

        headers.Add(Version);
        return headers;
    }

    private Header TypeOf(string action)
    {
        if (!_types.TryGetValue(action, out var header))
        {
            header = new("ce_type", HeaderText.Encode($"activity.{source.Source}.{action}"));
            // Actions of types that no table knows come from the vendor: not kept without bound.
            if (_types.Count < 1_000 && action.Length <= HeaderText.MaxBytes) _types.Add(action, header);
        }

        return header;
    }

    private static byte[] TimeOf(EcsEvent e)
    {
        var text = new byte[TimeBytes];
        e.Time.UtcDateTime.TryFormat(text, out _, "O", CultureInfo.InvariantCulture);
        return text;
    }

    /// <summary>
    /// For a record without a span: W3C trace context, version 00, not sampled: the record's own trace, or one made of the event's id; the span is made
    /// of the id too, so that the same event always has the same header. The id is a digest: its parts are not all zero.
    /// </summary>
    private static string TraceParent(string? traceId, string id) => $"00-{traceId ?? id[..32]}-{id[24..]}-00";

    private static Header Constant(string name, string value) => new(name, Encoding.UTF8.GetBytes(value));
}
