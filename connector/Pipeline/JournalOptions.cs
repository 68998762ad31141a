namespace ActivityConnector.Pipeline;

/// <summary>Which journal, and its limits.</summary>
public sealed class JournalOptions
{
    public JournalKind Kind { get; init; } = JournalKind.Sqlite;

    public string Path { get; init; } = "data/journal.db";

    public long? MaxBytes { get; init; }

    public TimeSpan? Retention { get; init; }
}

/// <summary>Which implementation of the journal.</summary>
public enum JournalKind
{
    Sqlite,
}
