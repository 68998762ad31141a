using Quartz;

namespace ActivityConnector.Scheduling;

/// <summary>
/// When sources run: cron in UTC, never the same source twice at a time, a missed poll is skipped. Correctness never depends on a
/// poll: a source reads on from its checkpoint whenever it runs.
/// </summary>
public static class SourceSchedule
{
    /// <summary>Schedules every configured source: once as soon as the application has started, then by its cron expressions.</summary>
    public static IServiceCollection AddSourceSchedule(this IServiceCollection services, IEnumerable<ConfiguredSource> sources)
    {
        services.AddQuartz(quartz =>
        {
            quartz.ConfigureScheduler(scheduler => scheduler.InstanceName = "sources");
            foreach (var source in sources)
            {
                var job = SourceJob.KeyOf(source.Name);
                var (poll, sweep) = (TriggersOf(source.Name)[0], TriggersOf(source.Name)[1]);
                quartz.AddJob<SourceJob>(j => j.WithIdentity(job).StoreDurably());
                quartz.AddTrigger(t => t.ForJob(job).WithIdentity($"{source.Name} at start").StartNow());
                quartz.AddTrigger(t => t.ForJob(job).WithIdentity(poll).WithCronSchedule(source.Options.Schedule, InUtc));

                // Any run sweeps when that is due; this trigger starts one at the time of the sweep.
                quartz.AddTrigger(t => t.ForJob(job).WithIdentity(sweep).WithCronSchedule(source.Options.SweepSchedule, InUtc));
            }
        });
        services.AddHostedService<ClockWatch>();
        services.AddQuartzHostedService(hosted => hosted.WaitForJobsToComplete = true);
        return services;

        static void InUtc(CronScheduleBuilder cron) =>
            cron.InTimeZone(TimeZoneInfo.Utc).WithMisfireInstruction(CronTriggerMisfireInstruction.DoNothing);
    }

    /// <summary>The triggers that follow a source's two cron expressions.</summary>
    internal static TriggerKey[] TriggersOf(string source) => [new($"{source} poll"), new($"{source} sweep")];

    /// <summary>Polls a source now, beside its schedule, also where the vendor has refused; once more after a run that is under way.</summary>
    public static async Task RunNowAsync(this ISchedulerFactory schedulers, string source, CancellationToken cancellationToken)
    {
        var scheduler = await schedulers.GetScheduler(cancellationToken);
        await scheduler.TriggerJob(SourceJob.KeyOf(source), SourceJob.AskedFor, cancellationToken);
    }
}
