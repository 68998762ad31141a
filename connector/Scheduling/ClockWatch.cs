using Quartz;

namespace ActivityConnector.Scheduling;

/// <summary>
/// Notices when the host's clock is set, by comparing it with the monotonic one, logs it, and has every firing computed anew: a scheduler
/// that was started by a clock a day ahead would otherwise do nothing for a day once the clock is right.
/// </summary>
internal sealed partial class ClockWatch(
    ISchedulerFactory schedulers, IReadOnlyDictionary<string, SourceRunner> runners, TimeProvider time, ILogger<ClockWatch> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Step = TimeSpan.FromMinutes(1);

    private DateTimeOffset _wall = time.GetUtcNow();
    private long _elapsed = time.GetTimestamp();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var now = time.GetUtcNow();
            var step = now - _wall - time.GetElapsedTime(_elapsed);
            (_wall, _elapsed) = (now, time.GetTimestamp());
            if (step.Duration() >= Step)
            {
                LogStep(step.Duration(), step > TimeSpan.Zero ? "ahead" : "back", now);
                await RescheduleAsync(stoppingToken);
            }
        }
    }

    private async Task RescheduleAsync(CancellationToken cancellationToken)
    {
        var scheduler = await schedulers.GetScheduler(cancellationToken);
        foreach (var key in runners.Keys.SelectMany(SourceSchedule.TriggersOf))
        {
            if (await scheduler.GetTrigger(key, cancellationToken) is ICronTrigger trigger)
            {
                await scheduler.RescheduleJob(key, trigger.GetTriggerBuilder().StartNow().Build(), cancellationToken);
            }
        }
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "This host's clock was set {Direction} by {Step:c} to {Now:u}, or the host was asleep; the schedule is computed anew.")]
    private partial void LogStep(TimeSpan step, string direction, DateTimeOffset now);
}
