using Confluent.Kafka;

namespace ActivityConnector.Journals.Kafka;

/// <summary>What a client last reported of its connections: it retries without end, and its failures report only that no broker answered.</summary>
/// <remarks>Thread-safe; never throws, because librdkafka calls it from its own loop.</remarks>
internal sealed class ClientErrors
{
    private string? _last;

    public string? Last => Volatile.Read(ref _last);

    public void Observe(Error error)
    {
        // That all brokers are down says less than what was said of one of them.
        if (error.Code != ErrorCode.Local_AllBrokersDown || Last is null) Volatile.Write(ref _last, error.Reason);
    }

    public void Clear() => Volatile.Write(ref _last, null);
}
