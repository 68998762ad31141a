using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using ActivityConnector.Sources.Http;
using ActivityConnector.Sources.Intercom;
using ActivityConnector.Sources.Sequence;

namespace ActivityConnector.Tests.Fuzz.Targets;

/// <summary>The headers of an answer, and its body as a refusal and as what <c>/me</c> answers: a short code or none, a workspace or a refusal.</summary>
internal static class VendorAnswerTarget
{
    public static Task ReadAsync(byte[] input)
    {
        var parts = Corpus.Parts(input, 2);
        using var response = new HttpResponseMessage();
        foreach (var line in Encoding.Latin1.GetString(parts[0]).Split('\n'))
        {
            if (line.Split(':', 2) is [var name, var value]) response.Headers.TryAddWithoutValidation(name, value);
        }

        var limit = RateLimit.Of(response.Headers, Golden.Vendors.ReceivedAt);
        Assert.True(limit.UntilReset is null || (limit.UntilReset >= TimeSpan.Zero && limit.UntilReset <= RateLimit.LongestReset));
        Assert.True(limit.RetryAfter is null || (limit.RetryAfter >= TimeSpan.Zero && limit.RetryAfter <= TimeSpan.FromMinutes(5)));
        _ = RetryDelay.ForQuota(3, limit, new Random(1));
        new ServerClock(TimeProvider.System).Observe(response.Headers.Date);

        Assert.True(VendorClient.CodeIn(parts[1], IntercomErrors.Code) is null or { Length: <= 64 });
        Assert.True(VendorClient.CodeIn(parts[1], SequenceErrors.Code) is null or { Length: <= 64 });
        try
        {
            _ = IntercomWorkspace.Read(parts[1]) is { Region: { } region } ? IntercomWorkspace.AddressOf(region) : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // VendorClient.GetJsonAsync takes both for an answer that cannot be read.
        }

        return Task.CompletedTask;
    }
}
