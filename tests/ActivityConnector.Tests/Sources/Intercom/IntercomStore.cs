using System.Globalization;
using System.Net;
using System.Text;

namespace ActivityConnector.Tests.Sources.Intercom;

/// <summary>A record, and when the vendor begins to show it.</summary>
internal sealed record StoredLog(string Id, DateTimeOffset At, DateTimeOffset Visible);

/// <summary>A small Intercom with records: newest first, numbered pages over what is visible now, faults by a seed.</summary>
internal sealed class IntercomStore(TimeProvider clock, Random? random = null) : HttpMessageHandler
{
    public List<StoredLog> Records { get; } = [];

    /// <summary>Whether records at the very bounds are returned: nobody knows what the vendor does.</summary>
    public bool Inclusive { get; set; }

    public double FaultRate { get; set; }

    public int Requests { get; private set; }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Requests++;
        var sent = SentRequest.Of(request, clock.GetUtcNow());
        if (random is not null && random.NextDouble() < FaultRate) return Task.FromResult(Fault(random.Next(4)));

        var widen = Inclusive ? 1 : 0;
        var (after, before) = (Number(sent, "created_at_after") - widen, Number(sent, "created_at_before") + widen);
        var (page, size) = (Math.Max(1, Number(sent, "page")), (int)Number(sent, "per_page"));
        var found = Records.Where(r => r.Visible <= clock.GetUtcNow() && r.At.ToUnixTimeSeconds() > after && r.At.ToUnixTimeSeconds() < before)
            .OrderByDescending(r => r.At.ToUnixTimeSeconds()).ToList();
        var pages = (found.Count + size - 1) / size;
        var next = page < pages ? $"\"https://api.intercom.io/admins/activity_logs?page={page + 1}\"" : "null";
        return Task.FromResult(Reply(200, VendorJson.Logs(next, pages, [.. found.Skip((int)(page - 1) * size).Take(size).Select(r => VendorJson.Log(r.Id, r.At))])));
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

    private static long Number(SentRequest sent, string name) => long.TryParse(sent[name], CultureInfo.InvariantCulture, out var n) ? n : 0;
}
