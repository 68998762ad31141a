using ActivityConnector.Status;

namespace ActivityConnector.Admin;

/// <summary>The state of everything, and of each part.</summary>
internal static class StatusEndpoints
{
    public static void MapStatus(this IEndpointRouteBuilder endpoints)
    {
        var api = endpoints.MapGroup("/api/v1");
        api.MapGet("/status", (StatusReader reader, ConnectorHost connector, CancellationToken cancellationToken) =>
            reader.OfRunningAsync(connector, cancellationToken));
        api.MapGet("/sources", (ConnectorHost connector) => connector.Runners.Select(runner => runner.State));
        api.MapGet("/sinks", async (StatusReader reader, ConnectorHost connector, CancellationToken cancellationToken) =>
            (await reader.OfRunningAsync(connector, cancellationToken)).Sinks);
    }
}
