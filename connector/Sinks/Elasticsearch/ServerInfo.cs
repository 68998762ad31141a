namespace ActivityConnector.Sinks.Elasticsearch;

/// <summary>Which server answers, as far as it lets this user know. The sink itself needs none of it; templates do.</summary>
/// <param name="Version">Null when the user may not see it: the newest is assumed.</param>
internal sealed record ServerInfo(bool IsOpenSearch, bool IsServerless, Version? Version)
{
    /// <summary>From the answer to <c>GET /</c>. Not the number decides which it is: OpenSearch can be set to report 7.10.2.</summary>
    public static ServerInfo Of(ServerResponse response)
    {
        var version = response.Node().At("version");
        return new(
            version.At("distribution").Text() == "opensearch",
            version.At("build_flavor").Text() == "serverless",
            Version.TryParse(version.At("number").Text()?.Split('-')[0], out var number) ? number : null);
    }

    /// <summary>Elasticsearch, or OpenSearch, of this version or later.</summary>
    public bool IsAtLeast(bool openSearch, int major, int minor) => IsOpenSearch == openSearch && (Version is null || Version >= new Version(major, minor));

    public override string ToString() =>
        $"{(IsOpenSearch ? "OpenSearch" : "Elasticsearch")} {(IsServerless ? "serverless" : Version?.ToString() ?? "of a version this user may not see")}";
}
