using Quartz;

namespace ActivityConnector.Scheduling;

/// <summary>
/// Polls or sweeps one source. Both kinds are firings of the same job, so Quartz never runs a source twice at a time.
/// </summary>
[DisallowConcurrentExecution]
internal sealed class SourceJob(IReadOnlyDictionary<string, SourceRunner> runners, IHostApplicationLifetime lifetime) : IJob
{
    /// <summary>The trigger's data key that turns a firing into a completeness check.</summary>
    public const string Sweep = "sweep";

    public static JobKey KeyOf(string source) => new(source, "sources");

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
    {
        // A stop must not wait for a long backfill: the unit in flight is committed or not at all, and the rest is read again.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        var runner = runners[context.JobDetail.Key.Name];
        try
        {
            _ = context.MergedJobDataMap.ContainsKey(Sweep) ? await runner.SweepAsync(stop.Token) : await runner.PollAsync(stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The journal holds the truth; the next start goes on from it.
        }
    }
}
