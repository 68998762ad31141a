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

    private const int MaxTextBytes = 1_024;

    /// <param name="maxBodyBytes">What lies beyond is left out.</param>
    public static OutgoingRecord Of(TopicPartition partition, DeadLetter letter, int maxBodyBytes) => new(
        partition,
        HeaderText.Encode(letter.Id),
        letter.Body[..Math.Min(letter.Body.Length, maxBodyBytes)].ToArray(),
        new Headers
        {
            { Stage, Encoding.UTF8.GetBytes(letter.Stage.Text().ToLowerInvariant()) },
            { Reason, HeaderText.EncodeLine(letter.Reason, MaxTextBytes) },
            { Origin, HeaderText.EncodeLine(letter.Origin, MaxTextBytes) },
            { At, Encoding.UTF8.GetBytes(letter.At.UtcDateTime.ToString("o", CultureInfo.InvariantCulture)) },
            { Length, Encoding.UTF8.GetBytes(letter.OriginalLength.ToString(CultureInfo.InvariantCulture)) },
        });

    /// <summary>A record of an events topic that is not an event of this connector.</summary>
    /// <param name="trouble">Why it is none.</param>
    /// <remarks>Its id is of the place and the bytes: a topic that is deleted and made again begins with the same places.</remarks>
    public static DeadLetter OfStranger(ConsumeResult<byte[], byte[]?> record, string trouble, DateTimeOffset now)
    {
        var origin = PlaceOf(record.TopicPartitionOffset);
        var body = record.Message.Value ?? [];
        return new DeadLetter
        {
            Id = DeadLetter.IdOf(origin + "\n", body),
            Stage = DeadLetterStage.Index,
            Reason = $"The record is no event of this connector: {trouble}.",
            Origin = origin,
            At = now,
            Body = body,
            OriginalLength = body.Length,
        };
    }

    /// <summary>Topic, partition and offset of a record, as people and dead letters name it.</summary>
    public static string PlaceOf(TopicPartitionOffset record) =>
        string.Create(CultureInfo.InvariantCulture, $"{record.Topic}/{record.Partition.Value}/{record.Offset.Value}");

    public static OutgoingRecord Discard(TopicPartition partition, string id) => new(partition, Encoding.UTF8.GetBytes(id), null, null);

    public static string IdOf(Message<byte[], byte[]?> message) => Encoding.UTF8.GetString(message.Key ?? []);

    /// <summary>Null for a record that this connector did not write.</summary>
    public static DeadLetter? Read(Message<byte[], byte[]?> message)
    {
        var headers = message.Headers;
        if (message.Value is not { } body
            || DeadLetterStages.Parse(HeaderText.Read(headers, Stage)) is not { } stage
            || !DateTimeOffset.TryParse(HeaderText.Read(headers, At), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at))
        {
            return null;
        }

        return new DeadLetter
        {
            Id = IdOf(message),
            Stage = stage,
            Reason = HeaderText.Read(headers, Reason) ?? "",
            Origin = HeaderText.Read(headers, Origin) ?? "",
            At = at,
            Body = body,
            OriginalLength = long.TryParse(HeaderText.Read(headers, Length), NumberStyles.None, CultureInfo.InvariantCulture, out var length)
                ? length
                : body.Length,
        };
    }
}
