namespace ActivityConnector.Simulation;

/// <summary>The simulator lives as long as its caller says.</summary>
/// <remarks>The host's own console lifetime would take SIGTERM and SIGINT away from the process the simulator is a guest of.</remarks>
internal sealed class CallerLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
