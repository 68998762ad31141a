using System.Net.Http.Headers;
using System.Text.Json;

namespace ActivityConnector.Sinks.Elasticsearch;

/// <summary>What came back for one request, or that nothing did.</summary>
/// <param name="Status">The HTTP status; 0 when there is no answer.</param>
/// <param name="Body">Empty without an answer.</param>
internal sealed record Answer(int Status, ReadOnlyMemory<byte> Body)
{
    /// <summary>Why there is none, for a person.</summary>
    public string? Trouble { get; init; }

    /// <summary>The request may have been carried out although there is no answer, or none that can be read.</summary>
    public bool IsAmbiguous { get; init; }

    public TimeSpan? RetryAfter { get; init; }

    /// <summary>What the request was signed with.</summary>
    public AuthenticationHeaderValue? SignedWith { get; init; }

    public bool IsSuccess => Status is >= 200 and < 300;

    /// <summary>The answer's <c>error</c>, if it has one.</summary>
    public ServerError Error => ServerError.Of(Body);

    /// <summary>The answer as JSON; null when it is none.</summary>
    public JsonDocument? Json()
    {
        try
        {
            return JsonDocument.Parse(Body);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>One short line for a log; nothing of a document is in it.</summary>
    public override string ToString() => Trouble ?? (Error.Type is { } type ? $"{Status} {type}" : $"{Status}");
}
