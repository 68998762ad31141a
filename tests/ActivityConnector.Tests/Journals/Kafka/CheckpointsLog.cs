using ActivityConnector.Journals.Kafka;
using ActivityConnector.Pipeline;
using Confluent.Kafka;

namespace ActivityConnector.Tests.Journals.Kafka;

/// <summary>The checkpoints topic of one source in memory, compacted: of each key the newest record.</summary>
internal sealed class CheckpointsLog(SourceKey source)
{
    private readonly TopicPartition _partition = new("activity.checkpoints", 0);
    private readonly List<Message<byte[], byte[]?>> _records = [];

    /// <summary>How many records were written in all.</summary>
    public int Written { get; private set; }

    public void Commit(SeenChange change, Checkpoint checkpoint)
    {
        foreach (var record in CheckpointRecord.Of(_partition, source, change).Append(CheckpointRecord.Of(_partition, source, checkpoint)))
        {
            Write(record.ToMessage());
        }
    }

    public void Reset(DateTimeOffset? knownFrom) => Write(CheckpointRecord.Reset(_partition, source, "test", knownFrom).ToMessage());

    public void Write(Message<byte[], byte[]?> message)
    {
        _records.RemoveAll(r => r.Key.AsSpan().SequenceEqual(message.Key));
        if (message.Value is not null) _records.Add(message);

        Written++;
    }

    public StoredSource Read()
    {
        var stored = new StoredSource(source);
        foreach (var record in _records) stored.Take(record, CheckpointRecord.Parse(record)!.Value.Segment);

        return stored;
    }
}
