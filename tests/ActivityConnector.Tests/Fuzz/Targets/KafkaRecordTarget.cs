using System.Text;
using ActivityConnector.Journals.Kafka;
using ActivityConnector.Pipeline;
using Confluent.Kafka;

namespace ActivityConnector.Tests.Fuzz.Targets;

/// <summary>
/// A record of any topic of the journal: key, headers (<c>name: value</c>, one a line) and value. It is read, or it is not of this connector; a
/// checkpoint or segment that is damaged is a <see cref="JournalCorruptException"/>.
/// </summary>
internal static class KafkaRecordTarget
{
    public static Task ReadAsync(byte[] input)
    {
        var parts = Corpus.Parts(input, 3);
        var headers = new Headers();
        foreach (var line in Encoding.Latin1.GetString(parts[1]).Split('\n'))
        {
            if (line.Split(": ", 2) is [{ Length: > 0 } name, var value]) headers.Add(name, value == "null" ? null : Encoding.Latin1.GetBytes(value));
        }

        var message = new Message<byte[], byte[]?>
        {
            Key = parts[0].Length > 0 ? parts[0] : null!,
            Headers = headers,
            Value = parts[2].Length > 0 ? parts[2] : null,
        };
        if (FoundEvent.Of(message, "intercom", 1).Event is { } found) _ = new ActivityConnector.Sinks.Elasticsearch.Targets(new()).Of(found);

        _ = DeadLetterRecord.Read(message)?.ToString();
        _ = DeadLetterRecord.OfStranger(new() { Topic = "topic", Message = message }, "it has no value", DateTimeOffset.UnixEpoch);
        _ = (CheckpointRecord.SequenceOf(message), CheckpointRecord.KnownFromOf(message), CheckpointRecord.IsReset(message));
        if (CheckpointRecord.Parse(message) is not var (source, segment)) return Task.CompletedTask;

        try
        {
            var stored = new StoredSource(source);
            stored.Take(message, segment);
            _ = stored.Recover(() => true);
            _ = stored.Memory();
        }
        catch (JournalCorruptException)
        {
            // Documented.
        }

        return Task.CompletedTask;
    }
}
