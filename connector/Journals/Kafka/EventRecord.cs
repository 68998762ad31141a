using System.Globalization;
using System.Text;
using ActivityConnector.Pipeline;
using ActivityConnector.Transforms;
using Confluent.Kafka;

namespace ActivityConnector.Journals.Kafka;

/// <summary>
/// The records of an events topic: the event's JSON as it is, with the headers of a CloudEvent in binary mode (CloudEvents Kafka binding
/// 1.0.2) and of W3C trace context. A plain consumer sees ECS JSON, a CloudEvents SDK an event.
/// </summary>
/// <remarks>Not thread-safe: it keeps the headers that come again.</remarks>
internal sealed class EventRecord(SourceKey source, string topic, KafkaKey key)
{
    public const string Id = "ce_id";
    public const string SourceName = "ce_source";
    public const string Time = "ce_time";

    /// <summary>The record's own trace id. <c>traceparent</c> is always there, this only when the vendor gave one.</summary>
    public const string OwnTraceId = "x-trace-id";

    private const int TimeBytes = 28;

    private static readonly Header ContentType = Constant("content-type", "application/json");
    private static readonly Header SpecVersion = Constant("ce_specversion", "1.0");
    private static readonly Header Schema = Constant("ce_dataschema", "urn:activity:ecs:8.17.0");

    private readonly TopicPartition _anyPartition = new(topic, Partition.Any);
    private readonly Header _source = Constant(SourceName, $"/{source.Source}/{source.Account}");
    private static readonly Header Version = Constant("x-connector-version", typeof(EventRecord).Assembly.GetName().Version!.ToString(3));
    private readonly Dictionary<string, Header> _types = [];

    /// <param name="committedAt">
    /// The present of the commit (<see cref="Checkpoint.CommittedAt"/>), which becomes the message's time: the topic's <c>retention.ms</c>
    /// counts from it, not from the host's clock.
    /// </param>
    public OutgoingRecord Of(EcsEvent e, DateTimeOffset committedAt)
    {
        var id = e.Id;
        return new(_anyPartition, Encoding.UTF8.GetBytes(KeyOf(e, id)), e.Json.ToArray(), HeadersOf(e, id), committedAt);
    }

    /// <summary>The source that a record names, or null for a record of another kind.</summary>
    public static SourceKey? SourceOf(Headers headers)
    {
        return Text(headers, SourceName) is { } text && text.StartsWith('/') ? SourceKey.TryParse(text[1..]) : null;
    }

    /// <summary>The event of a record; null for a record that this connector did not write.</summary>
    public static JournalEvent? Read(Message<byte[], byte[]?> message, long position)
    {
        var headers = message.Headers;
        if (message.Value is not { } json || SourceOf(headers) is not { } source || Text(headers, Id) is not { } id
            || !DateTimeOffset.TryParseExact(
                Text(headers, Time), "O", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time))
        {
            return null;
        }

        return new JournalEvent(position, source, id, time, Text(headers, OwnTraceId), message.Timestamp.UtcDateTime, json);
    }

    private string KeyOf(EcsEvent e, string id) => key switch
    {
        KafkaKey.Account => source.ToString(),
        KafkaKey.Actor when e.ActorId is { } actor => $"{source.Source}:{source.Account}:{actor}",
        KafkaKey.Actor or KafkaKey.Object when e.ObjectId is { } thing => $"{source.Source}:{source.Account}:{thing}",
        _ => id,
    };

    private Headers HeadersOf(EcsEvent e, string id)
    {
        var headers = new Headers
        {
            ContentType,
            SpecVersion,
            { Id, Encoding.UTF8.GetBytes(id) },
            _source,
            TypeOf(e.Action),
            { Time, TimeOf(e) },
        };
        if (e.ObjectId is { } subject) headers.Add("ce_subject", Encoding.UTF8.GetBytes(subject));

        headers.Add(Schema);
        headers.Add("traceparent", TraceParent(e.TraceId, id));
        if (e.TraceId is { } traceId) headers.Add(OwnTraceId, Encoding.UTF8.GetBytes(traceId));

        headers.Add(Version);
        return headers;
    }

    private Header TypeOf(string action)
    {
        if (!_types.TryGetValue(action, out var header))
        {
            header = Constant("ce_type", $"activity.{source.Source}.{action}");
            // Actions of types that no table knows come from the vendor: not kept without bound.
            if (_types.Count < 1_000) _types.Add(action, header);
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
    /// W3C trace context, version 00, not sampled: the record's own trace, or one made of the event's id; the span is made of the id too, so
    /// that the same event always has the same header. The id is a digest: its parts are not all zero.
    /// </summary>
    private static byte[] TraceParent(string? traceId, string id) => Encoding.ASCII.GetBytes($"00-{traceId ?? id[..32]}-{id[24..]}-00");

    /// <summary>The header's text; null also for one without a value, which other producers may write.</summary>
    internal static string? Text(Headers headers, string name) =>
        headers.TryGetLastBytes(name, out var bytes) && bytes is not null ? Encoding.UTF8.GetString(bytes) : null;

    private static Header Constant(string name, string value) => new(name, Encoding.UTF8.GetBytes(value));
}
