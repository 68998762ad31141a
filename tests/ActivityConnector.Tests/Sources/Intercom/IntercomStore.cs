using System.Globalization;
using System.Net;
using System.Text;

namespace ActivityConnector.Tests.Sources.Intercom;

/// <summary>A record, and when the vendor begins to show it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="At">The time by which the vendor finds and sorts it.</param>
/// <param name="Visible">When it is there.</param>
internal sealed record StoredLog(string Id, DateTimeOffset At, DateTimeOffset Visible)
{
    /// <summary>The JSON of its time, where that is not <see cref="At"/>.</summary>
    public string? CreatedAt { get; init; }

    /// <summary>The credential may not see it: it takes its place on a page and is left out of it.</summary>
    public bool IsHidden { get; init; }

    public long Second => At.ToUnixTimeSeconds();

    /// <summary>Bytes of text that it carries.</summary>
    public int Padding { get; init; }

    public string Json => Padding > 0
        ? $$"""{"id":"{{Id}}","created_at":{{Second}},"text":"{{new string('x', Padding)}}"}"""
        : CreatedAt is null ? VendorJson.Log(Id, At) : $$"""{"id":"{{Id}}","created_at":{{CreatedAt}}}""";
}

/// <summary>How the last page says that it is the last.</summary>
public enum LastPage
{
    NextNull,
    NextAbsent,
    PagesAbsent,
    PagesEmpty,
}

/// <summary>A small Intercom with records: newest first, numbered pages over what is visible now; it misbehaves as it is told.</summary>
internal sealed class IntercomStore(TimeProvider clock, Random? random = null) : HttpMessageHandler
{
    private List<StoredLog> _sorted = [];
    private int _sortedCount = -1;

    public List<StoredLog> Records { get; } = [];

    /// <summary>Whether records at the very bounds are returned: nobody knows what the vendor does.</summary>
    public bool Inclusive { get; set; }

    /// <summary>Which part of the requests fail, in one of four ways.</summary>
    public double FaultRate { get; set; }

    public LastPage LastPage { get; set; }

    /// <summary>Added to the total of pages; null = no total at all.</summary>
    public int? MorePages { get; set; } = 0;

    /// <summary>Oldest first instead of newest first.</summary>
    public bool IsAscending { get; set; }

    /// <summary>Leads on by cursors instead of numbers.</summary>
    public bool HasCursors { get; set; }

    /// <summary>False = no page says that another follows; only the total does.</summary>
    public bool HasLinks { get; set; } = true;

    /// <summary>Each page without a link says that it is the last.</summary>
    public bool SaysEnd { get; set; }

    /// <summary>A page of a higher number than the last one is that again.</summary>
    public bool RepeatsLastPage { get; set; }

    /// <summary>The status of a page of a higher number than the last one; null = it is empty.</summary>
    public int? StatusBeyond { get; set; }

    /// <summary>Each page leads on, whether anything follows or not.</summary>
    public bool AlwaysHasLink { get; set; }

    /// <summary>No page beyond so many records is shown, whatever the total says.</summary>
    public int DeepestRecord { get; set; } = int.MaxValue;

    /// <summary>The most records a page has, whatever is asked for.</summary>
    public int MostPerPage { get; set; } = 250;

    public bool IgnoresBefore { get; set; }

    public bool IgnoresAfter { get; set; }

    /// <summary>Whether a request for these bounds, both inclusive, fails with 500.</summary>
    public Func<long, long, bool> FailsOn { get; set; } = (_, _) => false;

    /// <summary>Called before each answer, with its number.</summary>
    public Action<int> BeforeAnswer { get; set; } = _ => { };

    /// <summary>An answer of its own; null = the usual one.</summary>
    public Func<SentRequest, string?> Body { get; set; } = _ => null;

    /// <summary>What the vendor's clock shows more than the test's.</summary>
    public TimeSpan Skew { get; set; }

    /// <summary>How long an answer takes.</summary>
    public Func<TimeSpan> Latency { get; set; } = () => TimeSpan.Zero;

    /// <summary>Requests in ten seconds that are allowed; null = there is no quota.</summary>
    public int? Quota { get; set; }

    /// <summary>The least that was left of the quota in any ten seconds.</summary>
    public int LeastLeft { get; private set; } = int.MaxValue;

    /// <summary>The most requests that were under way at once.</summary>
    public int MostAtOnce { get; private set; }

    private long _quotaOf;
    private int _used;
    private int _underWay;

    public int Requests => Sent.Count;

    /// <summary>Another request is an error: a reader without end must not hang a test.</summary>
    public int MostRequests { get; set; } = 10_000;

    public List<SentRequest> Sent { get; } = [];

