using System.Text.Json;

namespace ActivityConnector.Sources.Intercom;

/// <summary>What <c>GET /me</c> answers about the workspace that the token belongs to.</summary>
internal sealed record IntercomWorkspace(string? Id, string? Name, string? Region)
{
    private static readonly (string Region, string Host)[] Hosts = [("US", "api.intercom.io"), ("EU", "api.eu.intercom.io"), ("AU", "api.au.intercom.io")];

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
    public static string? RegionOf(Uri baseUrl) => Hosts.FirstOrDefault(h => h.Host == baseUrl.Host).Region;

    /// <summary>The address of a region; null for one that is not known.</summary>
    public static string? AddressOf(string region) =>
        Hosts.FirstOrDefault(h => h.Region.Equals(region, StringComparison.OrdinalIgnoreCase)).Host is { } host ? $"https://{host}" : null;

    private static string? Text(JsonElement app, string name) =>
        app.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;
}
