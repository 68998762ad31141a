namespace ActivityConnector.Sources.Intercom;

/// <summary>How many seconds the next window asks for. Pure.</summary>
internal static class WindowSpan
{
    /// <summary>Records a window should bring: enough for one commit to be worth it, few enough to hold.</summary>
    public const int TargetRecords = 1_500;

    /// <summary>More than this, or <see cref="MaxBytes"/>, and the window is read again narrower.</summary>
    public const int MaxRecords = 20_000;

    public const long MaxBytes = 32 * 1024 * 1024;

    /// <summary>The first window, in seconds, while nothing is known of the density: a quiet workspace doubles it in a few requests.</summary>
    public const long First = 3600;

    private const long Hour = 3600;
    private const long Minute = 60;

    /// <summary>After a window that brought <paramref name="records"/> in <paramref name="seconds"/>: twice as wide, if the density allows.</summary>
    public static long Grown(long span, long records, long seconds, long most)
    {
        var doubled = Math.Min(span * 2, most);
        if (records == 0) return doubled;

        var fitting = (long)Math.Min(TargetRecords * (double)Math.Max(1, seconds) / records, most);
        return Math.Clamp(fitting, 1, doubled);
    }

    /// <summary>
    /// After a window with too many records: half, or 0 when narrower is no use. Below the width of the overlap it is not: the overlap
    /// itself would be read again with each step.
    /// </summary>
    public static long Halved(TimeWindow window)
    {
        var overlap = window.Watermark - window.From + 1;
        return window.Width <= Math.Max(1, overlap) ? 0 : Math.Max(window.Width / 2, 1);
    }

    /// <summary>After a window the vendor failed on: half down to an hour, then a minute, then 0: it is not the width.</summary>
    public static long Bisected(long width) => width switch
    {
        > Hour => Math.Max(width / 2, Hour),
        > Minute => Minute,
        _ => 0,
    };
}
