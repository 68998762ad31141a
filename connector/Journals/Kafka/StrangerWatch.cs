using ActivityConnector.Pipeline;

namespace ActivityConnector.Journals.Kafka;

/// <summary>
/// Logs, for one named reader, that records were found which are no events of this connector: at once, and then once an hour while there are more.
/// Outlives the reader.
/// </summary>
/// <remarks>For one reader at a time.</remarks>
internal sealed partial class StrangerWatch(string reader, TimeProvider time, ILogger logger)
{
    private readonly HourlyReminder _reminder = new(time);
    private long _found;

    /// <summary>These are kept as dead letters now.</summary>
    public void Found(IReadOnlyList<DeadLetter> strangers)
    {
        _found += strangers.Count;
        if (!_reminder.IsDue("strangers")) return;

        LogFound(logger, reader, _found, strangers[0].Origin, strangers[0].Reason);
        _found = 0;
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "{Reader}: {Count} records of the events topics are not delivered; they are kept as dead letters (dlq list), and the others go on. "
            + "One of them is {Place}: {Reason} Find out who writes there: only the connector should have the right.")]
    private static partial void LogFound(ILogger logger, string reader, long count, string place, string reason);
}
