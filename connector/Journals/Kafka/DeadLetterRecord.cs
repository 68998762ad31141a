using System.Globalization;
using System.Text;
using ActivityConnector.Pipeline;
using Confluent.Kafka;

namespace ActivityConnector.Journals.Kafka;

/// <summary>The records of the dead letters topic: the original bytes, the reason in headers; keyed by the letter's id.</summary>
/// <remarks>The same letter may be there several times, and counts once: the first. A record without a value means that it was discarded.</remarks>
internal static class DeadLetterRecord
{
    private const string Stage = "x-dlq-stage";
    private const string Reason = "x-dlq-reason";
    private const string Origin = "x-dlq-origin";
    private const string At = "x-dlq-at";
    private const string Length = "x-dlq-length";

    public static OutgoingRecord Of(TopicPartition partition, DeadLetter letter) => new(
        partition,
        Encoding.UTF8.GetBytes(letter.Id),
        letter.Body.ToArray(),
        new Headers
        {
            { Stage, Encoding.UTF8.GetBytes(letter.Stage.Text().ToLowerInvariant()) },
            { Reason, Encoding.UTF8.GetBytes(letter.Reason) },
            { Origin, Encoding.UTF8.GetBytes(letter.Origin) },
            { At, Encoding.UTF8.GetBytes(letter.At.UtcDateTime.ToString("o", CultureInfo.InvariantCulture)) },
            { Length, Encoding.UTF8.GetBytes(letter.OriginalLength.ToString(CultureInfo.InvariantCulture)) },
        });

    /// <summary>A record of an events topic that is not an event of this connector.</summary>
    public static DeadLetter OfStranger(ConsumeResult<byte[], byte[]?> record, DateTimeOffset now)
    {
        var origin = string.Create(CultureInfo.InvariantCulture, $"{record.Topic}/{record.Partition.Value}/{record.Offset.Value}");
        var body = record.Message.Value ?? [];
        return new DeadLetter
        {
            Id = DeadLetter.IdOf(origin, []),
            Stage = DeadLetterStage.Index,
            Reason = "The record is not an event of this connector: a header is missing.",
            Origin = origin,
            At = now,
            Body = body,
            OriginalLength = body.Length,
        };
    }

    public static OutgoingRecord Discard(TopicPartition partition, string id) => new(partition, Encoding.UTF8.GetBytes(id), null, null);

    public static string IdOf(Message<byte[], byte[]?> message) => Encoding.UTF8.GetString(message.Key ?? []);

    /// <summary>Null for a record that this connector did not write.</summary>
    public static DeadLetter? Read(Message<byte[], byte[]?> message)
    {
        var headers = message.Headers;
        if (message.Value is not { } body
            || DeadLetterStages.Parse(Text(Stage)) is not { } stage
            || !DateTimeOffset.TryParse(Text(At), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at))
        {
            return null;
        }

        return new DeadLetter
        {
            Id = IdOf(message),
            Stage = stage,
            Reason = Text(Reason) ?? "",
            Origin = Text(Origin) ?? "",
            At = at,
            Body = body,
            OriginalLength = long.TryParse(Text(Length), NumberStyles.None, CultureInfo.InvariantCulture, out var length) ? length : body.Length,
        };

        string? Text(string name) => EventRecord.Text(headers, name);
    }
}
