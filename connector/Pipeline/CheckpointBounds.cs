namespace ActivityConnector.Pipeline;

/// <summary>Whether the numbers and lists of a checkpoint can be what they stand for: the code that uses them does not check them again.</summary>
internal static class CheckpointBounds
{
    private static readonly long First = DateTimeOffset.MinValue.ToUnixTimeSeconds();

    private static readonly long Last = DateTimeOffset.MaxValue.ToUnixTimeSeconds();

    /// <summary>What is wrong, as a sentence; null when nothing is.</summary>
    public static string? Problem(Checkpoint checkpoint)
    {
        var (window, cursor, sweep) = (checkpoint.Window, checkpoint.Cursor, checkpoint.Sweep);
        if (window?.Suspects.Contains(null!) == true || cursor?.Days.Contains(null!) == true || cursor?.Accounts.Contains(null!) == true
            || checkpoint.Ranges?.Contains(null!) == true)
        {
            return "One of its lists has an element that is null.";
        }

        long?[] times =
        [
            window?.Watermark, window?.BackfillFrom, window?.FailedAt,
            .. window?.Suspects.SelectMany(s => new long?[] { s.From, s.To, s.NextAt }) ?? [],
            cursor?.At, cursor?.BackfillFrom, cursor?.SkipBefore, cursor?.TailAt, cursor?.UndatedSince, cursor?.HeadReadTo,
            .. cursor?.Days.Select(day => (long?)day.At) ?? [],
            sweep.CompletedTo, sweep.Run?.From, sweep.Run?.To, sweep.Run?.At,
            .. checkpoint.Ranges?.SelectMany(range => new long?[] { range.Run.From, range.Run.To + 1, range.Run.At, range.Run.Reached }) ?? [],
        ];
        if (times.Any(time => time < First || time > Last)) return "One of its times is before the year 1 or after the year 9999.";

        if (checkpoint.Ranges?.Any(range => range.Run.From > range.Run.To || range.WorkedMilliseconds < 0) == true)
        {
            return "One of its ranges ends before it begins, or took less than no time.";
        }

        long?[] spans = [window?.SpanSeconds, window?.LookbackSeconds, window?.SettleSeconds, window?.FailedSpanSeconds];
        return spans.Any(span => span < 0 || span > Last) ? "One of its spans is negative, or longer than 8,000 years." : null;
    }
}
