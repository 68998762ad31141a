namespace ActivityConnector.Journals.Kafka;

/// <summary>One topic of the journal as it was found.</summary>
/// <param name="Found">Its shape in a few words.</param>
/// <param name="Problems">Each way in which it is not as it must be, as one sentence; none when the journal can use it.</param>
/// <param name="Fixes">What to do about each.</param>
public sealed record TopicReport(string Topic, TopicState State, string Found, IReadOnlyList<string> Problems, IReadOnlyList<string> Fixes)
{
    /// <summary>In which way it is another than it would be made, as one sentence; null when it is not. The journal can use it.</summary>
    public string? Remark { get; init; }
}

/// <summary>What there is of a topic.</summary>
public enum TopicState
{
    /// <summary>It was there before.</summary>
    Exists,

    /// <summary>It was made just now.</summary>
    Created,

    /// <summary>It is not there.</summary>
    Missing,

    /// <summary>This user may not see it.</summary>
    Hidden,
}