    public void Add(string id, DateTimeOffset at) => Records.Add(new StoredLog(id, at, at));

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        MostAtOnce = Math.Max(MostAtOnce, ++_underWay);
        try
        {
            var left = Take();
            if (Latency() is { Ticks: > 0 } latency) await Task.Delay(latency, clock, cancellationToken);

            var response = left < 0 ? Reply(429, "") : await AnswerAsync(request);
            if (Quota is not { } quota) return response;

            response.Headers.Add("X-RateLimit-Limit", $"{quota}");
            response.Headers.Add("X-RateLimit-Remaining", $"{Math.Max(left, 0)}");
            response.Headers.Add("X-RateLimit-Reset", $"{_quotaOf + 10}");
            return response;
        }
        finally
        {
            _underWay--;
        }
    }

    private int Take()
    {
        if (Quota is not { } quota) return int.MaxValue;

        var window = clock.GetUtcNow().ToUnixTimeSeconds() / 10 * 10;
        _used = window == _quotaOf ? _used + 1 : 1;
        _quotaOf = window;
        LeastLeft = Math.Min(LeastLeft, quota - _used);
        return quota - _used;
    }

    private Task<HttpResponseMessage> AnswerAsync(HttpRequestMessage request)
    {
        var sent = SentRequest.Of(request, clock.GetUtcNow());
        Sent.Add(sent);
        if (Sent.Count > MostRequests)
        {
            throw new InvalidOperationException($"More than {MostRequests} requests: {string.Join(" ", Sent.TakeLast(12).Select(s => s.Uri.Query))}");
        }

        BeforeAnswer(Sent.Count);
        if (random is not null && random.NextDouble() < FaultRate) return Task.FromResult(Fault(random.Next(4)));
        if (Body(sent) is { } body) return Task.FromResult(Reply(200, body));

        var widen = Inclusive ? 0 : 1;
        var (from, to) = (Number(sent, "created_at_after") + widen, Number(sent, "created_at_before") - widen);
        if (FailsOn(from, to)) return Task.FromResult(Reply(500, ""));

        var asked = HasCursors && sent["starting_after"] is { Length: > 0 } cursor
            ? int.Parse(cursor[1..], CultureInfo.InvariantCulture)
            : Number(sent, "page");
        var page = (int)Math.Max(1, asked);
        var size = (int)Math.Min(Number(sent, "per_page"), MostPerPage);
        var found = Find(IgnoresAfter ? 0 : from, IgnoresBefore ? long.MaxValue : to);
        var pages = (found.Count + size - 1) / size;
        if (RepeatsLastPage) page = Math.Min(page, Math.Max(pages, 1));
        var isBeyond = page > Math.Max(pages, 1) || (page - 1) * size >= DeepestRecord;
        if (isBeyond && StatusBeyond is { } status) return Task.FromResult(Reply(status, ""));

        var shown = found.Take(DeepestRecord).Skip((page - 1) * size).Take(size).Where(r => !r.IsHidden).Select(r => r.Json);
        return Task.FromResult(Reply(200, $$"""{"type":"activity_log.list",{{Pages(page, size, pages)}}"activity_logs":[{{string.Join(",", shown)}}]}"""));
    }

    private string Pages(int page, int size, int pages)
    {
        if (page >= pages && LastPage is LastPage.PagesAbsent) return "";
        if (page >= pages && LastPage is LastPage.PagesEmpty) return "\"pages\":{},";

        var next = AlwaysHasLink ? $"\"next\":\"https://api.intercom.io/admins/activity_logs?page={page + 1}\","
            : !HasLinks ? SaysEnd ? "\"next\":null," : ""
            : page >= pages ? LastPage == LastPage.NextAbsent ? "" : "\"next\":null,"
            : HasCursors ? $"\"next\":{{\"per_page\":{size},\"starting_after\":\"c{page + 1}\"}},"
            : $"\"next\":\"https://api.intercom.io/admins/activity_logs?page={page + 1}\",";
        var total = MorePages is { } more ? $",\"total_pages\":{Math.Max(pages, 1) + more}" : "";
        return $"\"pages\":{{{next}\"page\":{page},\"per_page\":{size}{total}}},";
    }

    private List<StoredLog> Find(long from, long to)
    {
        if (_sortedCount != Records.Count)
        {
            _sorted = [.. Records.OrderBy(r => r.Second)];
            _sortedCount = Records.Count;
        }

        var now = clock.GetUtcNow();
        var found = _sorted[FirstAfter(from - 1)..Math.Max(FirstAfter(from - 1), FirstAfter(to))].FindAll(r => r.Visible <= now);
        if (!IsAscending) found.Reverse();
        return found;
    }

    private int FirstAfter(long second)
    {
        var (low, high) = (0, _sorted.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_sorted[middle].Second > second) high = middle;
            else low = middle + 1;
        }

        return low;
    }

    private HttpResponseMessage Fault(int kind) => kind switch
    {
        0 => Reply(500, ""),
        1 => Reply(429, ""),
        2 => Reply(200, "<html>"),
        _ => throw new HttpRequestException("connection reset"),
    };

    private HttpResponseMessage Reply(int status, string body)
    {
        var response = new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        response.Headers.Date = clock.GetUtcNow() + Skew;
        return response;
    }

    private static long Number(SentRequest sent, string name) => long.TryParse(sent[name], CultureInfo.InvariantCulture, out var n) ? n : 0;
}
