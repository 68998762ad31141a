using ActivityConnector.Scheduling;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ActivityConnector.Admin;

/// <summary>
/// <c>/livez</c>: the process answers. <c>/startupz</c>: the schedule runs. <c>/readyz</c>: every source and sink does its work; 503 names those that do
/// not. With <c>?verbose</c> the answer is JSON with every part. A vendor's outage never fails <c>/livez</c>: a restart would not end it.
/// </summary>
internal static class HealthEndpoints
{
    /// <summary>The answer when all is well.</summary>
    public const string Well = "ok\n";

    private const string Ready = "ready";
    private const string Startup = "startup";

    public static IHealthChecksBuilder AddConnector(this IHealthChecksBuilder checks, ConnectorHost connector)
    {
        checks.AddCheck(
            "schedule",
            () => connector.IsStarted ? HealthCheckResult.Healthy("It runs.") : HealthCheckResult.Unhealthy("It has not started yet."),
            [Startup, Ready]);
        foreach (var runner in connector.Runners) checks.AddCheck($"source {runner.Source.Name}", () => Of(runner.State), [Ready]);

        return connector.Sink is { } sink ? checks.AddCheck($"sink {sink.Name}", () => Of(sink.State), [Ready]) : checks;
    }

    public static void MapHealth(this IEndpointRouteBuilder endpoints)
    {
        Map("/livez", _ => false);
        Map("/startupz", check => check.Tags.Contains(Startup));
        Map("/readyz", check => check.Tags.Contains(Ready));

        void Map(string path, Func<HealthCheckRegistration, bool> which) =>
            endpoints.MapHealthChecks(path, new HealthCheckOptions { Predicate = which, ResponseWriter = WriteAsync });
    }

    private static HealthCheckResult Of(SourceState state) => Of(state.IsHealthy, state.Condition, state.Reason, state.Fix);

    private static HealthCheckResult Of(SinkState state) => Of(state.IsHealthy, state.Condition, state.Reason, state.Fix);

    private static HealthCheckResult Of<T>(bool isHealthy, T condition, string? reason, string? fix)
        where T : struct, Enum
    {
        var text = reason is null ? $"It is {Words.Of(condition)}." : $"It is {Words.Of(condition)}: {reason} {fix}";
        return isHealthy ? HealthCheckResult.Healthy(text) : HealthCheckResult.Unhealthy(text);
    }

    private static Task WriteAsync(HttpContext context, HealthReport report)
    {
        if (context.Request.Query.ContainsKey("verbose"))
        {
            return context.Response.WriteAsJsonAsync(new
            {
                Status = report.Status.ToString().ToLowerInvariant(),
                Parts = report.Entries.Select(entry => new
                {
                    Name = entry.Key,
                    Status = entry.Value.Status.ToString().ToLowerInvariant(),
                    Reason = entry.Value.Description,
                }),
            });
        }

        var failing = report.Entries.Where(entry => entry.Value.Status != HealthStatus.Healthy).Select(entry => $"{entry.Key}: {entry.Value.Description}");
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(report.Status == HealthStatus.Healthy ? Well : string.Join('\n', failing) + "\n");
    }
}
