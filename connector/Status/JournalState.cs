using ActivityConnector.Pipeline;

namespace ActivityConnector.Status;

/// <summary>What an operator needs to know about the journal, at one moment. Immutable.</summary>
public sealed record JournalState
{
    public required JournalKind Kind { get; init; }

    /// <summary>The file, or the brokers with the prefix of the topics.</summary>
    public required string Place { get; init; }

    /// <summary>Of the file, in bytes; null with Kafka.</summary>
    public long? Bytes { get; init; }

    /// <summary>The size in bytes at which collection stops; null with Kafka.</summary>
    public long? MaxBytes { get; init; }

    /// <summary>How many dead letters are open, by stage; a stage without one is left out.</summary>
    public IReadOnlyDictionary<string, long> DeadLetters { get; init; } = new Dictionary<string, long>();

    /// <summary>Why it could not be asked; null when it could.</summary>
    public Trouble? Trouble { get; init; }
}
