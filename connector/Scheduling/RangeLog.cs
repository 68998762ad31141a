using System.Globalization;
using ActivityConnector.Pipeline;

namespace ActivityConnector.Scheduling;

/// <summary>
/// What the log says of the ranges that operators have asked for: that one begins, once a minute at most how far it is, and that it has ended.
/// </summary>
/// <remarks>Not thread-safe: it is shown one commit after the other.</remarks>
internal sealed partial class RangeLog(string source, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, (RequestedRange Range, long At)> _told = [];

    public void Show(Checkpoint checkpoint)
    {
        foreach (var range in (checkpoint.Ranges ?? []).Where(range => range.BeganAt is not null))
        {
            var (wasTold, name, howFar) = (_told.TryGetValue(range.Id, out var told), $"the {range.Name}", HowFar(range));
            if (!range.IsOpen)
            {
                if (_told.Remove(range.Id)) LogTurn(source, name, range.State == RangeState.Done ? "is at its end" : "is cancelled", howFar);
            }
            else if (!wasTold)
            {
                LogTurn(source, name, range.WorkedMilliseconds > 0 ? "goes on" : "begins", howFar);
                _told[range.Id] = (range, time.GetTimestamp());
            }
            else if (range != told.Range && time.GetElapsedTime(told.At) >= Every)
            {
                var left = range.Left is { } more ? $"{Rounded(more):c} of work is left" : "what is left is not known";
                LogProgress(source, name, howFar, left);
                _told[range.Id] = (range, time.GetTimestamp());
            }
        }
    }

    /// <summary>How far, how much, how long and how fast.</summary>
    private static string HowFar(RequestedRange range)
    {
        var (counts, worked) = (range.Counts, TimeSpan.FromMilliseconds(range.WorkedMilliseconds));
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"{range.Percent} % is read, {counts.Published} events published, {counts.Known} known, {Rounded(worked):c} of work");
        return range.WorkedMilliseconds == 0
            ? text
            : string.Create(CultureInfo.InvariantCulture, $"{text}, {(counts.Published + counts.Known) / worked.TotalSeconds:0.#} events/s");
    }

    private static TimeSpan Rounded(TimeSpan duration) => TimeSpan.FromSeconds(Math.Round(duration.TotalSeconds));

    [LoggerMessage(Level = LogLevel.Information, Message = "{Source}: {Range} {What}: {HowFar}.")]
    private partial void LogTurn(string source, string range, string what, string howFar);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Source}: {Range}: {HowFar}; {Left}.")]
    private partial void LogProgress(string source, string range, string howFar, string left);
}
