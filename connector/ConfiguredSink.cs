using ActivityConnector.Configuration;
using ActivityConnector.Pipeline;
using ActivityConnector.Scheduling;
using ActivityConnector.Sinks.Elasticsearch;
using ActivityConnector.Vendors;

namespace ActivityConnector;

/// <summary>The sink of the section <c>Elasticsearch</c>.</summary>
internal static class ConfiguredSink
{
    /// <summary>A command that is to end does not wait without end for a cluster that is unavailable: the next run continues.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>The sink, not yet connected.</summary>
    /// <param name="waitAtMost">When it gives up on a cluster that takes nothing; null = never.</param>
    public static IEventSink Open(ConnectorOptions options, TimeSpan? waitAtMost, TimeProvider time, ILoggerFactory logs)
    {
        options.Elasticsearch.Namespace ??= options.Transform.Namespace;
        return new ElasticsearchSink(
            options.Elasticsearch,
            options.Transform.Format == EventFormat.Nested,
            options.Elasticsearch.SetupFolder!,
            waitAtMost,
            time,
            SourceParts.NewRandom(),
            logs.CreateLogger<ElasticsearchSink>());
    }

    /// <summary>A look into what it stores; null when no sink is on.</summary>
    public static ISinkView? View(ConnectorOptions options, TimeProvider time)
    {
        options.Elasticsearch.Namespace ??= options.Transform.Namespace;
        return options.Elasticsearch.IsOn ? new ElasticsearchView(options.Elasticsearch, time) : null;
    }

    /// <summary>The loop from a journal into the sink.</summary>
    public static SinkRunner Runner(ConnectorOptions options, IJournal journal, TimeSpan? waitAtMost, TimeProvider time, ILoggerFactory logs)
    {
        var sink = Open(options, waitAtMost, time, logs);
        return new SinkRunner(
            sink, new Indexer(journal, sink, options.Elasticsearch.FlushInterval, time, logs.CreateLogger<Indexer>()), time, logs.CreateLogger<SinkRunner>());
    }
}
