using System.Diagnostics.Metrics;

namespace ActivityConnector.Pipeline;

/// <summary>
/// The instruments that count and measure, with the names and values of their attributes: an interface, which alerts and dashboards rely on
/// (docs/telemetry.md). Names are those of the OpenTelemetry semantic conventions where they have one; the messaging conventions are still in
/// development, which is why their names stand here and in <see cref="Spans"/> only. Units are UCUM.
/// </summary>
/// <remarks>
/// Thread-safe. An instrument without a listener costs a test of a flag. No attribute is an id, an actor, the name of an index, or a text of a vendor.
/// </remarks>
internal static class Instruments
{
    /// <summary>The name of the connector's meters.</summary>
    public const string MeterName = "ActivityConnector";

    public const string Source = "source";
    public const string Account = "account";
    public const string Sink = "sink";
    public const string Outcome = "outcome";
    public const string Result = "result";
    public const string Stage = "stage";
    public const string Reason = "reason";
    public const string State = "state";

    /// <summary>The version of the connector, as meters and activity sources name it.</summary>
    public static readonly string Version = typeof(Instruments).Assembly.GetName().Version!.ToString(3);

    // Before the instruments: static members are made in the order in which they stand.
    private static readonly Meter Meter = new(MeterName, Version);

    /// <summary>How long a run of a source took, with its sweep. Attributes: source, outcome.</summary>
    public static readonly Histogram<double> PollDuration = Seconds(
        "activity_connector.poll.duration",
        "How long a run of a source took, with its sweep.",
        0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600);

    /// <summary>How long after its own time a record first became visible, as far as polls can tell. Attribute: source.</summary>
    public static readonly Histogram<double> VisibilityDelay = Seconds(
        "activity_connector.source.visibility_delay",
        "How long after its own time a record first became visible, as far as polls can tell.",
        15, 30, 60, 90, 120, 180, 300, 450, 600, 750, 900, 1200, 1800, 3600);

    /// <summary>How long a sink has waited because it could not take events. Attributes: sink, reason.</summary>
    public static readonly Counter<double> SinkBlocked = Meter.CreateCounter<double>(
        "activity_connector.sink.blocked", "s", "How long a sink has waited because it could not take events.");

    /// <summary>Items of answers to bulk requests, by what the server did with them. Attributes: sink, result.</summary>
    public static readonly Counter<long> BulkItems = Meter.CreateCounter<long>(
        "activity_connector.bulk.items", "{item}", "Items of answers to bulk requests, by what the server did with them.");

    /// <summary>The size of bulk requests before compression. Attribute: sink.</summary>
    public static readonly Histogram<long> BulkSize = Meter.CreateHistogram(
        "activity_connector.bulk.size",
        "By",
        "The size of bulk requests before compression.",
        advice: new InstrumentAdvice<long> { HistogramBucketBoundaries = [1_024, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 8_388_608, 16_777_216] });

    /// <summary>How long a bulk request took. Attributes as the convention of Elasticsearch has them, without the index.</summary>
    public static readonly Histogram<double> DatabaseOperation = Seconds("db.client.operation.duration", "How long a bulk request took.");

    /// <summary>Transactions of the Kafka journal. Attributes: source, account, outcome.</summary>
    public static readonly Counter<long> KafkaTransactions = Meter.CreateCounter<long>(
        "activity_connector.kafka.transactions", "{transaction}", "Transactions of the Kafka journal.");

    /// <summary>Producers that took a source over, each of which fences the one before. Attributes: source, account.</summary>
    public static readonly Counter<long> KafkaInits = Meter.CreateCounter<long>(
        "activity_connector.kafka.producer.inits", "{init}", "Producers that took a source over, each of which fences the one before.");

    /// <summary>What a reader at the end of what is committed cannot see yet, because a transaction is open. Attribute: sink.</summary>
    public static readonly Gauge<long> KafkaStableLag = Meter.CreateGauge<long>(
        "activity_connector.kafka.lso.lag", "{message}", "Messages that a reader cannot see yet, because a transaction is open.");

    private static readonly Gauge<long> KnownIds = Meter.CreateGauge<long>(
        "activity_connector.dedupe.entries", "{entry}", "Ids that the Kafka journal keeps in memory to know events again.");

    private static readonly Counter<long> ForgottenIds = Meter.CreateCounter<long>(
        "activity_connector.dedupe.evicted", "{entry}", "Ids that the Kafka journal has forgotten, because nothing can bring their events again.");

    private static readonly Counter<long> SentMessages = Meter.CreateCounter<long>(
        "messaging.client.sent.messages", "{message}", "Messages that were committed to Kafka.");

    private static readonly Counter<long> ConsumedMessages = Meter.CreateCounter<long>(
        "messaging.client.consumed.messages", "{message}", "Events that were delivered from Kafka.");

    private static readonly Histogram<double> ProcessDuration = Seconds("messaging.process.duration", "How long a sink took to settle a batch of events.");

