using ActivityConnector.Status;

namespace ActivityConnector.Admin;

/// <summary>The state of everything, and of the sinks.</summary>
internal static class StatusEndpoints
{
    public static void MapStatus(this IEndpointRouteBuilder api)
    {
        api.MapGet("/status", (StatusReader reader, ConnectorHost connector, CancellationToken cancellationToken) =>
            reader.OfRunningAsync(connector, cancellationToken)).WithTags("status").WithSummary("The state of everything.");
        api.MapGet("/sinks", async (StatusReader reader, ConnectorHost connector, CancellationToken cancellationToken) =>
            (await reader.OfRunningAsync(connector, cancellationToken)).Sinks).WithTags("status").WithSummary("The state of every sink.");
    }
}
