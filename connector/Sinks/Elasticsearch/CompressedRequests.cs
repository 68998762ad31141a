using System.IO.Compression;
using System.Net;

namespace ActivityConnector.Sinks.Elasticsearch;

/// <summary>Compresses the body of each request with the least effort: the transport would do it with more than twice the CPU time.</summary>
internal sealed class CompressedRequests(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Content = request.Content is null ? null : new CompressedContent(request.Content);
        return base.SendAsync(request, cancellationToken);
    }

    private sealed class CompressedContent : HttpContent
    {
        private readonly HttpContent _content;

        public CompressedContent(HttpContent content)
        {
            _content = content;
            Headers.ContentType = content.Headers.ContentType;
            Headers.ContentEncoding.Add("gzip");
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            await using var gzip = new GZipStream(stream, CompressionLevel.Fastest, leaveOpen: true);
            await _content.CopyToAsync(gzip, context, cancellationToken);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing) _content.Dispose();

            base.Dispose(disposing);
        }
    }
}
