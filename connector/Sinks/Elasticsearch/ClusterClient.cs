using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;

namespace ActivityConnector.Sinks.Elasticsearch;

/// <summary>
/// Sends one request to one of the nodes and gives back what came of it. A node that certainly did nothing is passed over for the next;
/// everything else is the caller's to decide. Only cancellation and unreadable secrets are exceptions.
/// </summary>
/// <remarks>
/// Thread-safe. Plain media types always: those with a version in them are refused by one server or another. Redirects are not followed:
/// a credential goes to the configured addresses only.
/// </remarks>
internal sealed class ClusterClient : IDisposable
{
    private const int WorthCompressing = 8 * 1024;
    private const int LargestAnswer = 64 << 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly MediaTypeWithQualityHeaderValue JsonAccepted = new("application/json");

    private readonly ElasticsearchOptions _options;
    private readonly NodeList _nodes;
    private readonly TimeProvider _time;
    private readonly HttpClient _http;

    public ClusterClient(ElasticsearchOptions options, TimeProvider time)
        : this(options, time, options.Urls)
    {
    }

    /// <param name="urls">The nodes, instead of all.</param>
    public ClusterClient(ElasticsearchOptions options, TimeProvider time, IEnumerable<string> urls)
    {
        _options = options;
        _time = time;
        _nodes = new NodeList(urls, time);
        _http = new HttpClient(Handler(options)) { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = LargestAnswer };
    }

    /// <summary>Whether what requests are signed with is not any more what an answer's request was signed with.</summary>
    public bool HasOtherCredentialsThan(ServerResponse response) => !Equals(Credentials.Of(_options), response.SignedWith);

    public Task<ServerResponse> GetAsync(string path, CancellationToken cancellationToken) => SendAsync(HttpMethod.Get, path, null, cancellationToken);

    public Task<ServerResponse> PutAsync(string path, string json, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Put, path, new(System.Text.Encoding.UTF8.GetBytes(json), "application/json"), cancellationToken);

    public Task<ServerResponse> PostAsync(string path, ReadOnlyMemory<byte> body, string mediaType, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, path, new(body, mediaType), cancellationToken);

    public void Dispose() => _http.Dispose();

    private static SocketsHttpHandler Handler(ElasticsearchOptions options) => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectTimeout = TimeSpan.FromSeconds(10),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),

        // Answers are small beside requests, and packing them costs the server processor time.
        AutomaticDecompression = options.Compress ? DecompressionMethods.GZip | DecompressionMethods.Deflate : DecompressionMethods.None,
        SslOptions = new ServerTrust(options).Options(),

        // The trace of the record is the record's own; nobody's context goes along by itself.
        ActivityHeadersPropagator = null,
    };

    private async Task<ServerResponse> SendAsync(HttpMethod method, string path, Payload? payload, CancellationToken cancellationToken)
    {
        ServerResponse response;
        var tried = 0;
        do
        {
            var node = _nodes.Next();
            response = node.Failures > 0 && _nodes.Count > 1 && !await LivesAsync(node, cancellationToken)
                ? new ServerResponse(0, default) { Failure = "no answer" }
                : await SendAsync(node, method, path, payload, cancellationToken);
            var isDown = response.IsNodeDown;
            if (isDown)
            {
                _nodes.Failed(node);
            }
            else
            {
                _nodes.Answered(node);
            }

            if (!isDown || response.IsAmbiguous)
            {
                return response;
            }
        }
        while (++tried < _nodes.Count);

        return response;
    }

    /// <summary>A node that was down is asked something small before it is given a bulk.</summary>
    private async Task<bool> LivesAsync(NodeList.Node node, CancellationToken cancellationToken)
    {
        var patience = TimeSpan.FromSeconds(node.Address.Scheme == Uri.UriSchemeHttps ? 5 : 2);
        var response = await SendAsync(node, HttpMethod.Head, "", null, cancellationToken, patience);
        return !response.IsNodeDown;
    }

    private async Task<ServerResponse> SendAsync(
        NodeList.Node node, HttpMethod method, string path, Payload? payload, CancellationToken cancellationToken, TimeSpan? patience = null)
    {
        var credentials = Credentials.Of(_options);
        using var request = new HttpRequestMessage(method, new Uri(node.Address, path));
        request.Headers.Authorization = credentials;
        request.Headers.Accept.Add(JsonAccepted);
        request.Content = payload?.Content(_options.Compress && payload.Bytes.Length >= WorthCompressing);
        using var late = new CancellationTokenSource(patience ?? Patience, _time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        try
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseContentRead, stop.Token);
            var retryAfter = response.Headers.RetryAfter;
            return new ServerResponse((int)response.StatusCode, await response.Content.ReadAsByteArrayAsync(stop.Token))
            {
                SignedWith = credentials,
                RetryAfter = retryAfter?.Delta ?? retryAfter?.Date - (response.Headers.Date ?? _time.GetUtcNow()),
            };
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return new ServerResponse(0, default) { Failure = $"no answer within {patience ?? Patience:c}", IsAmbiguous = true };
        }
        catch (HttpRequestException e)
        {
            var certainly = e.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError
                or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError;
            return new ServerResponse(0, default) { Failure = $"{e.HttpRequestError}: {(e.InnerException ?? e).Message}", IsAmbiguous = !certainly };
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            return new ServerResponse(0, default) { Failure = "the answer broke off", IsAmbiguous = true };
        }
    }

    private sealed record Payload(ReadOnlyMemory<byte> Bytes, string MediaType)
    {
        public HttpContent Content(bool compress)
        {
            HttpContent content = compress ? new ReadOnlyMemoryContent(Compressed()) : new ReadOnlyMemoryContent(Bytes);
            content.Headers.ContentType = new MediaTypeHeaderValue(MediaType);
            if (compress)
            {
                content.Headers.ContentEncoding.Add("gzip");
            }

            return content;
        }

        private ReadOnlyMemory<byte> Compressed()
        {
            var output = new MemoryStream(Bytes.Length / 4);
            using (var gzip = new GZipStream(output, CompressionLevel.Fastest, leaveOpen: true))
            {
                gzip.Write(Bytes.Span);
            }

            return output.GetBuffer().AsMemory(0, (int)output.Length);
        }
    }
}
