using ActivityConnector.Pipeline;
using ActivityConnector.Scheduling;
using ActivityConnector.Sources.Sequence;
using ActivityConnector.Tests.Journals;
using ActivityConnector.Tests.Shared;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Quartz;

namespace ActivityConnector.Tests.Scheduling;

/// <summary>The schedule as the application builds it, on the real scheduler.</summary>
public sealed class SourceScheduleTests
{
    private const string Never = "0 0 0 1 1 ? 2099";
    private readonly ManualTimeProvider _time = new();
    private readonly SimulatedJournal _journal = new(new SimulatedDisk(), new CrashPlan(0, 0));
    private readonly ListSource _source;
    private readonly CollectingLogger<ClockWatch> _clockLog = new();

    public SourceScheduleTests() => _source = new ListSource(_time);

    [Fact]
    public async Task A_source_runs_as_soon_as_the_application_has_started()
    {
        var ran = NewSignal();
        _source.Before = () =>
        {
            ran.TrySetResult();
            return Task.CompletedTask;
        };

        using var host = Host(Never, Never);
        await host.StartAsync();
        await ran.Task;
        await host.StopAsync();
    }

    [Fact]
    [Trait("EdgeCase", "52")]
    public async Task Firings_that_overlap_never_run_one_source_twice_at_a_time()
    {
        var (running, most, runs) = (0, 0, 0);
        var third = NewSignal();
        var entered = NewSignal();
        var go = NewSignal();
        _source.Before = async () =>
        {
            most = Math.Max(most, Interlocked.Increment(ref running));
            entered.TrySetResult();
            await go.Task;
            Interlocked.Decrement(ref running);
            if (++runs >= 3) third.TrySetResult();
        };
        _source.Span = 10_000;

        using var host = Host("* * * * * ?", "* * * * * ?");
        await host.StartAsync();
        await entered.Task;
        var schedulers = host.Services.GetRequiredService<ISchedulerFactory>();
        await schedulers.RunNowAsync("plain", CancellationToken.None);
        await schedulers.RunNowAsync("plain", CancellationToken.None);
        go.SetResult();
        await third.Task;
        await host.StopAsync();

        Assert.Equal(1, most);
    }

    [Fact]
    public async Task A_source_runs_on_demand_beside_its_schedule()
    {
        var (first, second) = (NewSignal(), NewSignal());
        _source.OnRead = read => (read == 1 ? first : second).TrySetResult();

        // Asked for, the vendor is asked although it has just refused.
        _source.Before = () => throw new SourceRefusedException("No.", "Wait.");

        using var host = Host(Never, Never);
        await host.StartAsync();
        await first.Task;
        await host.Services.GetRequiredService<ISchedulerFactory>().RunNowAsync("plain", CancellationToken.None);
        await second.Task.WaitAsync(TimeSpan.FromMinutes(1));
        await host.StopAsync();
    }

    [Fact]
    public async Task A_stop_ends_a_run_that_would_go_on_for_hours()
    {
        var entered = NewSignal();
        var units = 0;
        _source.Until = long.MaxValue / 2;
        _source.Span = 1;
        _source.Before = () =>
        {
            if (++units == 10) entered.TrySetResult();

            return Task.CompletedTask;
        };

        using var host = Host(Never, Never);
        await host.StartAsync();
        await entered.Task;
        using var tenSeconds = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        await host.StopAsync(tenSeconds.Token);

        Assert.False(tenSeconds.IsCancellationRequested, "the stop took longer than 10 seconds");
    }

    [Fact]
    public async Task A_stop_ends_only_after_the_run_that_it_has_stopped()
    {
        var entered = NewSignal();
        var stopping = new TaskCompletionSource<Task>(TaskCreationOptions.RunContinuationsAsynchronously);
        var stoppedFirst = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        _source.Before = async () =>
        {
            entered.TrySetResult();
            var stop = await stopping.Task;
            // That the stop does not end can only be shown by waiting: one that awaits nothing takes up to two seconds.
            await Task.WhenAny(stop, Task.Delay(TimeSpan.FromSeconds(5), TimeProvider.System, CancellationToken.None));
            stoppedFirst.TrySetResult(stop.IsCompleted);
        };

        using var host = Host(Never, Never);
        await host.StartAsync();
        await entered.Task;
        var stop = host.StopAsync();
        stopping.SetResult(stop);
        await stop;

        Assert.False(await stoppedFirst.Task, "the application had stopped while a source was still at work");
    }

    [Fact]
    [Trait("EdgeCase", "52")]
    public async Task Cron_is_read_in_utc_and_a_missed_firing_does_nothing()
    {
        using var host = Host("0 30 2 * * ?", "0 0 3 * * ?");
        var scheduler = await host.Services.GetRequiredService<ISchedulerFactory>().GetScheduler();
        await host.StartAsync();

        foreach (var kind in new[] { "poll", "sweep" })
        {
            var trigger = Assert.IsAssignableFrom<ICronTrigger>(await scheduler.GetTrigger(new TriggerKey($"plain {kind}")));
            Assert.Equal(TimeZoneInfo.Utc, trigger.TimeZone);
            Assert.Equal((int)CronTriggerMisfireInstruction.DoNothing, (int)trigger.MisfireInstruction);
        }

        await host.StopAsync();
    }

    [Fact]
    public async Task A_clock_that_is_set_is_told_and_firings_that_a_wrong_clock_chose_are_computed_anew()
    {
        using var host = Host("* * * * * ?", Never);
        var scheduler = await host.Services.GetRequiredService<ISchedulerFactory>().GetScheduler();
        await host.StartAsync();
        var key = new TriggerKey("plain poll");
        var trigger = (await scheduler.GetTrigger(key))!;
        await scheduler.RescheduleJob(
            key, trigger.GetTriggerBuilder().StartAt(new DateTimeOffset(2090, 1, 1, 0, 0, 0, TimeSpan.Zero)).Build());

        _time.SetWallClock(_time.GetUtcNow().AddDays(-1));
        for (var looks = 0; looks < 100_000 && (await scheduler.GetTrigger(key))!.StartTimeUtc.Year == 2090; looks++)
        {
            // The watch may not have begun to wait yet: the next tick is noticed as well.
            _time.Advance(TimeSpan.FromSeconds(10));
            await Task.Yield();
        }

        Assert.NotEqual(2090, (await scheduler.GetTrigger(key))!.StartTimeUtc.Year);
        Assert.Contains("was set back by 1.00:00:00", Assert.Single(_clockLog.Lines).Text, StringComparison.Ordinal);
        await host.StopAsync();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private IHost Host(string schedule, string sweep)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        var configured = new ConfiguredSource
        {
            Name = "plain",
            Source = _source,
            Transform = _ => new PlainTransform(),
            Options = new SequenceOptions
            {
                Schedule = schedule,
                SweepSchedule = sweep,
                SweepRange = TimeSpan.FromHours(48),
                HoldBack = TimeSpan.FromMinutes(15),
            },
        };
        var collector = new Collector(
            _source, _journal, configured.Transform, new CheckpointWriter("1.0.0", "test"), _time, new CollectingLogger<Collector>());
        builder.Services.AddSingleton<IReadOnlyDictionary<string, SourceRunner>>(
            new Dictionary<string, SourceRunner> { ["plain"] = new(configured, collector, _time, new Random(1), new CollectingLogger<SourceRunner>()) });
        builder.Services.AddSingleton<TimeProvider>(_time);
        builder.Services.AddSingleton<ILogger<ClockWatch>>(_clockLog);
        builder.Services.AddSourceSchedule([configured]);
        return builder.Build();
    }
}
