using System.Net.Http.Headers;

namespace ActivityConnector.Sinks.Elasticsearch;

/// <summary>Reads each response to its end, up to a limit, before the transport sees it: the transport itself has no limit.</summary>
internal sealed class BufferedResponses(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private const int LargestResponse = 64 << 20;

    /// <exception cref="HttpRequestException">The response broke off, or is larger than the limit.</exception>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        try
        {
            await response.Content.LoadIntoBufferAsync(LargestResponse, cancellationToken);
        }
        catch
        {
            response.Dispose();
            throw;
        }

        // The transport drops a body of another type than the one it asked for. What a body is, its reader sees.
        response.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return response;
    }
}
