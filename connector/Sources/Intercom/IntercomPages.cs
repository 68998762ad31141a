using System.Collections.Concurrent;
using System.Globalization;
using ActivityConnector.Pipeline;
using ActivityConnector.Sources.Http;

namespace ActivityConnector.Sources.Intercom;

/// <summary>Asks for single pages: with a smaller limit where a page is too large, and never from a server that ignores the bounds.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class IntercomPages(VendorClient client, int pageSize)
{
    private const string Path = "admins/activity_logs";

    public static readonly PageShape Shape = new(
        "activity_logs"u8.ToArray(),
        "pages"u8.ToArray(),
        IntercomPaging.Check,
        "activity_log.list"u8.ToArray(),
        "created_at"u8.ToArray(),
        "activity_type"u8.ToArray());

    /// <summary>The vendor's default, and what pages had that were followed by another.</summary>
    private readonly ConcurrentDictionary<int, bool> _fullSizes = new([KeyValuePair.Create(20, true)]);

    private volatile int _perPage = pageSize;

    /// <summary>The number of records that a page is asked for with, where that is not too much.</summary>
    public int PageSize { get; } = pageSize;

    /// <summary>The present, by the earlier of the two clocks.</summary>
    public DateTimeOffset Present => client.Clock.Now;

    /// <summary>The present in Unix seconds.</summary>
    public long Now => Present.ToUnixTimeSeconds();

    /// <inheritdoc cref="RequestPace.AtOnce"/>
    public long AtOnce => client.AtOnce;

    /// <summary>
    /// The first page of a window; with fewer records a page as long as pages are too large, and with more again afterwards. A page that is only too large
    /// for <paramref name="mostBytes"/> is a failure.
    /// </summary>
    /// <exception cref="SourceRefusedException">The server ignores a bound.</exception>
    public async ValueTask<Reply<IntercomPage>> FirstAsync(
        TimeWindow window, int attempts, CancellationToken cancellationToken, int mostBytes = VendorClient.MaxPageBytes)
    {
        while (true)
        {
            var perPage = _perPage;
            var reply = await AskAsync(window, perPage, number: 1, cursor: null, attempts, mostBytes, cancellationToken);
            if (reply.Failure is { TooLarge: true } && mostBytes < VendorClient.MaxPageBytes) return reply;

            _perPage = reply.Failure is { TooLarge: true } ? Math.Max(1, perPage / 2) : Math.Min(PageSize, perPage * 2);
            if (reply.Failure is not { TooLarge: true } || perPage == 1) return reply;
        }
    }

    /// <summary>
    /// One page of a walk. A page that is too large is a failure, unless it was asked for with one record and the most bytes that any page may have.
    /// </summary>
    /// <inheritdoc cref="FirstAsync" path="/exception"/>
    public async ValueTask<Reply<IntercomPage>> AskAsync(
        TimeWindow window, int perPage, int number, string? cursor, int attempts, int mostBytes, CancellationToken cancellationToken)
    {
        var query = window.Query(perPage) + (cursor is not null ? "&starting_after=" + Uri.EscapeDataString(cursor)
            : number > 1 ? string.Create(CultureInfo.InvariantCulture, $"&page={number}") : "");
        var reply = await client.GetPageAsync(Path, query, Shape, cancellationToken, attempts, mostBytes);
        if (reply.Failure is { ConcernsRange: false, Kind: FailureKind.Unavailable } && attempts < VendorClient.MaxAttempts)
        {
            // An outage is not answered with a narrower window, so it is given the patience that every request gets.
            reply = await client.GetPageAsync(Path, query, Shape, cancellationToken, mostBytes: mostBytes);
        }

        if (reply.Failure is { TooLarge: true } && perPage == 1 && mostBytes == VendorClient.MaxPageBytes)
        {
            reply = await client.GetOutsizedAsync(Path, query, Shape, cancellationToken);
        }

        if (reply.Value is not { } content) return new(null, reply.Failure);

        var page = NewPage(content, window, perPage, number);
        if (!page.IsOutside || !page.LeadsOn) return new(page, null);

        var bound = page.IsAfterBounds ? "created_at_before" : "created_at_after";
        page.Dispose();
        throw new SourceRefusedException(
            $"Intercom answers with a whole page of records outside of what it is asked for: it ignores {bound}.",
            "Check that Sources:Intercom:BaseUrl is Intercom's own address and that no proxy drops the query; "
            + "then set Sources:Intercom:ApiVersion to a version that has both bounds.");
    }

    /// <summary>Where a page came from, for its dead letters.</summary>
    public static string OriginOf(TimeWindow window, int number) =>
        string.Create(CultureInfo.InvariantCulture, $"intercom {Path} {window.From}..{window.To} page {number}");

    private IntercomPage NewPage(VendorPage content, TimeWindow window, int perPage, int number)
    {
        var page = new IntercomPage(content, window, perPage, number, Now);
        var fits = page.Paging.PerPage > 0 ? Math.Min(perPage, page.Paging.PerPage) : perPage;
        page.IsFull = !page.IsEmpty && (page.Count >= fits || (!page.Paging.HasExplicitEnd && _fullSizes.ContainsKey(page.Count)));
        if (page.Paging.HasNext && perPage == PageSize) _fullSizes.TryAdd(page.Count, true);
        return page;
    }
}
