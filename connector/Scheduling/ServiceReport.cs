using System.Globalization;
using ActivityConnector.Configuration;
using ActivityConnector.Pipeline;
using ActivityConnector.Terminals;

namespace ActivityConnector.Scheduling;

/// <summary>What the service says of itself in the log: at its start what it runs, every ten minutes that it lives, and at its end why it ends.</summary>
/// <remarks>Not thread-safe, but it may be used while the sources and the sink run.</remarks>
internal sealed partial class ServiceReport(
    IReadOnlyList<SourceRunner> sources, SinkRunner? sink, TimeProvider time, ILogger<ServiceReport> log)
{
    /// <summary>How often the service says that it lives.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromMinutes(10);

    private readonly long _started = time.GetTimestamp();
    private readonly Dictionary<string, long> _counted = [];

    /// <summary>What is about to run, and when.</summary>
    /// <param name="file">The configuration file that was read; null = none.</param>
    public void Starts(ConnectorOptions options, Role role, string? file)
    {
        var journal = options.Journal.Kind == JournalKind.Kafka
            ? $"topics {options.Kafka.TopicPrefix}.* on {options.Kafka.BootstrapServers}"
            : options.Journal.Path;
        var part = Words.Of(role);
        LogStart(ConnectorHost.Version, Environment.ProcessId, Environment.MachineName, part, file ?? "no file", journal);
        var now = time.GetUtcNow();
        foreach (var (name, schedule) in sources.Select(runner => (runner.Source.Name, runner.Source.Options)))
        {
            var (poll, sweep) = (CronText.Next(schedule.Schedule, now), CronText.Next(schedule.SweepSchedule, now));
            LogSource(name, schedule.BaseUrl, schedule.Schedule, poll, schedule.SweepSchedule, sweep);
        }

        if (sink is not null)
        {
            var nodes = string.Join(", ", options.Elasticsearch.Urls);
            LogSink(sink.Name, nodes);
        }
        else if (role == Role.All)
        {
            LogNoSink();
        }
    }

    /// <summary>Says every ten minutes that the service lives, until it is cancelled, which is its only end.</summary>
    public async Task RepeatAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken)) Lives();
        }
        catch (OperationCanceledException)
        {
            // As it is meant to end.
        }
    }

    /// <summary>The service was asked to end, and has.</summary>
    /// <param name="signal">What asked for it.</param>
    public void Ends(string signal)
    {
        var age = TimeText.Readable(time.GetElapsedTime(_started));
        LogEnd(signal, age);
    }

    /// <summary>The service, or a single run, cannot begin or go on.</summary>
    /// <param name="details">Of an error that is a defect.</param>
    public static void Fails(ILogger log, string cause, Exception? details) => LogFailure(log, details, cause);

    private void Lives()
    {
        var (read, written) = (sources.Select(runner => (runner.State, runner.Collector.Published)).ToList(), sink?.State);
        var isWell = read.All(of => of.State.IsHealthy) && written is null or { IsHealthy: true };
        var age = TimeText.Readable(time.GetElapsedTime(_started));
        var parts = string.Join(' ', read.Select(of => Text(of.State, of.Published)).Concat(written is null ? [] : [Text(written)]));
        LogLife(isWell ? LogLevel.Information : LogLevel.Warning, age, parts);
    }

    private string Text(SourceState state, long published)
    {
        var read = state is { ReadTo: { } to, LagSeconds: { } lag }
            ? $"read to {to.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ} ({TimeText.Readable(TimeSpan.FromSeconds(lag))} ago)"
            : "nothing read yet";
        return $"{state.Name}: {Words.Of(state.Condition)}, {read}, {Since(state.Name, published)} new events.{Trouble(state.Reason, state.Fix)}";
    }

    private string Text(SinkState state)
    {
        var waits = state.LagSeconds is > 0 and { } lag ? $", the oldest event that waits has waited for {TimeText.Readable(TimeSpan.FromSeconds(lag))}" : "";
        var stored = Since(state.Name, state.Totals.Stored);
        return $"{state.Name}: {Words.Of(state.Condition)}{waits}, {stored} new events stored.{Trouble(state.Reason, state.Fix)}";
    }

    private static string Trouble(string? reason, string? fix) => reason is null ? "" : $" {reason} {fix}".TrimEnd();

    /// <summary>How many have come since this was last asked, or since the start of the service.</summary>
    private string Since(string name, long total)
    {
        var before = _counted.GetValueOrDefault(name);
        _counted[name] = total;
        return (total - before).ToString(CultureInfo.InvariantCulture);
    }

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Activity Connector {Version} starts as process {Process} on {Host}: role {Role}, configuration {File}, journal {Journal}.")]
    private partial void LogStart(string version, int process, string host, string role, string file, string journal);

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Source {Source} reads {Address} now and by the schedule {Schedule} (next {Next:yyyy-MM-ddTHH:mm:ssZ}), "
            + "and looks again for late records by {SweepSchedule} (next {NextSweep:yyyy-MM-ddTHH:mm:ssZ}).")]
    private partial void LogSource(
        string source, string address, string schedule, DateTimeOffset? next, string sweepSchedule, DateTimeOffset? nextSweep);

    [LoggerMessage(Level = LogLevel.Information, Message = "Sink {Sink} brings events to {Addresses}.")]
    private partial void LogSink(string sink, string addresses);

    [LoggerMessage(Level = LogLevel.Information, Message = "No sink is on: events stay in the journal (Elasticsearch:Urls is empty).")]
    private partial void LogNoSink();

    [LoggerMessage(Message = "Running for {Age}. {Parts}")]
    private partial void LogLife(LogLevel level, string age, string parts);

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Stopped by {Signal} after {Age}. What was committed stays; the next start resumes from there.")]
    private partial void LogEnd(string signal, string age);

    [LoggerMessage(Level = LogLevel.Critical, Message = "Stopped: {Cause}")]
    private static partial void LogFailure(ILogger log, Exception? details, string cause);
}
