using System.Text.Json;
using System.Text.RegularExpressions;

namespace ActivityConnector.Sinks.Elasticsearch;

/// <summary>An <c>error</c> of the server: what kind it is, and its text, which may hold values of a document.</summary>
internal readonly partial record struct ServerError(string? Type, string? Reason, string? CauseType)
{
    private const int MostOfAName = 64;
    private const int MostOfAReason = 400;

    /// <summary>The <c>error</c> of an answer's body; all empty when there is none.</summary>
    public static ServerError Of(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("error", out var error) ? Of(error) : default;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return default;
        }
    }

    /// <summary>The value that the reader stands at. Of a duplicate only its kind: what is sent again has millions of them.</summary>
    public static ServerError Read(ref Utf8JsonReader reader)
    {
        var inside = reader;
        if (reader.TokenType == JsonTokenType.StartObject && inside.Read() && inside.TokenType == JsonTokenType.PropertyName && inside.ValueTextEquals("type"u8)
            && inside.Read() && inside.TokenType == JsonTokenType.String && inside.ValueTextEquals(BulkVerdicts.Duplicate))
        {
            reader.Skip();
            return new(BulkVerdicts.Duplicate, null, null);
        }

        return Of(JsonElement.ParseValue(ref reader));
    }

    public static ServerError Of(JsonElement error) => error.ValueKind switch
    {
        JsonValueKind.String => new(null, error.GetString(), null),
        JsonValueKind.Object => new(Text(error, "type"), Text(error, "reason"), error.TryGetProperty("caused_by", out var cause) ? Text(cause, "type") : null),
        _ => default,
    };

    /// <summary>
    /// For a dead letter: the kinds of error, and of the text only what names a field or a limit. The rest of it quotes the document.
    /// </summary>
    public string WithoutValues()
    {
        var kind = Name(Type) ?? "refused";
        var field = FieldAndType().Match(Reason ?? "") is { Success: true } match ? $": {match.Value}" : "";
        var limit = Limit().Match(Reason ?? "") is { Success: true } over ? $": {over.Value}" : "";
        var cause = Name(CauseType) is { } inner && inner != kind ? $" ({inner})" : "";
        var line = kind + field + limit + cause;
        return line.Length <= 256 ? line : line[..256];
    }

    /// <summary>The server's words, for an answer that quotes no document; cut where they are long.</summary>
    public string? ShortReason => Reason is { Length: > MostOfAReason } ? Reason[..MostOfAReason] + "…" : Reason;

    public bool Says(string text) => Reason?.Contains(text, StringComparison.OrdinalIgnoreCase) == true;

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private static string? Name(string? text) =>
        text is { Length: > 0 and <= MostOfAName } && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') ? text : null;

    [GeneratedRegex(@"field \[[A-Za-z0-9_.@]{1,120}\]( of type \[[a-z_]{1,40}\]| doesn't exist| not present as part of path \[[A-Za-z0-9_.@]{1,120}\])")]
    private static partial Regex FieldAndType();

    [GeneratedRegex(@"[Ll]imit of total fields \[\d+\]")]
    private static partial Regex Limit();
}
