using System.Globalization;
using ActivityConnector.Pipeline;
using Confluent.Kafka;

namespace ActivityConnector.Journals.Kafka;

/// <summary>Makes librdkafka's clients: what the guarantees rest on is set here and cannot be configured away.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed partial class KafkaClients
{
    /// <summary>What key, headers and Kafka's own bytes may add to a value of <see cref="MaxEventBytes"/>.</summary>
    public const int MessageOverhead = 16 * 1024;

    /// <summary>How long one question to the cluster may take.</summary>
    public static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(10);

    /// <summary>The smallest that Kafka:MaxEventBytes can be.</summary>
    private const int LeastEventBytes = 10_000;

    /// <summary>The properties that are set here; the same in Kafka:Properties is a mistake.</summary>
    public static IReadOnlySet<string> Reserved { get; } = new HashSet<string>
    {
        "bootstrap.servers", "client.id", "transactional.id", "transaction.timeout.ms", "message.timeout.ms", "enable.idempotence", "acks",
        "request.required.acks", "max.in.flight", "max.in.flight.requests.per.connection", "message.send.max.retries", "retries", "compression.type",
        "compression.codec", "message.max.bytes", "partitioner", "group.id", "group.instance.id", "enable.auto.commit", "enable.auto.offset.store",
        "isolation.level", "partition.assignment.strategy", "auto.offset.reset", "allow.auto.create.topics", "enable.partition.eof", "check.crcs",
        "queue.buffering.max.messages", "security.protocol", "sasl.mechanism", "sasl.mechanisms", "sasl.username", "sasl.password",
        "sasl.oauthbearer.client.id", "sasl.oauthbearer.client.credentials.client.id", "sasl.oauthbearer.client.secret",
        "sasl.oauthbearer.client.credentials.client.secret", "ssl.ca.location", "ssl.certificate.location", "ssl.key.location", "ssl.key.password",
        "ssl.endpoint.identification.algorithm",
    };

    private readonly ILogger _logger;
    private int _maxEventBytes;

    /// <exception cref="DllNotFoundException">There is no librdkafka for this system.</exception>
    public KafkaClients(KafkaOptions options, ILogger logger)
    {
        // Before the first client does it: a library that is missing ends the start, not every run.
        Library.Load();
        Options = options;
        Topics = new KafkaTopics(options);
        _maxEventBytes = options.MaxEventBytes;
        _logger = logger;
    }

    public KafkaTopics Topics { get; }

    public KafkaOptions Options { get; }

    /// <summary>The largest value of a record that is written: Kafka:MaxEventBytes, or less since the cluster has refused that.</summary>
    public int MaxEventBytes => Volatile.Read(ref _maxEventBytes);

    /// <summary>The largest message that a topic must take: an event with its key and headers, and what Kafka adds.</summary>
    public int MaxMessageBytes => Options.MaxEventBytes + MessageOverhead;

    /// <summary>
    /// The cluster has refused a message as too large, from a client that was made for values of <paramref name="tried"/> bytes: clients
    /// made from now on are for half of it.
    /// </summary>
    /// <returns>False when it is as small as it can be.</returns>
    public bool LowerMaxEventBytes(int tried)
    {
        if (tried <= LeastEventBytes) return false;

        var lower = Math.Max(LeastEventBytes, tried / 2);
        if (Interlocked.CompareExchange(ref _maxEventBytes, lower, tried) == tried) LogLowered(_logger, Options.MaxEventBytes, lower);

        return true;
    }

    /// <summary>A transaction's producer. Its calls block: each is used on a thread of its own.</summary>
    public IProducer<byte[], byte[]?> TransactionalProducer(string transactionalId, KafkaCredentials credentials, ClientErrors errors)
    {
        var settings = ProducerSettings(credentials);
        settings["transactional.id"] = transactionalId;
        settings["transaction.timeout.ms"] = Milliseconds(Options.TransactionTimeout);
        // Below the transaction's, or librdkafka refuses.
        settings["message.timeout.ms"] = Milliseconds(Options.TransactionTimeout * 0.75);
        return Build(settings, errors);
    }

    /// <summary>For what is not part of a transaction: dead letters of a sink. Idempotent.</summary>
    public IProducer<byte[], byte[]?> Producer(KafkaCredentials credentials, ClientErrors errors) => Build(ProducerSettings(credentials), errors);

    /// <summary>A consumer that is given its partitions: for reading a topic from end to end.</summary>
    public IConsumer<byte[], byte[]?> Reader(KafkaCredentials credentials, ClientErrors errors) =>
        Consumer(ConsumerSettings(credentials, Topics.ReaderGroup("unused")), errors).Build();

    /// <summary>A consumer that shares its topics with the others of its group. Where its position is not there any more, it reports that.</summary>
    public ConsumerBuilder<byte[], byte[]?> Member(KafkaCredentials credentials, string group, ClientErrors errors)
    {
        var settings = ConsumerSettings(credentials, group);
        settings["partition.assignment.strategy"] = "cooperative-sticky";
        settings["auto.offset.reset"] = "error";
        return Consumer(settings, errors);
    }

    public IAdminClient Admin(KafkaCredentials credentials, ClientErrors errors) =>
        new AdminClientBuilder(Common(credentials)).SetErrorHandler((_, e) => errors.Observe(e)).SetLogHandler((_, m) => Log(m)).Build();

    /// <summary>A span of time as a property or a topic's setting has it.</summary>
    public static string Milliseconds(TimeSpan time) => ((long)time.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);

    /// <summary>Builds a client; what librdkafka has against the properties names the property.</summary>
    public static T Make<T>(Func<T> build)
    {
        try
        {
            return build();
        }
        catch (InvalidOperationException e)
        {
            throw new JournalMisconfiguredException($"librdkafka refuses the configuration: {e.Message}.", "Look at Kafka:Properties and Kafka:Security.", e);
        }
        catch (KafkaException e)
        {
            throw new JournalMisconfiguredException(
                $"librdkafka refuses the configuration: {e.Error.Reason}.", "Look at Kafka:Properties and Kafka:Security.", e);
        }
    }

    private ConsumerBuilder<byte[], byte[]?> Consumer(Dictionary<string, string> settings, ClientErrors errors) =>
        new ConsumerBuilder<byte[], byte[]?>(settings).SetErrorHandler((_, e) => errors.Observe(e)).SetLogHandler((_, m) => Log(m));

    private IProducer<byte[], byte[]?> Build(Dictionary<string, string> settings, ClientErrors errors) =>
        new ProducerBuilder<byte[], byte[]?>(settings).SetErrorHandler((_, e) => errors.Observe(e)).SetLogHandler((_, m) => Log(m)).Build();

    private Dictionary<string, string> ProducerSettings(KafkaCredentials credentials)
    {
        var settings = Common(credentials);
        settings["enable.idempotence"] = "true";
        settings["acks"] = "all";
        settings["compression.type"] = Options.Compression.ToString().ToLowerInvariant();
        settings["message.max.bytes"] = (MaxEventBytes + MessageOverhead).ToString(CultureInfo.InvariantCulture);
        // Java, Streams and ksqlDB place keys so; librdkafka's own default differs.
        settings["partitioner"] = "murmur2_random";
        settings.TryAdd("linger.ms", "20");
        // A report says whether; everything else would be copied back for each event.
        settings["dotnet.producer.delivery.report.fields"] = "none";
        settings["queue.buffering.max.messages"] = "1000000";
        return settings;
    }

    private Dictionary<string, string> ConsumerSettings(KafkaCredentials credentials, string group)
    {
        var settings = Common(credentials);
        settings["group.id"] = group;
        settings["enable.auto.commit"] = "false";
        settings["enable.auto.offset.store"] = "false";
        settings["isolation.level"] = "read_committed";
        settings["auto.offset.reset"] = "earliest";
        settings["allow.auto.create.topics"] = "false";
        settings["enable.partition.eof"] = "true";
        settings["check.crcs"] = "true";
        // A full fetch of small events is megabytes of messages: this many are kept ahead.
        settings.TryAdd("queued.max.messages.kbytes", "16384");
        return settings;
    }

    private Dictionary<string, string> Common(KafkaCredentials credentials)
    {
        var settings = new Dictionary<string, string>(Options.Properties.Where(p => !Reserved.Contains(p.Key)))
        {
            ["bootstrap.servers"] = Options.BootstrapServers ?? "",
            ["client.id"] = $"{Options.TopicPrefix}-{System.Environment.MachineName}",
        };
        credentials.AddTo(settings, Options.Security);
        return settings;
    }

    private void Log(LogMessage message)
    {
        // librdkafka retries by itself and reports what it cannot recover from as an error: its log lines are for a closer look.
        LogLibrary(_logger, message.Facility, message.Message);
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The cluster refuses messages that Kafka:MaxEventBytes={Configured} allows: from now on events of more than {Bytes} bytes are cut, "
            + "or become dead letters. Lower Kafka:MaxEventBytes, or raise max.message.bytes of the topics and message.max.bytes of the brokers.")]
    private static partial void LogLowered(ILogger logger, int configured, int bytes);

    [LoggerMessage(Level = LogLevel.Debug, Message = "librdkafka {Facility}: {Line}")]
    private static partial void LogLibrary(ILogger logger, string facility, string line);
}
