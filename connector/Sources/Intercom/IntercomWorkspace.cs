using System.Text.Json;

namespace ActivityConnector.Sources.Intercom;

/// <summary>What <c>GET /me</c> tells of the workspace that the token belongs to.</summary>
internal sealed record IntercomWorkspace(string? Id, string? Name, string? Region)
{
    /// <exception cref="JsonException">Not what <c>/me</c> answers.</exception>
    public static IntercomWorkspace Read(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        if (document.RootElement.ValueKind != JsonValueKind.Object) throw new JsonException("not an object");

        return document.RootElement.TryGetProperty("app", out var app) && app.ValueKind == JsonValueKind.Object
            ? new(Text(app, "id_code"), Text(app, "name"), Text(app, "region"))
            : new(null, null, null);
    }

    /// <summary>The region an address belongs to; null for an address that is not Intercom's own.</summary>
    public static string? RegionOf(Uri baseUrl) => baseUrl.Host switch
    {
        "api.intercom.io" => "US",
        "api.eu.intercom.io" => "EU",
        "api.au.intercom.io" => "AU",
        _ => null,
    };

    /// <summary>The address of a region; null for one that is not known.</summary>
    public static string? AddressOf(string region) => region.ToUpperInvariant() switch
    {
        "US" => "https://api.intercom.io",
        "EU" => "https://api.eu.intercom.io",
        "AU" => "https://api.au.intercom.io",
        _ => null,
    };

    private static string? Text(JsonElement app, string name) =>
        app.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;
}
