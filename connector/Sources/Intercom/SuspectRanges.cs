using ActivityConnector.Pipeline;

namespace ActivityConnector.Sources.Intercom;

/// <summary>
/// What happens to the suspect ranges of a position, which stand in order of time. An accepted one is left as it is until its time is shown to be
/// complete. Pure.
/// </summary>
internal static class SuspectRanges
{
    /// <summary>With more than these that are not accepted, the position stops.</summary>
    public const int Most = 64;

    /// <summary>Ranges that are nearer become one: it is read again as a whole.</summary>
    private const long NearSeconds = 3600;

    private const long FirstDelay = 60;
    private const long LongestDelay = 24 * 3600;
    private const int MostNamed = 3;

    /// <summary>The ranges with one more that was read in vain.</summary>
    /// <param name="ranges">Those so far.</param>
    /// <param name="window">What cannot be read.</param>
    /// <param name="cause">Why, in one sentence.</param>
    /// <param name="tries">How often it was read in vain, this time included.</param>
    /// <param name="now">Unix seconds.</param>
    public static IReadOnlyList<SuspectRange> With(IReadOnlyList<SuspectRange> ranges, TimeWindow window, string cause, int tries, long now)
    {
        var merged = new List<SuspectRange>(ranges.Count + 1);
        var delay = Math.Min(FirstDelay << Math.Min(tries - 1, 20), LongestDelay);

        // What is read in vain for the first time does not put off what is to be read again: it may be added to with each poll.
        var isFirst = tries == 1;
        var added = new SuspectRange { From = window.From, To = window.To, Cause = cause, Tries = tries, NextAt = isFirst ? long.MaxValue : now + delay };
        foreach (var range in ranges.Append(added).OrderBy(r => r.From))
        {
            if (merged is [.., var last] && !last.Accepted && !range.Accepted && range.From - last.To <= NearSeconds)
            {
                merged[^1] = last with
                {
                    To = Math.Max(last.To, range.To),
                    Tries = Math.Max(last.Tries, range.Tries),
                    NextAt = isFirst ? Math.Min(last.NextAt, range.NextAt) : Math.Max(last.NextAt, range.NextAt),
                };
            }
            else
            {
                merged.Add(range);
            }
        }

        return [.. merged.Select(range => range.NextAt == long.MaxValue ? range with { NextAt = now + delay } : range)];
    }

    /// <summary>The ranges without what was shown complete.</summary>
    public static IReadOnlyList<SuspectRange> Without(IReadOnlyList<SuspectRange> ranges, TimeWindow window)
    {
        if (!ranges.Any(r => r.From <= window.To && r.To >= window.From)) return ranges;

        var left = new List<SuspectRange>(ranges.Count + 1);
        foreach (var range in ranges)
        {
            if (range.From > window.To || range.To < window.From)
            {
                left.Add(range);
                continue;
            }

            if (range.From < window.From) left.Add(range with { To = window.From - 1 });
            if (range.To > window.To) left.Add(range with { From = window.To + 1 });
        }

        return left;
    }

    /// <summary>The parts of a window that are in none of the ranges: those are read again in their own time, or never.</summary>
    public static IEnumerable<TimeWindow> Between(TimeWindow window, IReadOnlyList<SuspectRange> ranges)
    {
        var from = window.From;
        foreach (var range in ranges)
        {
            if (range.To < from || range.From > window.To) continue;
            if (range.From > from) yield return new TimeWindow(from, range.From - 1);

            from = range.To + 1;
        }

        if (from <= window.To) yield return window with { From = from };
    }

    /// <summary>Those that are not accepted.</summary>
    public static IEnumerable<SuspectRange> Open(IReadOnlyList<SuspectRange> ranges) => ranges.Where(r => !r.Accepted);

    /// <exception cref="SourceIncompleteException">There are ranges that are not accepted.</exception>
    public static void ThrowIfAny(IReadOnlyList<SuspectRange> ranges, string source)
    {
        if (Open(ranges).ToList() is not { Count: > 0 } open) return;

        var more = open.Count > MostNamed ? $" and {open.Count - MostNamed} more" : "";
        throw new SourceIncompleteException(
            $"{(open.Count == 1 ? "A range" : $"{open.Count} ranges")} could not be shown to be complete: "
            + $"{string.Join(", ", open.Take(MostNamed))}{more}. {open[0].Cause}",
            $"{(open.Count == 1 ? "It is" : "They are")} read again until complete, next at {DateTimeOffset.FromUnixTimeSeconds(open.Min(r => r.NextAt)):u}; "
            + $"'checkpoint accept {source} RANGE' keeps a range as a known gap.");
    }

    /// <summary>More than are remembered.</summary>
    public static bool AreTooMany(IReadOnlyList<SuspectRange> ranges) => Open(ranges).Count() > Most;

    /// <exception cref="SourceIncompleteException">There are too many ranges to remember.</exception>
    public static void ThrowIfTooMany(IReadOnlyList<SuspectRange> ranges, string source)
    {
        if (!AreTooMany(ranges)) return;

        throw new SourceIncompleteException(
            $"{Most} ranges could not be shown to be complete, and another follows: reading stops before it. {Open(ranges).Last().Cause}",
            $"Report it to the vendor; 'checkpoint accept {source} RANGE' keeps a range as a known gap and makes room.");
    }
}
