using System.Text;
using HttpMethod = Elastic.Transport.HttpMethod;

namespace ActivityConnector.Sinks.Elasticsearch;

/// <summary>
/// Sends one request to one of the nodes. A node that certainly did nothing is passed over for the next; everything else is the caller's to
/// decide. Only cancellation and unreadable secrets are exceptions.
/// </summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class ClusterClient : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    private readonly ElasticsearchOptions _options;
    private readonly NodeList _nodes;
    private readonly NodeTransport _transport;

    public ClusterClient(ElasticsearchOptions options, TimeProvider time)
        : this(options, time, options.Urls)
    {
    }

    /// <param name="urls">The nodes, instead of all.</param>
    /// <param name="headers">Sent with each request, besides those of the credential.</param>
    public ClusterClient(
        ElasticsearchOptions options, TimeProvider time, IEnumerable<string> urls, params IReadOnlyList<KeyValuePair<string, string>> headers)
    {
        _options = options;
        _nodes = new NodeList(urls, time);
        _transport = new NodeTransport(options, time, headers);
    }

    /// <summary>Whether requests are signed with something else by now than the request of this response was.</summary>
    public bool HasOtherCredentialsThan(ServerResponse response) => !Equals(Credentials.Of(_options), response.SignedWith);

    public Task<ServerResponse> GetAsync(string path, CancellationToken cancellationToken) => SendAsync(HttpMethod.GET, path, null, cancellationToken);

    public Task<ServerResponse> PutAsync(string path, string json, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.PUT, path, new(Encoding.UTF8.GetBytes(json), "application/json"), cancellationToken);

    public Task<ServerResponse> PostAsync(string path, ReadOnlyMemory<byte> body, string mediaType, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.POST, path, new(body, mediaType), cancellationToken);

    public Task<ServerResponse> DeleteAsync(string path, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.DELETE, path, new(body, "application/json"), cancellationToken);

    public void Dispose() => _transport.Dispose();

    private async Task<ServerResponse> SendAsync(HttpMethod method, string path, RequestBody? body, CancellationToken cancellationToken)
    {
        ServerResponse response;
        var tried = 0;
        do
        {
            var node = _nodes.Next();
            response = node.Failures > 0 && _nodes.Count > 1 && !await IsUpAsync(node, cancellationToken)
                ? new ServerResponse(0, default) { Failure = "no answer" }
                : await _transport.SendAsync(node.Address, method, path, body, Timeout, cancellationToken);
            response = response with { SentTo = node.Address };
            if (response.IsNodeDown)
            {
                _nodes.Failed(node);
            }
            else
            {
                _nodes.Answered(node);
            }

            if (!response.IsNodeDown || response.IsAmbiguous) return response;
        }
        while (++tried < _nodes.Count);

        return response;
    }

    /// <summary>A node that was down is asked something small before it is given a bulk. A user that may not ask it is an answer too.</summary>
    private async Task<bool> IsUpAsync(NodeList.Node node, CancellationToken cancellationToken)
    {
        var timeout = TimeSpan.FromSeconds(node.Address.Scheme == Uri.UriSchemeHttps ? 5 : 2);
        return !(await _transport.SendAsync(node.Address, HttpMethod.HEAD, "", null, timeout, cancellationToken)).IsNodeDown;
    }
}
