namespace ActivityConnector.Dashboards;

/// <summary>One of the two servers that show dashboards, with what differs between them.</summary>
/// <param name="Name">For a person.</param>
/// <param name="Verb">The word after <c>setup</c>, which is also the name of the folder with its objects.</param>
/// <param name="GuardHeader">The header without which it refuses each request that is no GET.</param>
/// <param name="Rights">What a user needs there to import saved objects.</param>
internal sealed record DashboardsProduct(string Name, string Verb, string GuardHeader, string Rights)
{
    public static DashboardsProduct Kibana { get; } = new(
        "Kibana",
        "kibana",
        "kbn-xsrf",
        "Give its role the Kibana privilege Saved Objects Management: All in this space.");

    public static DashboardsProduct OpenSearchDashboards { get; } = new(
        "OpenSearch Dashboards",
        "opensearch-dashboards",
        "osd-xsrf",
        "Map it to the role kibana_user and to a role with write access to this tenant.");

    /// <summary>The other one, for which this one's address is sometimes given.</summary>
    public DashboardsProduct Other => this == Kibana ? OpenSearchDashboards : Kibana;
}
