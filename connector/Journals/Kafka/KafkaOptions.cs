using System.ComponentModel.DataAnnotations;
using ActivityConnector.Pipeline;

namespace ActivityConnector.Journals.Kafka;

/// <summary>The configuration section <c>Kafka</c>: the cluster that holds the journal when <c>Journal:Kind</c> is Kafka.</summary>
public sealed class KafkaOptions
{
    private const string Characters = " letters, digits, '.', '-' and '_', with a letter or digit among them.";

    /// <summary>The brokers to ask first, as host:port with commas between.</summary>
    public string? BootstrapServers { get; set; }

    /// <summary>What the names of topics, groups and transactional ids begin with.</summary>
    [RegularExpression("(?=.*[A-Za-z0-9])[A-Za-z0-9._-]{1,100}", ErrorMessage = "Use at most 100" + Characters)]
    public string TopicPrefix { get; set; } = "activity";

    /// <summary>
    /// A part of each transactional id. Two deployments that write different topics of one cluster differ here or in TopicPrefix; two that
    /// are to fence each other have the same.
    /// </summary>
    [RegularExpression("(?=.*[A-Za-z0-9])[A-Za-z0-9._-]{1,40}", ErrorMessage = "Use at most 40" + Characters)]
    public string Environment { get; set; } = "prod";

    /// <summary>What the key of an event is made of; events with the same key keep their order. Changing it changes the order once.</summary>
    public KafkaKey Key { get; set; } = KafkaKey.Actor;

    /// <summary>Whether topics that are missing are created; false = they are only checked.</summary>
    public bool CreateTopics { get; set; } = true;

    /// <summary>
    /// The partitions that each events topic is created with: as many indexers can share the work. A topic that is there may have another number.
    /// </summary>
    [Range(1, 1000)]
    [Unit("partitions")]
    public int Partitions { get; set; } = 3;

    /// <summary>
    /// The partitions of the checkpoints topic that are used; more than one spreads the sources over several instances. Never changed afterwards, also
    /// where partitions are added to the topic.
    /// </summary>
    [Range(1, 100)]
    [Unit("partitions")]
    public int CheckpointPartitions { get; set; } = 1;

    /// <summary>The copies of each topic. 1 only on a cluster for tests: with it a lost broker is lost data.</summary>
    [Range(1, 10)]
    [Unit("copies")]
    public int ReplicationFactor { get; set; } = 3;

    /// <summary>How many copies must have an event before it counts as committed.</summary>
    [Range(1, 10)]
    [Unit("copies")]
    public int MinInSyncReplicas { get; set; } = 2;

    /// <summary>
    /// The largest event in bytes of JSON, without headers: below the broker's message.max.bytes. A larger one is cut, or becomes a dead letter.
    /// </summary>
    [Range(10_000, 100_000_000)]
    [Unit("bytes")]
    public int MaxEventBytes { get; set; } = 900_000;

    /// <summary>How batches are compressed.</summary>
    public KafkaCompression Compression { get; set; } = KafkaCompression.Zstd;

    /// <summary>After how long the cluster gives up a transaction that is neither committed nor aborted.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "00:15:00")]
    public TimeSpan TransactionTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// True for several instances of one deployment: each source belongs to one of them, and another takes over when that one ends. False:
    /// an instance takes its sources at once, and the instance that had them before is fenced.
    /// </summary>
    public bool HighAvailability { get; set; }

    /// <summary>How the cluster is reached.</summary>
    public KafkaSecurityOptions Security { get; set; } = new();

    /// <summary>Where the schema of the events is registered, for consumers that ask a Schema Registry.</summary>
    public SchemaRegistryOptions SchemaRegistry { get; set; } = new();

    /// <summary>Further librdkafka properties, passed on as they are; those that the guarantees rest on are refused.</summary>
    public IReadOnlyDictionary<string, string> Properties { get; set; } = new Dictionary<string, string>();
}

/// <summary>What the key of an event is made of. Whatever is missing from an event gives way to the next in the list.</summary>
public enum KafkaKey
{
    /// <summary>Source, account and the person or app that acted: detection rules run per actor.</summary>
    Actor,

    /// <summary>Source, account and the object that was acted upon.</summary>
#pragma warning disable CA1720 // It is the object of the event, whatever C# calls one.
    Object,
#pragma warning restore CA1720

    /// <summary>Source and account: one order for all, one partition.</summary>
    Account,

    /// <summary>The event's id: spread evenly, no order.</summary>
    EventId,
}

/// <summary>How batches are compressed.</summary>
public enum KafkaCompression
{
    /// <summary>The smallest for its speed.</summary>
    Zstd,

    /// <summary>Fast, and known to old consumers.</summary>
    Lz4,

    /// <summary>Known to every consumer.</summary>
    Gzip,

    /// <summary>Not at all.</summary>
    None,
}
