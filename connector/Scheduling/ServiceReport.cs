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
        LogStart(
            ConnectorHost.Version, Environment.ProcessId, Environment.MachineName, role.ToString().ToLowerInvariant(), file ?? "no file", journal);
        var now = time.GetUtcNow();
        foreach (var (name, schedule) in sources.Select(runner => (runner.Source.Name, runner.Source.Options)))
        {
            LogSource(
                name,
                schedule.BaseUrl,
                schedule.Schedule,
                CronText.Next(schedule.Schedule, now),
                schedule.SweepSchedule,
                CronText.Next(schedule.SweepSchedule, now));
        }

        if (sink is not null)
        {
            LogSink(sink.Name, string.Join(", ", options.Elasticsearch.Urls));
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
    public void Ends(string signal) => LogEnd(signal, TimeText.Readable(time.GetElapsedTime(_started)));

    /// <summary>The service, or a single run, cannot begin or go on.</summary>
    /// <param name="details">Of an error that nobody expected.</param>
    public static void Fails(ILogger log, string cause, Exception? details) => LogFailure(log, details, cause);

    private void Lives()
    {
        var parts = sources.Select(Of).Concat(sink is null ? [] : [Of(sink)]);
        var level = sources.Any(runner => runner.Last is { End: not RunEnd.UpToDate }) ? LogLevel.Warning : LogLevel.Information;
        LogLife(level, TimeText.Readable(time.GetElapsedTime(_started)), string.Join(' ', parts));
    }

    private string Of(SourceRunner runner)
    {
        var checkpoint = runner.Collector.Checkpoint;
        var events = Since(runner.Source.Name, checkpoint?.Totals.Published ?? 0);
        var read = checkpoint?.Position.Reached is { } reached
            ? $"read to {reached:yyyy-MM-ddTHH:mm:ssZ} ({TimeText.Readable(time.GetUtcNow() - reached)} ago)"
            : "nothing read yet";
        var state = runner.Last is { } last ? RunOutcome.Name(last.End) : "catching up";
        var trouble = runner.Last is { Reason: { } reason, Failure: var failure } ? " " + Trouble(reason, failure) : "";
        return $"{runner.Source.Name}: {state}, {read}, {events} new events.{trouble}";
    }

    private string Of(SinkRunner to) => $"{to.Name}: {Since(to.Name, to.Totals.Stored)} new events stored.";

    private static string Trouble(string reason, Exception? failure) => failure switch
    {
        SourceException { Fix: var fix } => $"{reason} {fix}",
        JournalException { Fix: var fix } => $"{reason} {fix}",
        _ => reason,
    };

    /// <summary>How many have come since this was last asked.</summary>
    private string Since(string name, long total)
    {
        var before = _counted.GetValueOrDefault(name, total);
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
