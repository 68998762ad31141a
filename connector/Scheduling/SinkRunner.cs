using ActivityConnector.Pipeline;

namespace ActivityConnector.Scheduling;

/// <summary>The edge of the loop into a sink: turns every failure into one line for the operator, and resumes from the acknowledged position.</summary>
/// <remarks>Runs beside the sources and shares nothing with them but the journal: a sink that is unavailable never keeps a source from being read.</remarks>
public sealed partial class SinkRunner(IEventSink sink, Indexer indexer, TimeProvider time, ILogger<SinkRunner> log) : IAsyncDisposable
{
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(10);

    private readonly HourlyReminder _reminder = new(time);
    private readonly HourlyReminder _journal = new(time);
    private IndexerTotals? _lastTotals;

    /// <summary>The sink's name.</summary>
    public string Name => sink.Name;

    /// <summary>What was settled so far.</summary>
    public IndexerTotals Totals => indexer.Totals;

    /// <summary>Delivers events until it is cancelled, which is its normal end. Never throws.</summary>
    public async Task FollowAsync(CancellationToken cancellationToken)
    {
        indexer.HasRead += LogWhenJournalIsWell;
        while (!cancellationToken.IsCancellationRequested)
        {
            await TryAsync(indexer.FollowAsync, cancellationToken);
            try
            {
                // What failed does not report when it is well again.
                await Task.Delay(AfterFailure, time, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                // As it is meant to end.
            }
        }

        LogEnded(Name, Totals.Stored, Totals.Known, Totals.LeftOut, Totals.Refused);
    }

    /// <summary>Delivers what there is now.</summary>
    /// <returns>Why it ended early; null when the sink has everything.</returns>
    public Task<Exception?> DrainAsync(CancellationToken cancellationToken) => TryAsync(indexer.DrainAsync, cancellationToken);

    public ValueTask DisposeAsync() => sink.DisposeAsync();

    private async Task<Exception?> TryAsync(Func<CancellationToken, Task> run, CancellationToken cancellationToken)
    {
        try
        {
            await run(cancellationToken);
            return null;
        }
        catch (OperationCanceledException e) when (cancellationToken.IsCancellationRequested)
        {
            return e;
        }
        catch (SinkException e)
        {
            if (RemindersAfterProgress().IsDue(e.Message)) LogStopped(Name, e.Message, e.Fix);

            return e;
        }
        catch (JournalException e)
        {
            if (_journal.IsDue(e)) LogJournal(Name, e.Message, e.Fix);

            return e;
        }
#pragma warning disable CA1031 // The edge of a loop: a defect in one sink must not end the sources.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogDefect(e, Name);
            return e;
        }
    }

    /// <summary>The same again is logged once an hour, unless events went through in between.</summary>
    private HourlyReminder RemindersAfterProgress()
    {
        if (Totals != _lastTotals)
        {
            _reminder.Clear();
            _lastTotals = Totals;
        }

        return _reminder;
    }

    private void LogWhenJournalIsWell()
    {
        if (_journal.Clear() is { } lasted) LogJournalWell(Name, lasted.TotalSeconds);
    }

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "{Sink}: {Cause} {Fix} Nothing is lost: it resumes from the last event that is acknowledged.")]
    private partial void LogJournal(string sink, string cause, string fix);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Sink}: the journal can be read again, after {Seconds:F0} s.")]
    private partial void LogJournalWell(string sink, double seconds);

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "{Sink} ends: {Stored} events stored, {Known} there already, {LeftOut} left out, {Refused} refused. "
            + "Events that it does not have yet stay in the journal.")]
    private partial void LogEnded(string sink, long stored, long known, long leftOut, long refused);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Sink}: {Cause} {Fix} Nothing is lost: it resumes from the last event that is acknowledged.")]
    private partial void LogStopped(string sink, string cause, string fix);

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "{Sink}: a defect in the connector stopped it. Nothing is lost: it resumes from the last event that is acknowledged. "
            + "Please report it with the lines below.")]
    private partial void LogDefect(Exception e, string sink);
}
