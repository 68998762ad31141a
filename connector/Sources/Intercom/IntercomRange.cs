using System.Runtime.CompilerServices;
using ActivityConnector.Pipeline;
using ActivityConnector.Sources.Http;

namespace ActivityConnector.Sources.Intercom;

/// <summary>
/// Reads a range in windows, in order of time, as wide as the records and the vendor allow. What the vendor fails on is narrowed by halves;
/// what it fails on at the narrowest is left, as long as it can be read later in time.
/// </summary>
internal sealed class IntercomRange(IntercomPages pages, IntercomWindows windows, long maxWindow, long settle, ILogger logger)
{
    /// <summary>What follows a range that cannot be read is given up at twice its width, up to this.</summary>
    private const long WidestGap = 3600;

    /// <summary>A failure on a narrower window is not remembered: a vendor in trouble fails on any width, and years in hours are many requests.</summary>
    private const long NarrowestFailure = 24 * 3600;

    private const long RememberedFor = 24 * 3600;
    private const long ProbedSeconds = 60;

    /// <summary>After so many windows that were read well the width that failed counts as twice as wide: it may have been a passing trouble.</summary>
    private const int WindowsUntilWider = 8;

    /// <summary>A greater width bounds nothing: no vendor's history is so long.</summary>
    private const long WidestFailure = 100L * 366 * 24 * 3600;

    private int _readWell;

    /// <summary>The start of the latest range that was read well in this run.</summary>
    private long _readableFrom;

    /// <summary>A part of the range.</summary>
    /// <param name="Window">Follows the part before it without a gap.</param>
    /// <param name="AsOf">The present in Unix seconds before it was read.</param>
    /// <param name="Failure">Why it is not shown complete; null when it is. What was read of it counts all the same.</param>
    public readonly record struct Piece(TimeWindow Window, long AsOf, Failure? Failure);

    /// <summary>The width the next window may have.</summary>
    public long Width { get; private set; }

    /// <inheritdoc cref="WindowPosition.FailedSpanSeconds"/>
    public long? FailedWidth { get; private set; }

    /// <inheritdoc cref="WindowPosition.FailedAt"/>
    public long? FailedAt { get; private set; }

    /// <summary>The last second that may be read.</summary>
    public long LastSecond => pages.Now - settle;

    /// <summary>Begins a run: whether the vendor can be read at all has to be proven anew.</summary>
    public void Begin(WindowPosition position)
    {
        _readableFrom = long.MinValue;
        Width = Math.Clamp(Width > 0 ? Width : position.SpanSeconds, 1, maxWindow);
        (FailedWidth, FailedAt) = position.FailedAt > pages.Now - RememberedFor ? (position.FailedSpanSeconds, position.FailedAt) : (null, null);
    }

    /// <summary>
    /// The pieces of <paramref name="range"/>, up to <see cref="LastSecond"/>. The records of each are in the windows' batch until the next is asked for.
    /// </summary>
    /// <exception cref="SourceRefusedException">An operator must act.</exception>
    /// <exception cref="SourceUnavailableException">The vendor cannot be read now, nor what is later.</exception>
    public async IAsyncEnumerable<Piece> ReadAsync(TimeWindow range, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var failed = new Stack<(TimeWindow Window, long RecordsBefore)>();
        var (narrowest, lastGap, records) = (1L, long.MinValue, 0L);
        for (var from = range.From; ;)
        {
            while (failed.TryPeek(out var passed) && passed.Window.To < from)
            {
                // Its parts can be read, so it was too wide. Without records it was not the width: years may be empty.
                failed.Pop();
                if (passed.Window.From > lastGap && records > passed.RecordsBefore) Remember(passed.Window.Seconds);
            }

            var to = Math.Min(range.To, LastSecond);
            if (from > to) yield break;

            var width = Math.Min(Width, FailedWidth is { } most ? Math.Max(most / 2, 1) : long.MaxValue);
            if (failed.TryPeek(out var around))
            {
                to = Math.Min(to, around.Window.To);
                width = Math.Min(width, (around.Window.Seconds + 1) / 2);
            }

            var window = new TimeWindow(from, width <= to - from ? from + width - 1 : to);
            var attempts = narrowest == 1 && (failed.Count == 0 || window.Seconds == 1) ? VendorClient.MaxAttempts : 1;
            var reading = await windows.ReadAsync(window, attempts, cancellationToken);
            switch (reading.Outcome)
            {
                case IntercomWindows.Outcome.TooWide:
                    Width = reading.Narrower;
                    continue;
                case IntercomWindows.Outcome.Failed when !reading.Failure!.ConcernsRange:
                    windows.Batch.Clear();
                    throw reading.Failure.ToException();
                case IntercomWindows.Outcome.Failed when window.Seconds > narrowest:
                    await ProveAsync(window.From, reading.Failure, cancellationToken);
                    failed.Push((window, records));
                    Width = (window.Seconds + 1) / 2;
                    if (failed.Count == 1) SourceLog.WindowNarrowed(logger, "Intercom", TimeSpan.FromSeconds(window.Seconds));
                    continue;
                case IntercomWindows.Outcome.Unproven:
                    Width = WindowSpan.Next(width, window.Seconds, windows.Batch.Records, windows.Batch.Bytes, maxWindow);
                    break;
                case IntercomWindows.Outcome.Failed:
                    // Shown anew for each gap: an outage that began since is not one.
                    _readableFrom = long.MinValue;
                    await ProveAsync(window.To, reading.Failure!, cancellationToken);
                    lastGap = window.From;
                    Width = narrowest = Math.Min(narrowest * 2, WidestGap);
                    break;
                default:
                    narrowest = 1;
                    records += windows.Batch.Records;
                    if (FailedWidth is not null && ++_readWell % WindowsUntilWider == 0) FailedWidth *= 2;
                    if (FailedWidth > WidestFailure) (FailedWidth, FailedAt) = (null, null);
                    _readableFrom = Math.Max(_readableFrom, window.From);
                    Width = WindowSpan.Next(width, window.Seconds, windows.Batch.Records, windows.Batch.Bytes, maxWindow);
                    break;
            }

            yield return new Piece(window, reading.AsOf.ToUnixTimeSeconds(), reading.Failure);
            from = window.To + 1;
        }
    }

    /// <summary>Shows that the vendor can be read after <paramref name="second"/>; otherwise its trouble is not that of a range.</summary>
    private async ValueTask ProveAsync(long second, Failure failure, CancellationToken cancellationToken)
    {
        if (_readableFrom > second) return;

        var later = new TimeWindow(Math.Max(second + 1, LastSecond - ProbedSeconds + 1), LastSecond);
        var reply = later.Seconds > 0 ? await pages.FirstAsync(later, VendorClient.MaxAttempts, cancellationToken) : new(null, failure);
        using var page = reply.Value;
        if (page is { Content.HasReadablePaging: true })
        {
            _readableFrom = later.From;
            return;
        }

        windows.Batch.Clear();
        throw (reply.Failure ?? failure).ToException();
    }

    private void Remember(long width)
    {
        if (width < NarrowestFailure || width >= FailedWidth) return;

        (FailedWidth, FailedAt, _readWell) = (width, pages.Now, 0);
    }
}
