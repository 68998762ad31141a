using Quartz;

namespace ActivityConnector.Scheduling;

/// <summary>Polls one source, and sweeps it when that is due. Quartz never runs a source twice at a time.</summary>
[DisallowConcurrentExecution]
internal sealed class SourceJob(IReadOnlyDictionary<string, SourceRunner> runners, IHostApplicationLifetime lifetime) : IJob
{
    /// <summary>The data of a run that an operator asked for.</summary>
    public static JobDataMap AskedFor => new() { [nameof(AskedFor)] = true };

    public static JobKey KeyOf(string source) => new(source, "sources");

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
    {
        // A stop must not wait for a long backfill: the batch in flight is committed or not at all, and the rest is read again.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        var runner = runners[context.JobDetail.Key.Name];
        if (context.MergedJobDataMap.ContainsKey(nameof(AskedFor))) runner.EndWait();

        try
        {
            await runner.RunAsync(stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The journal holds the truth; the next start resumes from it.
        }
    }
}
