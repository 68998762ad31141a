using System.ComponentModel.DataAnnotations;

namespace ActivityConnector.Pipeline;

/// <summary>Where events and checkpoints are kept.</summary>
public enum JournalKind
{
    /// <summary>One local file; no service needed.</summary>
    Sqlite,

    /// <summary>Topics of a Kafka cluster.</summary>
    Kafka,
}

/// <summary>The configuration section <c>Journal</c>.</summary>
public sealed class JournalOptions
{
    public JournalKind Kind { get; set; }

    /// <summary>Where the SQLite journal is when <see cref="Path"/> is not given: in the working directory.</summary>
    public const string DefaultPath = "data/journal.db";

    /// <summary>
    /// The file of the SQLite journal, on a local or block volume (never NFS or SMB). Its directory is created. Empty = data/journal.db in the working
    /// directory.
    /// </summary>
    public string Path { get; set; } = "";

    /// <summary>
    /// The size at which collection stops until there is room; null = 80 % of what the volume has free at the start, the journal included.
    /// A disk that is really full cannot even be cleaned up: the limit is what keeps it recoverable.
    /// </summary>
    [Range(1L << 20, long.MaxValue)]
    [Unit("bytes")]
    public long? MaxBytes { get; set; }

    /// <summary>
    /// How long an event is kept after its commit; in SQLite also until every sink has it. Longer than the longest outage of a sink that
    /// matters.
    /// </summary>
    [Range(typeof(TimeSpan), "01:00:00", "3650.00:00:00")]
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(30);
}
