using Confluent.Kafka;

namespace ActivityConnector.Journals.Kafka;

/// <summary>What a client last said of its connections: it tries for ever, and its failures say only that nobody answered.</summary>
/// <remarks>Thread-safe; never throws, because librdkafka calls it from its own loop.</remarks>
internal sealed class ClientTrouble
{
    private string? _said;

    public string? Said => Volatile.Read(ref _said);

    public void Hear(Error error)
    {
        // That all brokers are down says less than what was said of one of them.
        if (error.Code != ErrorCode.Local_AllBrokersDown || Said is null)
        {
            Volatile.Write(ref _said, error.Reason);
        }
    }

    public void Clear() => Volatile.Write(ref _said, null);
}
