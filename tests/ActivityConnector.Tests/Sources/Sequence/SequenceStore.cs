using System.Globalization;
using System.Net;
using System.Text;

namespace ActivityConnector.Tests.Sources.Sequence;

/// <summary>A record with its place in the order of creation, and when the vendor begins to show it.</summary>
internal sealed record StoredItem(string Id, DateTimeOffset At, DateTimeOffset Visible)
{
    /// <summary>What <c>createdAt</c> says instead of <see cref="At"/>; empty = there is no such member.</summary>
    public string? Text { get; init; }

    public string? Account { get; init; } = "bb0e";

    /// <summary>The credential may not see it: it is taken out after paging.</summary>
    public bool IsFiltered { get; init; }

    /// <summary>A page with it cannot be made: HTTP status 500.</summary>
    public bool IsUnreadable { get; init; }

    /// <summary>Spaces in the record, to make it large.</summary>
    public int Padding { get; init; }

    public string Json
    {
        get
        {
            var time = Text ?? At.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture);
            var account = Account is null ? "" : $",\"sequenceAccountId\":\"{Account}\"";
            var createdAt = time.Length == 0 ? "" : $",\"createdAt\":\"{time}\"";
            return $$"""{"id":"{{Id}}"{{account}}{{createdAt}},{{new string(' ', Padding)}}"activityLogItems":[]}""";
        }
    }
}

/// <summary>A small Sequence with records: keyset pages over what is visible now, faults by a seed.</summary>
internal sealed class SequenceStore(TimeProvider clock, Random? random = null) : HttpMessageHandler
{
    private int _cursors;

    /// <summary>In the order of creation; ids are in that order, too.</summary>
    public List<StoredItem> Records { get; } = [];

    /// <summary>Whether the last page has a cursor as well: nobody knows what the vendor does.</summary>
    public bool CursorAtEnd { get; set; }

    /// <summary>Whether the page after the last one gives the cursor that it was asked with.</summary>
    public bool RepeatsCursorAtEnd { get; set; }

    /// <summary>Each page has a cursor, and each cursor another text, whatever it stands for.</summary>
    public bool HasFreshCursors { get; set; }

    /// <summary>Records of one time stand in the order of their ids, whatever order is asked for.</summary>
    public bool TiesStandOneWay { get; set; }

    public double FaultRate { get; set; }

    /// <summary>The share of requests with a cursor that are refused.</summary>
    public double RefusalRate { get; set; }

    /// <summary>Which cursors are refused, by the id that they stand after.</summary>
    public Func<string, bool> Refuses { get; set; } = _ => false;

    /// <summary>Whether a cursor is refused with another limit than it was given for.</summary>
    public bool BindsCursorsToLimit { get; set; }

    /// <summary>The cursor that a page gives instead of its own, by the id that its own stands after.</summary>
    public Dictionary<string, string> Detours { get; } = [];

    /// <summary>Every request is answered with this status.</summary>
    public int? Outage { get; set; }

    /// <summary>What the vendor's clock shows more than the test's.</summary>
    public TimeSpan Skew { get; set; }

    public List<SentRequest> Sent { get; } = [];

    public string Cursor(string id, int limit) => BindsCursorsToLimit ? $"{limit}/{id}" : id;

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var sent = SentRequest.Of(request, clock.GetUtcNow());
        Sent.Add(sent);
        if (Outage is { } status) return Task.FromResult(Reply(status, ""));

        if (random is not null && random.NextDouble() < FaultRate) return Task.FromResult(Fault(random.Next(4)));

        var limit = int.Parse(sent["limit"], CultureInfo.InvariantCulture);
        var cursor = sent["after"].Split('~')[0];
        var after = cursor[(cursor.IndexOf('/', StringComparison.Ordinal) + 1)..];
        if (after.Length > 0 && (Refuses(after) || cursor != Cursor(after, limit) || (random is not null && random.NextDouble() < RefusalRate)))
        {
            return Task.FromResult(Reply(400, ""));
        }

        var descending = sent["sortOrder"] == "DESC";
        var visible = Records.Where(r => r.Visible <= clock.GetUtcNow());
        var sorted = !descending ? visible
            : TiesStandOneWay ? visible.OrderByDescending(r => r.At).ThenBy(r => r.Id, StringComparer.Ordinal)
            : visible.Reverse();
        var rest = (TiesStandOneWay && descending && after.Length > 0 ? sorted.SkipWhile(r => r.Id != after).Skip(1)
            : sorted.Where(r => after.Length == 0 || (string.CompareOrdinal(r.Id, after) * (descending ? -1 : 1)) > 0)).Take(limit + 1).ToList();
        var page = rest.Take(limit).ToList();
        if (page.Exists(r => r.IsUnreadable)) return Task.FromResult(Reply(500, ""));

        var next = rest.Count > limit || (CursorAtEnd && page.Count > 0) ? page[^1].Id
            : RepeatsCursorAtEnd && page.Count == 0 && after.Length > 0 ? after
            : null;
        if (next is not null && !descending && Detours.TryGetValue(next, out var detour)) next = detour;
        var text = HasFreshCursors ? $"{next ?? page.LastOrDefault()?.Id ?? after}~{++_cursors}" : next is null ? null : Cursor(next, limit);
        return Task.FromResult(Reply(
            200, VendorJson.Items(text, [.. page.Where(r => !r.IsFiltered).Select(r => r.Json)])));
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
}
