using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;

namespace ActivityConnector.Pipeline;

/// <summary>
/// The spans, with all names that they and their attributes have: those of the OpenTelemetry semantic conventions where they have one. A run of a
/// source, and a batch of a sink, is a trace of its own; single records are in their own traces, see <see cref="RecordSpans"/>.
/// </summary>
/// <remarks>Thread-safe. Without a listener every method gives null, and nothing is computed.</remarks>
internal static class Spans
{
    public const string SourceName = "ActivityConnector";

    /// <summary>The most links that a span is given: what the OpenTelemetry SDK keeps by default.</summary>
    public const int MostLinks = 128;

    public const string SystemName = "messaging.system";
    public const string Destination = "messaging.destination.name";
    public const string OperationName = "messaging.operation.name";
    public const string OperationType = "messaging.operation.type";
    public const string MessageCount = "messaging.batch.message_count";
    public const string MessageId = "messaging.message.id";
    public const string ConsumerGroup = "messaging.consumer.group.name";
    public const string ClientId = "messaging.client.id";
    public const string KafkaKey = "messaging.kafka.message.key";
    public const string Kafka = "kafka";

    public const string DatabaseSystem = "db.system.name";
    public const string DatabaseOperation = "db.operation.name";
    public const string DatabaseBatchSize = "db.operation.batch.size";
    public const string DatabaseCollection = "db.collection.name";
    public const string DatabaseStatus = "db.response.status_code";

    public const string ErrorType = "error.type";
    public const string ServerAddress = "server.address";
    public const string ServerPort = "server.port";

    public const string VendorSource = "activity_connector.source";
    public const string VendorAccount = "activity_connector.account";
    public const string TransactionOutcome = "activity_connector.kafka.outcome";

    private static readonly ActivitySource Source = new(SourceName, Instruments.Version);

    /// <summary>Whether anybody listens.</summary>
    public static bool IsOn => Source.HasListeners();

    /// <summary>A span below the one that is under way.</summary>
    public static Activity? Start(string name, ActivityKind kind = ActivityKind.Internal, IEnumerable<ActivityLink>? links = null) =>
        Source.StartActivity(kind, links: links, name: name);

    /// <summary>A span below the given one, or, where that is default, one that begins a trace: whatever is under way. Nothing is once it has ended.</summary>
    public static Activity? StartUnder(
        ActivityContext parent,
        string name,
        ActivityKind kind = ActivityKind.Internal,
        IEnumerable<ActivityLink>? links = null,
        DateTimeOffset started = default)
    {
        if (!IsOn) return null;

        // With one under way, .NET would take its span id and the trace id of the context.
        Activity.Current = null;
        return Source.StartActivity(kind, parent, links: links, startTime: started, name: name);
    }

    /// <summary>
    /// The span ended with this failure, whose message holds neither a secret nor a value of a record. That it was stopped, paused, or is another
    /// instance's is none.
    /// </summary>
    public static void Fail(this Activity? span, Exception failure)
    {
        if (span is null || failure is OperationCanceledException or SourcePausedException or JournalStandbyException) return;

        span.SetTag(ErrorType, failure.GetType().FullName);
        span.SetStatus(ActivityStatusCode.Error, failure.Message);
    }

    /// <summary>An operation on messages.</summary>
    public static void SetMessaging(this Activity? span, string? destination, string operation, string type)
    {
        if (span is null) return;

        span.SetTag(SystemName, Kafka);
        span.SetTag(OperationName, operation);
        span.SetTag(OperationType, type);
        if (destination is not null) span.SetTag(Destination, destination);
    }

    /// <summary>What the run of a source did.</summary>
    public static void SetRun(this Activity? span, SourceKey source, SourcePosition? from, SourcePosition? to, PollResult result)
    {
        if (span is null) return;

        span.SetTag(VendorSource, source.Source);
        span.SetTag(VendorAccount, source.Account);
        span.SetTag("activity_connector.records", result.Counts.Published + result.Counts.Known + result.Counts.Grown);
        span.SetTag("activity_connector.published", result.Counts.Published);
        span.SetTag("activity_connector.commits", result.Commits);
        if (to is CursorPosition { After: { } cursor })
        {
            // A cursor is like a secret.
            span.SetTag("activity_connector.cursor.hash", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(cursor)).AsSpan(0, 8)));
        }

        if (from?.Reached is { } start) span.SetTag("activity_connector.window.start", start.UtcDateTime.ToString("O"));
        if (to?.Reached is { } end) span.SetTag("activity_connector.window.end", end.UtcDateTime.ToString("O"));
    }

    /// <summary>An operation on events that were read from a journal.</summary>
    /// <param name="events">Of one read.</param>
    public static Activity? StartOn(
        IReadOnlyList<JournalEvent> events, ActivityContext parent, string operation, string type, ActivityKind kind, DateTimeOffset started = default)
    {
        if (!IsOn || events.Count == 0) return null;

        var topics = events.Select(e => e.Trace?.Topic).Distinct().Take(2).ToList();
        var topic = topics.Count == 1 ? topics[0] : null;
        var name = events[0].Trace is null ? $"{operation} journal" : $"{operation} {topic}".TrimEnd();
        var span = StartUnder(parent, name, kind, LinksTo(events.Select(e => e.Trace?.Context ?? default)), started);
        span?.SetTag(MessageCount, events.Count);
        if (events[0].Trace is { Group: var group })
        {
            span.SetMessaging(topic, operation, type);
            span?.SetTag(ConsumerGroup, group);
        }

        return span;
    }

    /// <summary>The links to some contexts; null when there is none.</summary>
    public static IReadOnlyList<ActivityLink>? LinksTo(IEnumerable<ActivityContext> contexts)
    {
        var links = contexts.Where(c => c.TraceFlags.HasFlag(ActivityTraceFlags.Recorded)).Take(MostLinks).Select(c => new ActivityLink(c)).ToList();
        return links.Count > 0 ? links : null;
    }
}
