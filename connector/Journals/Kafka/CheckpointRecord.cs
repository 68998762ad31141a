using System.Globalization;
using System.Text;
using ActivityConnector.Pipeline;
using Confluent.Kafka;

namespace ActivityConnector.Journals.Kafka;

/// <summary>
/// The records of the checkpoints topic: <c>cp/{source}/{account}</c> is a position, <c>seen/{source}/{account}/{number}</c> a segment of
/// known events.
/// </summary>
internal static class CheckpointRecord
{
    private const string CheckpointKey = "cp/";
    private const string SeenPrefix = "seen/";
    private const string SequenceHeader = "seq";
    private const string ResetHeader = "reset";
    private const string KnownFromHeader = "known_from";

    /// <summary>
    /// The position of a source. Its number and from when on events are known are headers too: they are known although the text is damaged.
    /// </summary>
    public static OutgoingRecord Of(TopicPartition partition, SourceKey source, Checkpoint checkpoint) => new(
        partition,
        Encoding.UTF8.GetBytes(CheckpointKey + source),
        CheckpointText.Serialize(checkpoint),
        WithKnownFrom(
            new Headers { { SequenceHeader, Encoding.UTF8.GetBytes(checkpoint.Sequence.ToString(CultureInfo.InvariantCulture)) } },
            checkpoint.KnownFrom));

    /// <summary>That a source has no position any more. No tombstone: compaction removes those, and then the position would look lost.</summary>
    public static OutgoingRecord Reset(TopicPartition partition, SourceKey source, string by, DateTimeOffset? knownFrom) => new(
        partition,
        Encoding.UTF8.GetBytes(CheckpointKey + source),
        "{}"u8.ToArray(),
        WithKnownFrom(new Headers { { ResetHeader, Encoding.UTF8.GetBytes(by) } }, knownFrom));

    /// <summary>What a commit changes in what is known of ids.</summary>
    public static IEnumerable<OutgoingRecord> Of(TopicPartition partition, SourceKey source, SeenChange change)
    {
        foreach (var segment in change.Written) yield return new(partition, SeenKey(source, segment.Number), segment.ToBytes(), null);

        foreach (var number in change.Dropped) yield return new(partition, SeenKey(source, number), null, null);
    }

    /// <summary>Whose record it is, and the segment's number unless it is a position; null for what this connector did not write.</summary>
    public static (SourceKey Source, long? Segment)? Parse(Message<byte[], byte[]?> message)
    {
        var parts = Encoding.UTF8.GetString(message.Key ?? []).Split('/');
        return parts switch
        {
            ["cp", var source, var account] => (new(source, account), null),
            ["seen", var source, var account, var number] when long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var segment) =>
                (new(source, account), segment),
            _ => null,
        };
    }

    public static long? SequenceOf(Message<byte[], byte[]?> message) =>
        message.Headers.TryGetLastBytes(SequenceHeader, out var text) && long.TryParse(text, CultureInfo.InvariantCulture, out var sequence) ? sequence : null;

    public static bool IsReset(Message<byte[], byte[]?> message) => message.Headers.TryGetLastBytes(ResetHeader, out _);

    /// <summary>Dated events before this time may be forgotten; null = the record does not say so.</summary>
    public static DateTimeOffset? KnownFromOf(Message<byte[], byte[]?> message) =>
        DateTimeOffset.TryParseExact(
            EventRecord.Text(message.Headers, KnownFromHeader),
            "O",
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var time)
            ? time
            : null;

    private static Headers WithKnownFrom(Headers headers, DateTimeOffset? knownFrom)
    {
        if (knownFrom is { } time)
        {
            headers.Add(KnownFromHeader, Encoding.UTF8.GetBytes(time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture)));
        }

        return headers;
    }

    private static byte[] SeenKey(SourceKey source, long number) =>
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{SeenPrefix}{source}/{number}"));
}
