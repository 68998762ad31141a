using System.Runtime.CompilerServices;
using ActivityConnector.Pipeline;
using ActivityConnector.Sources.Http;

namespace ActivityConnector.Sources.Intercom;

/// <summary>
/// Reads a range in windows, in order of time, as wide as the records and the vendor allow. What the vendor fails on is narrowed by halves;
/// what it fails on at the narrowest is left, as long as it can be read later in time. As long as all goes well and the width of windows has
/// been found, those that follow are read meanwhile.
/// </summary>
/// <param name="pages">Where pages come from.</param>
/// <param name="windows">Reads single windows.</param>
/// <param name="maxWindow">The widest window in which records are expected, in seconds.</param>
/// <param name="settle">How far before the present reading ends, in seconds.</param>
/// <param name="concurrency">How many windows are read at once.</param>
/// <param name="logger">Sees no query.</param>
internal sealed class IntercomRange(IntercomPages pages, IntercomWindows windows, long maxWindow, long settle, int concurrency, ILogger logger)
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
    /// <param name="Batch">Its records, until the next piece is asked for.</param>
    /// <param name="AsOf">The present in Unix seconds before it was read.</param>
    /// <param name="Failure">Why it is not shown complete; null when it is. What was read of it counts all the same.</param>
    public readonly record struct Piece(TimeWindow Window, BatchBuilder Batch, long AsOf, Failure? Failure);

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

    /// <summary>The pieces of <paramref name="range"/>, up to <see cref="LastSecond"/>.</summary>
    /// <exception cref="SourceRefusedException">An operator must act.</exception>
    /// <exception cref="SourceUnavailableException">The vendor cannot be read now, nor what is later.</exception>
    public async IAsyncEnumerable<Piece> ReadAsync(TimeWindow range, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var failed = new Stack<(TimeWindow Window, long RecordsBefore)>();
        var (narrowest, lastGap, records) = (1L, long.MinValue, 0L);

        // How much wider than the one before it a window may be that is read before its turn; 0 = none is.
        var growth = 0;
        await using var queue = new WindowQueue(windows, concurrency, cancellationToken);
        for (var from = range.From; ;)
        {
            while (failed.TryPeek(out var passed) && passed.Window.To < from)
            {
                // Its parts can be read, so it was too wide. Without records it was not the width: years may be empty.
                failed.Pop();
                if (passed.Window.From > lastGap && records > passed.RecordsBefore) Remember(passed.Window.Seconds);
            }

            var isCalm = narrowest == 1 && failed.Count == 0;
            if (queue.Count == 0)
            {
                if (NextWindow(from, Width) is not { } next) yield break;

                queue.Start(next);
            }

            while (isCalm && growth > 0 && queue.Count < Math.Min(concurrency, pages.AtOnce)
                && NextWindow(queue.Last.Window.To + 1, growth == 1 ? Width : queue.Last.Width * growth) is { } ahead)
            {
                queue.StartAhead(ahead, isSearch: growth == 2);
            }

            var ((window, width, _), batch, reading) = await queue.TakeAsync();

            // What follows is cut otherwise, or is not to be asked for while the vendor is in trouble.
            var isFirstFound = growth == 2 && batch.Records > 0;
            if (isFirstFound || reading.Outcome != IntercomWindows.Outcome.Complete) await queue.DropAsync();

            growth = 0;
            switch (reading.Outcome)
            {
                case IntercomWindows.Outcome.TooWide:
                    (Width, growth) = (reading.Narrower, records == 0 ? 2 : 0);
                    continue;
                case IntercomWindows.Outcome.Failed when !reading.Failure!.ConcernsRange:
                    throw reading.Failure.ToException();
                case IntercomWindows.Outcome.Failed when window.Seconds > narrowest:
                    await ProveAsync(window.From, reading.Failure, cancellationToken);
                    failed.Push((window, records));
                    Width = (window.Seconds + 1) / 2;
                    if (failed.Count == 1) SourceLog.WindowNarrowed(logger, "Intercom", TimeSpan.FromSeconds(window.Seconds));
                    continue;
                case IntercomWindows.Outcome.Unproven:
                    Width = WindowSpan.Next(width, window.Seconds, batch.Records, batch.Bytes, maxWindow);
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

                    records += batch.Records;
                    if (FailedWidth is not null && ++_readWell % WindowsUntilWider == 0) FailedWidth *= 2;
                    if (FailedWidth > WidestFailure) (FailedWidth, FailedAt) = (null, null);
                    _readableFrom = Math.Max(_readableFrom, window.From);
                    Width = WindowSpan.Next(width, window.Seconds, batch.Records, batch.Bytes, maxWindow);

                    // Before the first record each may be twice as wide, as if it came alone; after that, while the width still grows, windows that are
                    // read meanwhile would be many requests for little.
                    growth = Bounded(Width) < 2 * width ? 1 : records == 0 ? 2 : 0;
                    break;
            }

            yield return new Piece(window, batch, reading.AsOf.ToUnixTimeSeconds(), reading.Failure);
            from = window.To + 1;
        }

        PlannedWindow? NextWindow(long start, long mostSeconds)
        {
            var to = Math.Min(range.To, LastSecond);
            if (start > to) return null;

            var width = Bounded(mostSeconds);
            if (failed.TryPeek(out var around))
            {
                to = Math.Min(to, around.Window.To);
                width = Math.Min(width, (around.Window.Seconds + 1) / 2);
            }

            var window = new TimeWindow(start, width <= to - start ? start + width - 1 : to);
            return new(window, width, narrowest == 1 && (failed.Count == 0 || window.Seconds == 1) ? VendorClient.MaxAttempts : 1);
        }
    }

    /// <summary>What a window may have of a width where the vendor has failed on one.</summary>
    private long Bounded(long width) => Math.Min(width, FailedWidth is { } most ? Math.Max(most / 2, 1) : WindowSpan.Widest);

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

        throw (reply.Failure ?? failure).ToException();
    }

    private void Remember(long width)
    {
        if (width < NarrowestFailure || width >= FailedWidth) return;

        (FailedWidth, FailedAt, _readWell) = (width, pages.Now, 0);
    }
}
