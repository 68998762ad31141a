namespace ActivityConnector.Journals.Kafka;

/// <summary>
/// Says once, for one named reader, that what it has to deliver has used up half of the time for which its topic keeps it, and once that
/// this is over. Outlives the reader, which is opened anew after each failure of its sink.
/// </summary>
/// <remarks>For one reader at a time.</remarks>
/// <param name="retentionOf">How long a topic keeps an event; null = without end.</param>
internal sealed partial class RetentionWatch(string reader, Func<string, TimeSpan?> retentionOf, ILogger logger)
{
    private bool _isLate;

    /// <summary>To be called whenever there is something to deliver.</summary>
    public void Oldest(string topic, TimeSpan age)
    {
        var isLate = retentionOf(topic) is { } retention && age > retention / 2;
        if (isLate == _isLate) return;

        _isLate = isLate;
        if (isLate)
        {
            LogLate(reader, topic, age, retentionOf(topic)!.Value);
        }
        else
        {
            LogInTime(reader);
        }
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "{Reader}: the oldest event of {Topic} that is not delivered is {Age} old, and the topic keeps events for {Retention}; "
            + "then it is lost to this reader. Raise retention.ms of the topic, or see to what keeps the events from being delivered.")]
    private partial void LogLate(string reader, string topic, TimeSpan age, TimeSpan retention);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Reader}: what is not delivered is younger than half of what the topics keep.")]
    private partial void LogInTime(string reader);
}
