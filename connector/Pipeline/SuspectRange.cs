using System.Text.Json.Serialization;

namespace ActivityConnector.Pipeline;

/// <summary>
/// A closed range of time that the vendor could not be read in, although a later one could: it is read again until it is shown complete, or
/// until an operator accepts it as a gap.
/// </summary>
public sealed record SuspectRange
{
    /// <summary>The first second, Unix time.</summary>
    [JsonPropertyName("from")]
    public required long From { get; init; }

    /// <summary>The last second, Unix time.</summary>
    [JsonPropertyName("to")]
    public required long To { get; init; }

    /// <summary>Why it is not known to be complete: one sentence without values of records.</summary>
    [JsonPropertyName("cause")]
    public required string Cause { get; init; }

    /// <summary>How often it was read in vain.</summary>
    [JsonPropertyName("tries")]
    public required int Tries { get; init; }

    /// <summary>When it is read again, Unix seconds.</summary>
    [JsonPropertyName("next_at")]
    public required long NextAt { get; init; }

    /// <summary>True when an operator has accepted it: it is not read again, and stays as a known gap.</summary>
    [JsonPropertyName("accepted")]
    public bool Accepted { get; init; }

    /// <summary><c>2026-11-28T10:00:00Z..2026-11-28T10:00:59Z</c>: the form in logs and in <c>checkpoint accept</c>.</summary>
    public override string ToString() => $"{UtcText.Of(From)}..{UtcText.Of(To)}";
}
