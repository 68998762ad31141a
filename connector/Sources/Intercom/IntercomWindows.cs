using System.Globalization;
using ActivityConnector.Pipeline;
using ActivityConnector.Sources.Http;
using Microsoft.Extensions.Logging;

namespace ActivityConnector.Sources.Intercom;

/// <summary>Walks one time window to its last page, narrower where the vendor or the memory wants it.</summary>
internal sealed class IntercomWindows(VendorClient client, int pageSize, long settle, ILogger logger)
{
    private const string Path = "admins/activity_logs";

    /// <summary>A walk that was disturbed is done again this often; the overlap covers what is left.</summary>
    private const int MaxRedos = 3;

    /// <summary>More pages than any window has: a list without end.</summary>
    private const int MaxPages = 10_000;

    /// <summary>The vendor's Date has whole seconds, so its clock may seem to step back by this much.</summary>
    private const long ClockGrain = 2;

    private static readonly PageShape Shape = new(
        "activity_logs"u8.ToArray(), "pages"u8.ToArray(), IntercomPaging.Check, "activity_log.list"u8.ToArray(), "created_at"u8.ToArray());

    private readonly ActivityUnit _unit = new("intercom");
    private bool _toldOfCursors;

    /// <summary>The vendor's time in Unix seconds.</summary>
    public long Now => client.Clock.Now.ToUnixTimeSeconds();

    /// <summary>The window that was walked, its records, and a time of the vendor before its first page was read.</summary>
    /// <param name="Window">As asked for, or with an earlier end.</param>
    /// <param name="Unit">Holds the records; empty when the window is.</param>
    /// <param name="AsOf">Unix seconds.</param>
    /// <param name="NarrowedTo">The width that worked, when a wider one did not.</param>
    public readonly record struct Walk(TimeWindow Window, ActivityUnit Unit, long AsOf, long? NarrowedTo);

    /// <exception cref="SourceRefusedException">Somebody must act.</exception>
    /// <exception cref="SourceUnavailableException">Not now, not even a minute at a time.</exception>
    public async ValueTask<Walk> WalkAsync(TimeWindow window, CancellationToken cancellationToken)
    {
        long? narrowed = null;
        var redos = 0;
        while (true)
        {
            _unit.Clear();
            var walked = await WalkOnceAsync(window, cancellationToken);
            var width = window.Width;
            switch (walked.End)
            {
                case WalkEnd.Changed when ++redos <= MaxRedos:
                    SourceLog.WindowChanged(logger, "Intercom");
                    continue;
                case WalkEnd.ClockAhead:
                    // Only before the first answer can the end have been chosen by a wrong clock.
                    window = window.Narrowed(Math.Min(width, Math.Max(0, Now - settle - window.Watermark)));
                    if (window.Width > 0) continue;
                    break;
                case WalkEnd.TooMany:
                    window = window.Narrowed(WindowSpan.Halved(window));
                    break;
                case WalkEnd.Failed when walked.Failure is { ConcernsRange: true } and ({ Kind: not FailureKind.Unreadable } or { TooLarge: true }) && WindowSpan.Bisected(width) is > 0 and var narrower:
                    window = window.Narrowed(narrower);
                    break;
                case WalkEnd.Failed:
                    _unit.Clear();
                    throw walked.Failure!.ToException();
                default:
                    if (_unit.Broken > 0) SourceLog.BrokenRecords(logger, "Intercom", _unit.Broken);
                    return new Walk(window, _unit, walked.AsOf, narrowed);
            }

            if (window.Width <= 0)
            {
                _unit.Clear();
                return new Walk(window, _unit, walked.AsOf, narrowed);
            }

            narrowed = window.Width;
            redos = 0;
            SourceLog.WindowNarrowed(logger, "Intercom", TimeSpan.FromSeconds(width), TimeSpan.FromSeconds(window.Width));
        }
    }

