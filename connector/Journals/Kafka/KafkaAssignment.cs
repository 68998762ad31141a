namespace ActivityConnector.Journals.Kafka;

/// <summary>How long a member of a consumer group waits while its partitions are given out.</summary>
internal static class KafkaAssignment
{
    /// <summary>For the first partitions: longer than another member's session lasts that has died.</summary>
    public static readonly TimeSpan First = TimeSpan.FromSeconds(90);

    /// <summary>For the work in flight before a partition that is taken away is let go.</summary>
    public static readonly TimeSpan Handover = TimeSpan.FromSeconds(20);
}
