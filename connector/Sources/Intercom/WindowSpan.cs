using ActivityConnector.Sources.Http;

namespace ActivityConnector.Sources.Intercom;

/// <summary>How many seconds the next window asks for. Pure.</summary>
internal static class WindowSpan
{
    /// <summary>Records a window should bring: enough for one commit to be worth it, few enough to hold, and a little less than six pages of 250.</summary>
    public const int TargetRecords = 1_450;

    /// <summary>More than this, or <see cref="BatchBuilder.MostBytes"/>, and the window is read again narrower.</summary>
    public const int MaxRecords = 20_000;

    /// <summary>A window of one second cannot be narrower: only when it has so many times as much is it not read to its end.</summary>
    public const int MostOfOneSecond = 8;

    /// <summary>The same for bytes, where the process has memory for it: the batch and its events are held at once.</summary>
    public static readonly long MaxBytesOfOneSecond =
        Math.Clamp(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 12, BatchBuilder.MostBytes, BatchBuilder.MostBytes * MostOfOneSecond);

    /// <summary>The first window, in seconds, while nothing is known of the density: a quiet workspace doubles it in a few requests.</summary>
    public const long First = 3600;

    private static readonly long TargetBytes = BatchBuilder.MostBytes / 4;

    /// <summary>Wider than any history, in seconds.</summary>
    public const long Widest = 1L << 40;

    /// <summary>
    /// After a window that was read: up to twice as wide, if the density allows. After an empty one without any other limit; after records
    /// not wider than <paramref name="most"/>, unless it was read so wide already.
    /// </summary>
    /// <param name="span">What the window was allowed, in seconds.</param>
    /// <param name="seconds">What it had.</param>
    /// <param name="records">Its records.</param>
    /// <param name="bytes">The bytes of its pages.</param>
    /// <param name="most">The widest range in which records are expected.</param>
    public static long Next(long span, long seconds, long records, long bytes, long most)
    {
        var doubled = Math.Min(span, Widest) * 2;
        if (records == 0) return doubled;

        var fitting = seconds * Math.Min((double)TargetRecords / records, (double)TargetBytes / Math.Max(bytes, 1));
        return (long)Math.Clamp(fitting, 1, Math.Min(doubled, Math.Max(most, span)));
    }

    /// <summary>After a window that announced more records than can be held: what brings as many as it should, if they are spread evenly.</summary>
    public static long Fitting(long seconds, long records) => Math.Clamp((long)(seconds * ((double)TargetRecords / records)), 1, Math.Max(1, seconds / 2));
}
