using ActivityConnector.Pipeline;
using Confluent.Kafka;

namespace ActivityConnector.Journals.Kafka;

/// <summary>A member of a consumer group that lives as long as the process: its credentials follow their files.</summary>
/// <remarks>For one thread, which asks it for records all the time; <see cref="Client"/> may be used by others.</remarks>
internal sealed class GroupMember : IDisposable
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);

    private readonly Func<KafkaCredentials, IConsumer<byte[], byte[]?>> _make;
    private readonly KafkaSecurityOptions _security;
    private readonly TimeProvider _time;
    private readonly IReadOnlyList<string> _topics;
    private volatile IConsumer<byte[], byte[]?> _client;
    private KafkaCredentials _credentials;
    private long _looked;

    /// <param name="make">Makes a client with these credentials.</param>
    /// <exception cref="JournalMisconfiguredException">librdkafka refuses the configuration, or a file cannot be read.</exception>
    public GroupMember(KafkaSecurityOptions security, TimeProvider time, IEnumerable<string> topics, Func<KafkaCredentials, IConsumer<byte[], byte[]?>> make)
    {
        (_security, _time, _topics, _make) = (security, time, [.. topics], make);
        _credentials = KafkaCredentials.Read(security);
        _client = KafkaClients.Make(() => make(_credentials));
        _client.Subscribe(_topics);
        _looked = time.GetTimestamp();
    }

    public IConsumer<byte[], byte[]?> Client => _client;

    /// <summary>
    /// Looks at the files every few seconds. A new password is used from the next connection on; with new certificates the member leaves
    /// and comes back.
    /// </summary>
    /// <returns>True when it has come back: everything has to be assigned again.</returns>
    public bool FollowCredentials()
    {
        if (_time.GetElapsedTime(_looked) < LookEvery) return false;

        _looked = _time.GetTimestamp();
        try
        {
            if (_credentials.Renew(_client, _security) is { } now)
            {
                _credentials = now;
                return false;
            }

            var credentials = KafkaCredentials.Read(_security);
            var client = KafkaClients.Make(() => _make(credentials));
            _client.Close();
            _client.Dispose();
            client.Subscribe(_topics);
            (_client, _credentials) = (client, credentials);
            return true;
        }
        catch (JournalMisconfiguredException)
        {
            // A file is being written, or the certificate is new and its key not yet: what there was serves until the next look.
            return false;
        }
    }

    public void Dispose() => _client.Dispose();
}
