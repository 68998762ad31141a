using System.Collections.Specialized;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using ActivityConnector.Pipeline;
using Elastic.Clients.Elasticsearch;
using Elastic.Transport;
using HttpMethod = Elastic.Transport.HttpMethod;

namespace ActivityConnector.Sinks.Elasticsearch;

/// <summary>The body of a request.</summary>
internal sealed record RequestBody(ReadOnlyMemory<byte> Bytes, string MediaType);

/// <summary>
/// Sends one request to one node through the transport of Elastic.Clients.Elasticsearch, as bytes. A response, a time limit and a broken
/// connection are all results; only cancellation and unreadable secrets are exceptions.
/// </summary>
/// <remarks>
/// Thread-safe. The media types are plain, because those with a version in them are refused by one server or another. Each request names its
/// node. Given a choice, the transport would send an aborted request to the next node at once, measure by the wall clock how long a node is
/// left out, and leave out a node that answers a ping with 403.
/// </remarks>
internal sealed class NodeTransport : IDisposable
{
    /// <summary>The server repeats it in its response.</summary>
    private const string Mark = "X-Opaque-Id";

    private readonly ElasticsearchOptions _options;
    private readonly TimeProvider _time;
    private readonly IReadOnlyList<KeyValuePair<string, string>> _headers;
    private readonly HttpRequestInvoker _http;
    private readonly ITransport _transport;

    /// <param name="headers">Sent with each request, besides those of the credential.</param>
    public NodeTransport(ElasticsearchOptions options, TimeProvider time, IReadOnlyList<KeyValuePair<string, string>> headers)
    {
        _options = options;
        _time = time;
        _headers = headers;
        _http = new HttpRequestInvoker((_, _) => Handler(options, time));
        var settings = new ElasticsearchClientSettings(new StaticNodePool([new Uri(options.Urls[0])]), _http)
            .DisablePing()

            // Never the first to end a request: a time limit of the transport's own would not show whether the server had the request.
            .RequestTimeout(TimeSpan.FromMinutes(10))
            .DisableAuditTrail()
            .DisableMetaHeader()
            .EnableHttpCompression(false)
            .TransferEncodingChunked()
            .ResponseHeadersToParse(new HeadersList(["Retry-After", "Date", Mark]));
        _transport = new ElasticsearchClient(settings).Transport;
    }

    /// <param name="timeout">For the whole exchange, from the connection to the last byte of the response.</param>
    public async Task<ServerResponse> SendAsync(
        Uri node, HttpMethod method, string path, RequestBody? body, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var credentials = Credentials.Of(_options);
        var mark = Guid.NewGuid().ToString("N");
        var headers = new NameValueCollection { [Mark] = mark };
        foreach (var (name, value) in _headers) headers[name] = value;

        if (credentials is not null) headers["Authorization"] = credentials.ToString();

        var configuration = new RequestConfiguration
        {
            ForceNode = node,
            Accept = "application/json",
            ContentType = body?.MediaType,
            Headers = headers,
        };
        using var late = new CancellationTokenSource(timeout, _time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        Exception? failure;
        try
        {
            var response = await _transport.RequestAsync<BytesResponse>(new EndpointPath(method, path), Post(body), null, configuration, stop.Token);
            var details = response.ApiCallDetails;
            if (details.HttpStatusCode is { } status)
            {
                if (status >= 400 && credentials is not null && response.Body is { } answer) Credentials.Hide(credentials, answer);

                return new ServerResponse(status, response.Body ?? [])
                {
                    SignedWith = credentials,
                    RetryAfter = WaitOf(details),
                    IsForOurRequest = Header(details, Mark) == mark,
                };
            }

            failure = details.OriginalException;
        }
        catch (UnexpectedTransportException e)
        {
            failure = e.InnerException;
        }

        cancellationToken.ThrowIfCancellationRequested();
        return late.IsCancellationRequested
            ? new ServerResponse(0, default) { Failure = $"no answer within {timeout:c}", IsAmbiguous = true }
            : Failed(failure, node);
    }

    public void Dispose() => _http.Dispose();

    private static BufferedResponses Handler(ElasticsearchOptions options, TimeProvider time)
    {
        var handler = new SocketsHttpHandler
        {
            // A credential goes to the configured addresses only.
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = ConnectionFailure.ConnectTimeout,
            ConnectCallback = new HostConnection(time).ConnectAsync,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),

            // Responses are small beside requests, and compressing them costs the server processor time.
            AutomaticDecompression = options.Compress ? DecompressionMethods.GZip | DecompressionMethods.Deflate : DecompressionMethods.None,
            SslOptions = new ServerTrust(options).Options(),
        };
        return new BufferedResponses(options.Compress ? new CompressedRequests(handler) : handler);
    }

    /// <summary>Not <see cref="PostData.ReadOnlyMemory"/>: it copies the body, and keeps a thread while the network takes it.</summary>
    private static PostData? Post(RequestBody? body) => body is null
        ? null
        : PostData.StreamHandler(
            body.Bytes,
            static (bytes, stream) => stream.Write(bytes.Span),
            static (bytes, stream, cancellationToken) => stream.WriteAsync(bytes, cancellationToken).AsTask());

    private static ServerResponse Failed(Exception? failure, Uri node) => failure switch
    {
        HttpRequestException e => new(0, default)
        {
            Failure = ConnectionFailure.Text(e, node),
            IsUntrusted = ConnectionFailure.IsUntrusted(e),
            IsAmbiguous = e.HttpRequestError is not (HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError
                or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError),
        },
        OperationCanceledException e => new(0, default) { Failure = ConnectionFailure.Text(e, node) },
        IOException or InvalidDataException => new(0, default) { Failure = "the answer broke off", IsAmbiguous = true },
        _ => throw new InvalidOperationException("The transport gave neither a response nor a reason that is known.", failure),
    };

    /// <summary>A time to wait until counts from the server's own clock.</summary>
    private TimeSpan? WaitOf(ApiCallDetails details)
    {
        var now = DateTimeOffset.TryParse(Header(details, "Date"), CultureInfo.InvariantCulture, out var date) ? date : _time.GetUtcNow();
        return RetryConditionHeaderValue.TryParse(Header(details, "Retry-After"), out var header) ? RetryAfter.Of(header, now) : null;
    }

    private static string? Header(ApiCallDetails details, string name) => details.TryGetHeader(name, out var values) ? values.FirstOrDefault() : null;
}
