using ActivityConnector.Configuration;
using ActivityConnector.Journals.Kafka;
using ActivityConnector.Journals.Sqlite;
using ActivityConnector.Pipeline;
using ActivityConnector.Transforms;
using ActivityConnector.Vendors;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActivityConnector;

/// <summary>The journal that <c>Journal:Kind</c> names: opens both kinds.</summary>
internal static class ConfiguredJournal
{
    /// <summary>To collect into and to read from.</summary>
    /// <exception cref="JournalException">It is owned by another process, damaged or out of reach.</exception>
    public static async ValueTask<IJournal> OpenAsync(ConnectorOptions options, TimeProvider time, ILoggerFactory logs, CancellationToken cancellationToken)
    {
        var spans = options.Telemetry.ToRecordSpans();
        if (options.Journal.Kind == JournalKind.Kafka)
        {
            return new KafkaJournal(
                options.Kafka, options.Journal, Vendor.Names, Vendor.LongestReach(options.Sources), time, logs.CreateLogger<KafkaJournal>())
            {
                WithholdsStrangers = new PrivacyRules(options.Transform.Privacy.Fields, default).HideAnything,
                EventSchema = Vendor.EventSchema,
                RecordSpans = spans,
            };
        }

        var file = await SqliteJournal.OpenAsync(options.Journal, time, logs.CreateLogger<SqliteJournal>(), cancellationToken);
        file.RecordSpans = spans;
        return file;
    }

    /// <summary>To look at, beside a running connector.</summary>
    public static async ValueTask<IJournalView> ViewAsync(ConnectorOptions options, TimeProvider time, CancellationToken cancellationToken) =>
        options.Journal.Kind switch
        {
            JournalKind.Kafka => new KafkaJournalView(options.Kafka, Vendor.Names, time),
            _ => await SqliteJournalView.OpenAsync(options.Journal.Path, cancellationToken),
        };

    /// <summary>Tries whether it can be used, without disturbing a connector that uses it.</summary>
    public static async Task<IReadOnlyList<CheckResult>> CheckAsync(
        ConnectorOptions options, TimeProvider time, CancellationToken cancellationToken) =>
        options.Journal.Kind switch
        {
            JournalKind.Kafka =>
            [
                .. await new KafkaCheck(options.Kafka, options.Journal, Vendor.Names, time).RunAsync(cancellationToken),
                .. await new ValueSchemas(options.Kafka, Vendor.Names, Vendor.EventSchema, time).CheckAsync(cancellationToken),
            ],
            _ => await SqliteCheck.RunAsync(options.Journal, cancellationToken),
        };

    /// <summary>To change the journal of the connector that runs in this process.</summary>
    public static IJournalOperator OperatorOf(IJournal journal, ConnectorOptions options, TimeProvider time) =>
        journal as IJournalOperator ?? OfTopics(options, time);

    /// <summary>To change by hand. SQLite: no connector may run. Kafka: one that runs is fenced.</summary>
    /// <param name="make">Whether a journal that is not there is made.</param>
    public static async ValueTask<IJournalOperator> OperateAsync(ConnectorOptions options, bool make, TimeProvider time, CancellationToken cancellationToken)
    {
        if (options.Journal.Kind == JournalKind.Kafka) return OfTopics(options, time);

        if (!make) await (await SqliteJournalView.OpenAsync(options.Journal.Path, cancellationToken)).DisposeAsync();

        return await SqliteJournal.OpenAsync(options.Journal, time, NullLogger<SqliteJournal>.Instance, cancellationToken);
    }

    private static KafkaJournalOperator OfTopics(ConnectorOptions options, TimeProvider time) =>
        new(options.Kafka, options.Journal, Vendor.Names, Vendor.LongestReach(options.Sources), time) { EventSchema = Vendor.EventSchema };
}
