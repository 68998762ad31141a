using System.Globalization;
using System.Net;
using System.Text;

namespace ActivityConnector.Tests.Sources.Sequence;

/// <summary>A record with its place in the order of creation, and when the vendor begins to show it.</summary>
internal sealed record StoredItem(string Id, DateTimeOffset At, DateTimeOffset Visible);

/// <summary>A small Sequence with records: keyset pages over what is visible now, faults by a seed.</summary>
internal sealed class SequenceStore(TimeProvider clock, Random? random = null) : HttpMessageHandler
{
    /// <summary>In the order of creation; ids are in that order, too.</summary>
    public List<StoredItem> Records { get; } = [];

    /// <summary>Whether the last page has a cursor as well: nobody knows what the vendor does.</summary>
    public bool CursorAtEnd { get; set; }

    public double FaultRate { get; set; }

    /// <summary>The share of requests with a cursor that are refused.</summary>
    public double RefusalRate { get; set; }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var sent = SentRequest.Of(request, clock.GetUtcNow());
        if (random is not null && random.NextDouble() < FaultRate) return Task.FromResult(Fault(random.Next(4)));

        var after = sent["after"];
        if (after.Length > 0 && random is not null && random.NextDouble() < RefusalRate) return Task.FromResult(Reply(400, ""));

        var limit = int.Parse(sent["limit"], CultureInfo.InvariantCulture);
        var descending = sent["sortOrder"] == "DESC";
        var visible = Records.Where(r => r.Visible <= clock.GetUtcNow());
        var rest = (descending ? visible.Reverse() : visible)
            .Where(r => after.Length == 0 || (string.CompareOrdinal(r.Id, after) * (descending ? -1 : 1)) > 0).ToList();
        var page = rest.Take(limit).ToList();
        var cursor = rest.Count > limit || (CursorAtEnd && page.Count > 0) ? page[^1].Id : null;
        return Task.FromResult(Reply(200, VendorJson.Items(cursor, [.. page.Select(r => VendorJson.Item(r.Id, r.At))])));
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
        response.Headers.Date = clock.GetUtcNow();
        return response;
    }
}