    /// <summary>
    /// The watermark just before the first record, or the present. Asks only whether a range is empty, so the ranges may be wider than a
    /// window: they double while they are, then close in. Fifteen empty years cost some twenty requests instead of eleven hundred.
    /// </summary>
    public async ValueTask<long> SkipEmptyAsync(long watermark, long maxSpan, CancellationToken cancellationToken)
    {
        var (start, span, closingIn, requests) = (watermark, maxSpan, false, 0);
        while (Now - settle - watermark > maxSpan)
        {
            var to = Math.Min(Now - settle, watermark + span);
            var found = await HasRecordsAsync(new TimeWindow(watermark + 1, watermark, to), cancellationToken);
            requests++;
            if (to > Now - settle + ClockGrain) continue; // chosen by the host's clock, which is ahead

            closingIn |= found;
            if (found && to - watermark <= maxSpan) break;

            if (!found) watermark = to;
            span = closingIn ? Math.Max(span / 2, maxSpan) : span * 2;
        }

        if (requests > 0 && watermark > start) SourceLog.HistoryFound(logger, "Intercom", DateTimeOffset.FromUnixTimeSeconds(watermark), requests);
        return watermark;
    }

    /// <summary>A batch without records.</summary>
    public ActivityBatch Nothing(WindowPosition position)
    {
        _unit.Clear();
        return _unit.Build(position, movesFar: true);
    }

    private async ValueTask<bool> HasRecordsAsync(TimeWindow window, CancellationToken cancellationToken)
    {
        var reply = await client.GetPageAsync(Path, window.Query(1), Shape, cancellationToken);
        if (reply.Failure is { ConcernsRange: true } and ({ Kind: not FailureKind.Unreadable } or { TooLarge: true })) return true;

        using var page = reply.OrThrow();
        return !page.IsEmpty;
    }

    private async ValueTask<(WalkEnd End, Failure? Failure, long AsOf)> WalkOnceAsync(TimeWindow window, CancellationToken cancellationToken)
    {
        var narrowable = WindowSpan.Halved(window) > 0;
        var (number, total, asOf, changed) = (1, -1, 0L, false);
        string? cursor = null;
        for (var pages = 1; ; pages++)
        {
            var query = window.Query(pageSize) + (cursor is not null ? "&starting_after=" + Uri.EscapeDataString(cursor)
                : number > 1 ? string.Create(CultureInfo.InvariantCulture, $"&page={number}") : "");
            var reply = await client.GetPageAsync(Path, query, Shape, cancellationToken);
            if (reply.Value is not { } page) return (WalkEnd.Failed, reply.Failure, asOf);

            if (pages == 1)
            {
                asOf = page.AsOf.ToUnixTimeSeconds();
                if (window.To > Now - settle + ClockGrain)
                {
                    page.Dispose();
                    return (WalkEnd.ClockAhead, null, asOf);
                }
            }

            var paging = IntercomPaging.Read(page.Paging);
            var isEmpty = page.IsEmpty;
            var sizeOfPage = page.Records.Count;
            _unit.Add(page, string.Create(CultureInfo.InvariantCulture, $"intercom {Path} {window.From}..{window.To} page {number}"), window.FilterAt(Now));

            changed |= total >= 0 && paging.TotalPages != total;
            total = paging.TotalPages;
            var expected = pages == 1 ? Math.Max(_unit.Records, (long)total * sizeOfPage) : _unit.Records;
            if (narrowable && (expected > WindowSpan.MaxRecords || _unit.Bytes > WindowSpan.MaxBytes)) return (WalkEnd.TooMany, null, asOf);

            if (isEmpty || !paging.HasNext) break;

            if (paging.StartingAfter is { } after)
            {
                if (!_toldOfCursors) SourceLog.CursorPages(logger, "Intercom");
                _toldOfCursors = true;
                if (after == cursor) return (WalkEnd.Failed, Endless, asOf);
                cursor = after;
            }
            else
            {
                var next = paging.NextPage ?? number + 1;
                if ((next <= number || paging.NextPage is null) && total > 0 && number >= total) break;
                if (next <= number) return (WalkEnd.Failed, Endless, asOf);
                number = next;
            }

            if (pages == MaxPages) return (WalkEnd.Failed, Endless, asOf);
        }

        return (changed ? WalkEnd.Changed : WalkEnd.Complete, null, asOf);
    }

    private static Failure Endless { get; } = new(
        FailureKind.Unreadable,
        200,
        "Intercom's link to the next page leads back to a page that was read: the list has no end.",
        "It is read again at the next firing; if it stays so, report it to Intercom with the version in Sources:Intercom:ApiVersion.");

    private enum WalkEnd
    {
        Complete,
        Changed,
        TooMany,
        ClockAhead,
        Failed,
    }
}
