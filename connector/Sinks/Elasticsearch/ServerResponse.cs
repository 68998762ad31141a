using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActivityConnector.Sinks.Elasticsearch;

/// <summary>The response to one request, or that there is none.</summary>
/// <param name="Status">The HTTP status; 0 when there is no response.</param>
/// <param name="Body">Empty without a response.</param>
internal sealed record ServerResponse(int Status, ReadOnlyMemory<byte> Body)
{
    private static readonly JsonDocumentOptions OnlyDistinctNames = new() { AllowDuplicateProperties = false };

    /// <summary>Why there is none, for a person.</summary>
    public string? Failure { get; init; }

    /// <summary>The server may have carried the request out although there is no response, or none that can be read.</summary>
    public bool IsAmbiguous { get; init; }

    /// <summary>The server has repeated what marks this request (<c>X-Opaque-Id</c>): nothing in between has mixed responses up.</summary>
    public bool IsForOurRequest { get; init; }

    /// <summary>The node's certificate is not trusted, so nothing was sent.</summary>
    public bool IsUntrusted { get; init; }

    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Whom the request was sent to last.</summary>
    public Uri? SentTo { get; init; }

    /// <summary>What the request was signed with.</summary>
    public AuthenticationHeaderValue? SignedWith { get; init; }

    public bool IsSuccess => Status is >= 200 and < 300;

    /// <summary>The node is down, or whatever stands before it cannot reach it.</summary>
    public bool IsNodeDown => Status is 0 or 502 or 503 or 504;

    /// <summary>The body's <c>error</c>, if it has one.</summary>
    public ServerError Error => ServerError.Of(Body);

    /// <summary>
    /// The body as JSON, for answers that are small; null when it is none, or none that can be looked into: a name comes twice, a text cannot be decoded.
    /// </summary>
    public JsonNode? Node()
    {
        try
        {
            var node = JsonNode.Parse(Body.Span, documentOptions: OnlyDistinctNames);
            _ = node?.ToJsonString();
            return node;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>One short line for a log; nothing of a document is in it.</summary>
    public override string ToString() => Failure ?? (Error.Type is { } type ? $"{Status} {type}" : $"{Status}");
}
