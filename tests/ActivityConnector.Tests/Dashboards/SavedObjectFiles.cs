using ActivityConnector.Tests.Configuration;

namespace ActivityConnector.Tests.Dashboards;

/// <summary>What each file of saved objects must hold, made from <c>config/kibana/dashboard.yml</c>.</summary>
internal static class SavedObjectFiles
{
    /// <summary>In the order in which they are imported.</summary>
    public static IReadOnlyList<string> Kibana { get; } =
        ["config/kibana/data-view.ndjson", "config/kibana/saved-searches.ndjson", "config/kibana/dashboard.ndjson"];

    /// <summary>In the order in which they are imported.</summary>
    public static IReadOnlyList<string> OpenSearch { get; } =
    [
        "config/opensearch-dashboards/data-view.ndjson",
        "config/opensearch-dashboards/saved-searches.ndjson",
        "config/opensearch-dashboards/dashboard.ndjson",
    ];

    public static Board Board { get; } = BoardFile.Read(DeliveredFiles.Root);

    public static IReadOnlyDictionary<string, BoardField> Fields { get; } = BoardFields.Of(DeliveredFiles.Root, Board);

    public static string Expected(string file)
    {
        var (kibana, openSearch) = (new BoardForKibana(Board, Fields), new BoardForOpenSearch(Board));
        return file switch
        {
            "config/kibana/data-view.ndjson" => kibana.DataView(),
            "config/kibana/saved-searches.ndjson" => kibana.Searches(),
            "config/kibana/dashboard.ndjson" => kibana.Dashboard(),
            "config/opensearch-dashboards/data-view.ndjson" => openSearch.DataView(),
            "config/opensearch-dashboards/saved-searches.ndjson" => openSearch.Searches(),
            _ => openSearch.Dashboard(),
        };
    }
}
