using System.Text;
using ActivityConnector.Pipeline;

namespace ActivityConnector.Journals;

/// <summary>What both kinds of journal have in common.</summary>
internal static partial class EitherJournal
{
    /// <summary>Whether the event's JSON holds a text, whatever the case; null = any does.</summary>
    public static bool Holds(JournalEvent e, string? text) =>
        text is null || Encoding.UTF8.GetString(e.Json.Span).Contains(text, StringComparison.OrdinalIgnoreCase);

    /// <summary>How often a journal that is followed is looked at for new events.</summary>
    public static readonly TimeSpan FollowEvery = TimeSpan.FromMilliseconds(500);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The newest checkpoint of {Source} is damaged; the one before it is used, and nothing is published twice: {Cause}")]
    public static partial void LogFellBack(ILogger logger, SourceKey source, string cause);
}