    private static readonly Histogram<double> MessagingOperation = Seconds(
        "messaging.client.operation.duration", "How long an operation of the Kafka client took.");

    private static readonly Counter<long> Received = Meter.CreateCounter<long>(
        "activity_connector.records.received", "{record}", "Elements of a vendor's pages: records, nulls, and text that is no record.");

    private static readonly Counter<long> Records = Meter.CreateCounter<long>(
        "activity_connector.records",
        "{record}",
        "What has become of the events that records are, in one outcome each: published, late and mutated ones were committed.");

    private static readonly Counter<long> DeadLetterCount = Meter.CreateCounter<long>(
        "activity_connector.dlq.messages", "{message}", "Dead letters that were made, by the stage that could not deliver the record or event.");

    private static readonly Counter<long> SinkUnaccounted = Meter.CreateCounter<long>(
        "activity_connector.sink.unaccounted", "{event}", "Events of which a sink did not say what became of them; they are sent again.");

    private static readonly Counter<long> SinkEvents = Meter.CreateCounter<long>(
        "activity_connector.sink.events", "{event}", "What has become of what a sink was given, in one outcome each.");

    /// <summary>What became of one batch of a source: committed, or not worth a commit.</summary>
    public static void Collected(SourceKey source, PreparedBatch batch, CollectedCounts counts)
    {
        if (!Received.Enabled && !Records.Enabled) return;

        var (vendor, account) = (Tag(Source, source.Source), Tag(Account, source.Account));
        Received.Add(batch.Ledger.Received, vendor, account);
        Add("published", counts.Published - counts.Late - counts.Revised);
        Add("late", counts.Late);
        Add("mutated", counts.Revised);
        Add("duplicate", counts.Known);
        Add("grown", counts.Grown);
        Add("dead_letter", counts.DeadLetters);
        Add("invalid", counts.Empty);
        foreach (var stage in (DeadLetterStage[])[DeadLetterStage.Page, DeadLetterStage.Size])
        {
            DeadLetters(stage, batch.DeadLetters.Count(letter => letter.Stage == stage));
        }

        // Nothing is counted too: an alert needs the first step from 0.
        void Add(string outcome, long count) => Records.Add(count, vendor, account, Tag(Outcome, outcome));
    }

    /// <summary>What a transaction of the Kafka journal did.</summary>
    /// <param name="known">The ids that are kept now.</param>
    /// <param name="forgotten">The ids that are not kept any more.</param>
    public static void Committed(SourceKey source, string topic, int events, int known, int forgotten)
    {
        var (vendor, account) = (Tag(Source, source.Source), Tag(Account, source.Account));
        SentMessages.Add(events, Tag(Spans.SystemName, Spans.Kafka), Tag(Spans.Destination, topic), Tag(Spans.OperationName, "send"));
        KnownIds.Record(known, vendor, account);
        ForgottenIds.Add(forgotten, vendor, account);
    }

    /// <summary>Events that the reader of the Kafka journal has delivered.</summary>
    public static void Consumed(string topic, string group, int events) => ConsumedMessages.Add(
        events,
        Tag(Spans.SystemName, Spans.Kafka), Tag(Spans.Destination, topic), Tag(Spans.OperationName, "poll"), Tag(Spans.ConsumerGroup, group));

    /// <summary>An operation of the Kafka client.</summary>
    /// <param name="operation">send, commit or poll, as the spans have it.</param>
    public static void Messaged(string operation, TimeSpan duration) => MessagingOperation.Record(
        duration.TotalSeconds, Tag(Spans.SystemName, Spans.Kafka), Tag(Spans.OperationName, operation));

    /// <summary>What became of events that a sink was given.</summary>
    /// <param name="unaccounted">Of how many it is not known.</param>
    public static void Settled(string sink, SinkResult result, long unaccounted, TimeSpan duration)
    {
        var name = Tag(Sink, sink);
        ProcessDuration.Record(duration.TotalSeconds, Tag(Spans.OperationName, "process"), name);
        SinkUnaccounted.Add(unaccounted, name);
        SinkEvents.Add(result.Stored, name, Tag(Outcome, "stored"));
        SinkEvents.Add(result.Known, name, Tag(Outcome, "duplicate"));
        SinkEvents.Add(result.LeftOut, name, Tag(Outcome, "left_out"));
        SinkEvents.Add(result.Refused.Count, name, Tag(Outcome, "refused"));
        DeadLetters(DeadLetterStage.Index, result.Refused.Count);
    }

    public static KeyValuePair<string, object?> Tag(string name, object? value) => new(name, value);

    private static void DeadLetters(DeadLetterStage stage, long count) => DeadLetterCount.Add(count, Tag(Stage, stage.Name()));

    /// <summary>With the boundaries that the conventions give for durations, unless others are given.</summary>
    private static Histogram<double> Seconds(string name, string description, params double[] boundaries) => Meter.CreateHistogram(
        name,
        "s",
        description,
        advice: new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = boundaries.Length > 0
                ? boundaries
                : [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30, 60],
        });
}
