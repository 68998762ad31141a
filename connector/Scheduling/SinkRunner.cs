using ActivityConnector.Pipeline;

namespace ActivityConnector.Scheduling;

/// <summary>The edge of the loop into a sink: turns every failure into one line for the operator, and resumes from the acknowledged position.</summary>
/// <remarks>Runs beside the sources and shares nothing with them but the journal: a sink that is unavailable never keeps a source from being read.</remarks>
public sealed partial class SinkRunner(IEventSink sink, Indexer indexer, TimeProvider time, ILogger<SinkRunner> log) : IAsyncDisposable
{
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(10);

    private readonly HourlyReminder _reminder = new(time);
    private readonly HourlyReminder _journal = new(time);
    private readonly RecentRate _rate = new(time);
    private readonly Lock _gate = new();
    private long _loggedSettled;
    private long _shownSettled;
    private DateTimeOffset? _lastSuccess;
    private Trouble? _lastError;
    private Exception? _failure;

    /// <summary>The sink's name.</summary>
    public string Name => sink.Name;

    /// <summary>What was settled so far.</summary>
    public IndexerTotals Totals => indexer.Totals;

    /// <summary>What an operator needs to know of it now; without what the journal must be asked for.</summary>
    public SinkState State
    {
        get
        {
            lock (_gate)
            {
                return StateAt(time.GetUtcNow());
            }
        }
    }

    /// <summary>Delivers events until it is cancelled, which is its normal end. Never throws.</summary>
    public async Task FollowAsync(CancellationToken cancellationToken)
    {
        indexer.HasRead += JournalIsWell;
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

    private SinkState StateAt(DateTimeOffset now)
    {
        var (blocked, waiting) = (sink.Blocked, indexer.Waiting);
        NoteSuccess(now);
        var trouble = _failure is not null ? _lastError
            : blocked ?? (waiting is null ? null : new Trouble(now, waiting.Cause, waiting.Fix));
        _lastError = trouble ?? _lastError;
        return new SinkState
        {
            Name = Name,
            Condition = _failure switch
            {
                SinkException => SinkCondition.Blocked,
                not null => SinkCondition.Failed,
                _ when blocked is not null => SinkCondition.Blocked,
                _ when waiting is not null => SinkCondition.Waiting,
                _ when indexer.IsCaughtUp => SinkCondition.UpToDate,
                _ when indexer.Oldest is null && Totals == new IndexerTotals(0, 0, 0, 0) => SinkCondition.Starting,
                _ => SinkCondition.Delivering,
            },
            Reason = trouble?.Cause,
            Fix = trouble?.Fix,
            LagSeconds = indexer.Oldest is { } oldest ? Math.Max(0, (now - oldest).TotalSeconds) : indexer.IsCaughtUp ? 0 : null,
            LastSuccess = _lastSuccess,
            LastError = _lastError,
            Totals = Totals,
            EventsPerMinute = _rate.PerMinute(Totals.Stored),
        };
    }

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

            return Failed(e, e.Fix);
        }
        catch (JournalException e)
        {
            if (_journal.IsDue(e)) LogJournal(Name, e.Message, e.Fix);

            return Failed(e, e.Fix);
        }
#pragma warning disable CA1031 // The edge of a loop: a defect in one sink must not end the sources.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogDefect(e, Name);
            return Failed(e, "See the log, and report it as a defect of the connector.");
        }
    }

    private Exception Failed(Exception e, string fix)
    {
        lock (_gate)
        {
            _lastError = new Trouble(time.GetUtcNow(), e.Message, fix);
            return _failure = e;
        }
    }

    /// <summary>It has everything, or has settled more than when it was last looked at.</summary>
    private void NoteSuccess(DateTimeOffset now)
    {
        if (!indexer.IsCaughtUp && Totals.Settled == _shownSettled) return;

        (_shownSettled, _lastSuccess) = (Totals.Settled, now);
    }

    /// <summary>The same again is logged once an hour, unless events went through in between.</summary>
    private HourlyReminder RemindersAfterProgress()
    {
        if (Totals.Settled != _loggedSettled)
        {
            _reminder.Clear();
            _loggedSettled = Totals.Settled;
        }

        return _reminder;
    }

    private void JournalIsWell()
    {
        lock (_gate)
        {
            _failure = null;
        }

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
        Message = "{Sink} ends: {Stored} stored, {Known} there already, {LeftOut} left out, {Refused} refused. "
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
