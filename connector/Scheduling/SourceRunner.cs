using System.Globalization;
using ActivityConnector.Pipeline;
using ActivityConnector.Transforms;

namespace ActivityConnector.Scheduling;

/// <summary>
/// The edge of one source's job: runs its collector, turns every failure into one line for the operator, and asks a vendor that has
/// refused only slowly. A run never throws but for cancellation.
/// </summary>
/// <remarks>
/// Thread-safe: one run or change at a time, in the order in which they are asked for. A change does not wait for the run that is under way: it
/// ends that run, whose uncommitted batch is read again by the next one.
/// </remarks>
public sealed partial class SourceRunner(
    ConfiguredSource source, Collector collector, TimeProvider time, Random random, ILogger<SourceRunner> log) : IAsyncDisposable
{
    private static readonly TimeSpan AskJournalAgain = TimeSpan.FromMinutes(1);

    /// <summary>After a refusal.</summary>
    private static readonly TimeSpan AskVendorAgain = TimeSpan.FromMinutes(5);

    private const string QuietFix =
        "Look in the vendor's own pages whether something happened since; if so, its API stands still: report it there. If not, raise ExpectActivityWithin.";

    /// <summary>A poll that has received nothing for longer is told as trouble before it ends.</summary>
    private static readonly TimeSpan MostSilence = TimeSpan.FromMinutes(1);

    private const string NextPoll = "the next poll tries again";

    private readonly HourlyReminder _reminder = new(time);
    private readonly FenceGuard _fences = new(time, random);
    private readonly RecentRate _rate = new(time);
    private readonly RangeLog _ranges = new(source.Name, time, log);
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Lock _gate = new();
    private (long From, TimeSpan For) _wait;
    private (long From, TimeSpan For) _rangesWait;
    private bool _isOnlyRun;
    private CancellationTokenSource? _interrupt;
    private int _changes;
    private bool _hasBegun;
    private DateTimeOffset? _lastSuccess;
    private Trouble? _lastError;

    public ConfiguredSource Source { get; } = source;

    public Collector Collector { get; } = collector;

    /// <summary>The source as instruments name it; the account is empty until it is configured or known.</summary>
    public SourceKey Key => new(Source.Source.Name, Collector.Account ?? Source.Options.Account?.Trim() ?? "");

    /// <summary>What the last run came to; null before the first has ended.</summary>
    public RunOutcome? Last { get; private set; }

    /// <summary>What an operator needs to know of it now.</summary>
    public SourceState State
    {
        get
        {
            lock (_gate)
            {
                var (last, checkpoint) = (Last, Collector.Checkpoint);
                if (last?.End == RunEnd.Paused && checkpoint?.Paused is null) last = null;

                // The run that is under way gets further than the last one.
                if (last is not { End: RunEnd.UpToDate } && _interrupt is not null && Collector.Result.Commits > 0) last = null;

                var state = SourceState.Of(Source.Name, Condition(last, checkpoint, _hasBegun), checkpoint, _lastSuccess, time.GetUtcNow());
                if (last?.Failure is null && Collector.SilentSince is { } since && time.GetElapsedTime(since) is var silence && silence > MostSilence)
                {
                    var failure = Silent(silence);
                    state = state with { Condition = SourceCondition.Unavailable };
                    last = new RunOutcome(Source.Name, PollResult.None, RunEnd.Unavailable, failure.Message, failure);
                }

                return state with
                {
                    Reason = last?.Reason ?? state.Reason,
                    Fix = last is { Reason: not null } ? FixOf(last) : state.Fix,
                    LastError = _lastError,
                    Quota = Source.Source.Quota,
                    EventsPerMinute = checkpoint is null ? null : _rate.PerMinute(checkpoint.Totals.Published),
                };
            }
        }
    }

    /// <summary>
    /// Collects up to the present; then continues with a sweep that is due or under way, and with the ranges that operators have asked for, until the next
    /// poll is due: events of the present do not wait for them. Does nothing while the wait after a refusal, a fence or a misconfigured journal lasts; a
    /// new credential ends that after a refusal.
    /// </summary>
    public Task<RunOutcome> RunAsync(CancellationToken cancellationToken) => RunAsync(UntilNextPoll(), CancellationToken.None, cancellationToken);

    /// <summary>Collects up to the present and brings a sweep that is due, and the ranges that operators have asked for, to their end.</summary>
    /// <param name="deadline">When it is cancelled, the run ends as behind: what was committed stays.</param>
    public Task<RunOutcome> RunOnceAsync(CancellationToken deadline, CancellationToken cancellationToken)
    {
        _isOnlyRun = true;
        return RunAsync(() => false, deadline, cancellationToken);
    }

    /// <summary>Brings the ranges that operators have asked for to their end, without a poll.</summary>
    public Task<RunOutcome> RunRangesAsync(CancellationToken cancellationToken) =>
        InTurnAsync(stop => ReadRangesAsync(() => false, before: null, CancellationToken.None, stop, stop), cancellationToken);

    /// <summary>The ranges that operators have asked for, with their progress, as of the last commit; empty before the first run. Thread-safe.</summary>
    public IReadOnlyList<RequestedRange> Ranges => Collector.Checkpoint?.Ranges ?? [];

    /// <summary>Asks for a range of time to be read beside the live records, from the next run on. A change as of <see cref="ChangeAsync"/>.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="events">Tell of the change, and are committed with it.</param>
    /// <param name="cancellationToken">Ends the wait for the run that is under way.</param>
    /// <returns>The range, once it is durable.</returns>
    /// <exception cref="ChangeRefusedException">It cannot be read; nothing was changed.</exception>
    public Task<RequestedRange> AskAsync(
        RangeRequest request, Func<Checkpoint, Checkpoint, IReadOnlyList<EcsEvent>> events, CancellationToken cancellationToken) =>
        ChangeRangesAsync(checkpoint => request.AddTo(checkpoint, RangeBounds.Of(Source.Options, Collector.Present)), events, cancellationToken);

    /// <summary>Ends a range where it stands; what it brought stays. Parameters and failures as of <see cref="AskAsync"/>.</summary>
    /// <exception cref="ChangeRefusedException">There is no open range with this id; nothing was changed.</exception>
    public Task<RequestedRange> CancelAsync(
        string id, Func<Checkpoint, Checkpoint, IReadOnlyList<EcsEvent>> events, CancellationToken cancellationToken) =>
        ChangeRangesAsync(checkpoint => RequestedRange.CancelIn(checkpoint, id, Collector.Present), events, cancellationToken);

    /// <summary>The next run asks a vendor that has refused, because an operator may have acted.</summary>
    public void EndWait() => _wait = default;

    /// <summary>Makes a change while no run is under way; the next run goes on from there.</summary>
    /// <exception cref="SourceException">The source's account cannot be learned.</exception>
    /// <exception cref="JournalException">The journal could not take it: nothing was changed.</exception>
    /// <exception cref="ChangeRefusedException">The change is not possible as things are.</exception>
    public async Task ChangeAsync(Func<Collector, CancellationToken, Task> change, CancellationToken cancellationToken)
    {
        if (Collector.IsNew)
        {
            // The run that makes its first commit is let through.
            throw new ChangeRefusedException($"{Source.Name} has not been read yet: it has no checkpoint.", "Wait for its first commit.");
        }

        Interlocked.Increment(ref _changes);
        try
        {
            var turn = _turn.WaitAsync(cancellationToken);
            if (Volatile.Read(ref _interrupt) is { } interrupt)
            {
                // Whatever comes of it: the turn that was asked for must be taken, or it is never given back.
                await interrupt.CancelAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            await turn;
        }
        finally
        {
            Interlocked.Decrement(ref _changes);
        }

        try
        {
            (_wait, _rangesWait) = (default, default);
            var before = Collector.Checkpoint?.Position;
            await change(Collector, cancellationToken);

            // Where it was moved to it has not read yet.
            if (Equals(before, Collector.Checkpoint?.Position)) return;

            lock (_gate) _lastSuccess = null;
        }
        finally
        {
            _turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        // A change that is under way comes to its end; none begins after it.
        await _turn.WaitAsync();
        await Collector.DisposeAsync();
        _turn.Dispose();
    }

    private static SourceCondition Condition(RunOutcome? last, Checkpoint? checkpoint, bool hasBegun) => last switch
    {
        _ when checkpoint?.Paused is not null => SourceCondition.Paused,
        null => hasBegun ? SourceCondition.CatchingUp : SourceCondition.Starting,
        { Failure: JournalStandbyException } => SourceCondition.Standby,
        { End: var end } => end switch
        {
            RunEnd.UpToDate => SourceCondition.UpToDate,
            RunEnd.Quiet => SourceCondition.Quiet,
            RunEnd.Incomplete => SourceCondition.Incomplete,
            RunEnd.Behind => SourceCondition.Behind,
            RunEnd.Refused => SourceCondition.Refused,
            RunEnd.Unavailable => SourceCondition.Unavailable,
            RunEnd.Clock => SourceCondition.Clock,
            _ => SourceCondition.Failed,
        },
    };

    private Task<RunOutcome> RunAsync(Func<bool> until, CancellationToken deadline, CancellationToken cancellationToken) =>
        InTurnAsync(stop => RunInTurnAsync(until, deadline, stop), cancellationToken);

    private async Task<RunOutcome> InTurnAsync(Func<CancellationToken, Task<RunOutcome>> run, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            // Not disposed: a change may have taken hold of it just before the run ends.
            var interrupt = new CancellationTokenSource();
            Volatile.Write(ref _interrupt, interrupt);

            // A change that was asked for before this line could not see the run.
            if (Volatile.Read(ref _changes) > 0) await interrupt.CancelAsync();

            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, interrupt.Token);
            try
            {
                return await run(stop.Token);
            }
            catch (OperationCanceledException e) when (interrupt.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                return Last ?? Failed(RunEnd.Behind, "the run was ended by a change of an operator; the next one goes on from there.", e);
            }
            finally
            {
                Volatile.Write(ref _interrupt, null);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<RunOutcome> RunInTurnAsync(Func<bool> until, CancellationToken deadline, CancellationToken cancellationToken)
    {
        if (Last is not null && time.GetElapsedTime(_wait.From) < _wait.For && !(Last.End == RunEnd.Refused && Source.Source.HasNewCredential)) return Last;

        _wait = default;
        _hasBegun = true;
        var began = time.GetTimestamp();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(deadline, cancellationToken);
        var outcome = await TryAsync(Collector.PollAsync, "the present was reached", null, deadline, stop.Token, cancellationToken);

        // What follows may take long, and reads nothing that is later.
        var readTo = Source.Source.Present;
        if ((outcome.End is RunEnd.UpToDate or RunEnd.Incomplete or RunEnd.Clock) && IsSweepDue())
        {
            var swept = await TryAsync(
                ct => Collector.SweepAsync(Source.Options.SweepRange, Source.Options.Overlap, until, ct),
                "the sweep was at its end",
                outcome.Result,
                deadline,
                stop.Token,
                cancellationToken);
            if (swept.End == RunEnd.UpToDate && Collector.Checkpoint?.Suspects.FirstOrDefault(range => !range.Accepted) is { } suspect)
            {
                swept = swept with { End = RunEnd.Incomplete, Reason = $"the sweep could not read {suspect}. {suspect.Cause}" };
            }

            outcome = Both(outcome, swept);
        }

        if (outcome.End is RunEnd.UpToDate or RunEnd.Incomplete or RunEnd.Clock && Collector.Checkpoint?.OpenRanges.Any() == true
            && time.GetElapsedTime(_rangesWait.From) >= _rangesWait.For)
        {
            Collector.Committed += LogRanges;
            var wait = _wait;
            RunOutcome ranges;
            try
            {
                ranges = await ReadRangesAsync(until, outcome.Result, deadline, stop.Token, cancellationToken);
            }
            finally
            {
                Collector.Committed -= LogRanges;
            }

            // What a vendor refuses of a range of the past is no trouble of the present: polls go on by their schedule.
            if (ranges.End != RunEnd.Failed) _wait = wait;

            _rangesWait = ranges.End == RunEnd.UpToDate ? default : (time.GetTimestamp(), AskVendorAgain);
            outcome = _isOnlyRun || ranges.End is RunEnd.Failed or RunEnd.Behind
                ? Both(outcome, ranges)
                : outcome with { Result = outcome.Result + ranges.Result };
        }

        if (outcome.End == RunEnd.UpToDate && QuietFor() is { } quiet)
        {
            outcome = outcome with { End = RunEnd.Quiet, Reason = quiet };
            if (_reminder.IsDue(nameof(RunEnd.Quiet))) LogQuiet(Source.Name, quiet, QuietFix);
        }

        if (outcome.End == RunEnd.UpToDate && _reminder.Clear() is { } lasted) LogWell(Source.Name, lasted.TotalSeconds);

        Instruments.PollDuration.Record(
            time.GetElapsedTime(began).TotalSeconds,
            Instruments.Tag(Instruments.Source, Key.Source),
            Instruments.Tag(Instruments.Account, Key.Account),
            Instruments.Tag(Instruments.Outcome, RunOutcome.Label(outcome.End)));
        if (Collector.Checkpoint is { } checkpoint) _rate.PerMinute(checkpoint.Totals.Published);

        lock (_gate)
        {
            if (outcome.End is RunEnd.UpToDate or RunEnd.Quiet) _lastSuccess = readTo;

            if (outcome.End == RunEnd.Quiet) _lastError = new Trouble(time.GetUtcNow(), outcome.Reason!, QuietFix);

            return Last = outcome;
        }
    }

    private async Task<RequestedRange> ChangeRangesAsync(
        Func<Checkpoint, (Checkpoint Checkpoint, RequestedRange Range)> change,
        Func<Checkpoint, Checkpoint, IReadOnlyList<EcsEvent>> events,
        CancellationToken cancellationToken)
    {
        var range = default(RequestedRange);
        Checkpoint Changed(Checkpoint checkpoint)
        {
            (checkpoint, range) = change(checkpoint);
            return checkpoint;
        }

        await ChangeAsync((collector, token) => collector.ChangeAsync(Changed, events, token), cancellationToken);
        return range!;
    }

    private Task<RunOutcome> ReadRangesAsync(
        Func<bool> until, PollResult? before, CancellationToken deadline, CancellationToken stop, CancellationToken cancellationToken) =>
        TryAsync(ct => Collector.ReadRangesAsync(until, ct), "the requested ranges were at their end", before, deadline, stop, cancellationToken);

    private void LogRanges(Checkpoint checkpoint, IReadOnlyList<EcsEvent> events) => _ranges.Show(checkpoint);

    /// <summary>What a poll came to, and what was done after it.</summary>
    private static RunOutcome Both(RunOutcome poll, RunOutcome then) =>
        (poll.End == RunEnd.UpToDate || then.End == RunEnd.Failed ? then : poll) with { Result = poll.Result + then.Result };

    /// <summary>Whether the poll after this run is due, by the schedule as it is at the beginning of the run.</summary>
    private Func<bool> UntilNextPoll()
    {
        var (began, now) = (time.GetTimestamp(), time.GetUtcNow());
        var wait = CronText.Next(Source.Options.Schedule, now) - now;
        return () => time.GetElapsedTime(began) >= wait;
    }

    /// <summary>Why the vendor may stand still; null when it does not, or may be quiet.</summary>
    private string? QuietFor()
    {
        if (Source.Options.ExpectActivityWithin is not { } within) return null;

        var newest = Collector.Checkpoint?.NewestEvent ?? Collector.Checkpoint?.Last?.EventTime;
        return newest is { } at && Source.Source.Present - at <= within ? null
            : newest is null ? string.Create(CultureInfo.InvariantCulture, $"There is no event yet, although one is expected within {within:c}.")
            : string.Create(CultureInfo.InvariantCulture, $"The newest event is of {newest:u}, although one is expected within {within:c}.");
    }

    private bool IsSweepDue() => Collector.Checkpoint?.Sweep is { } sweep
        && (sweep.Run is not null || CronText.Next(Source.Options.SweepSchedule, sweep.BeganAt ?? DateTimeOffset.UnixEpoch) <= Collector.Present);

    private static SourceUnavailableException Silent(TimeSpan silence) => new(
        string.Create(CultureInfo.InvariantCulture, $"The poll that is under way has received nothing for {silence.TotalSeconds:F0} s."),
        "Nothing, if it passes: the vendor does not answer, or its quota is used up. See the log, and the vendor's own status.");

    private void WaitFor(TimeSpan wait) => _wait = (time.GetTimestamp(), wait);

    /// <summary>The end of a line about trouble: what this process does about it by itself.</summary>
    private string Then(string service) => "Nothing is lost; " + (_isOnlyRun ? "the next run tries again." : service + ".");

    /// <param name="before">What the run did before this part of it.</param>
    private async Task<RunOutcome> TryAsync(
        Func<CancellationToken, Task<PollResult>> run,
        string aim,
        PollResult? before,
        CancellationToken deadline,
        CancellationToken stop,
        CancellationToken cancellationToken)
    {
        try
        {
            var result = await run(stop);
            return new RunOutcome(Source.Name, result, RunEnd.UpToDate, null, null);
        }
        catch (OperationCanceledException e) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            LogBehind(Source.Name, aim);
            return Failed(RunEnd.Behind, $"the time of this run was over before {aim}.", e);
        }
        catch (OperationCanceledException e) when (cancellationToken.IsCancellationRequested)
        {
            var result = (before ?? PollResult.None) + Collector.Result;
            if (_isOnlyRun) Last = new RunOutcome(Source.Name, result, RunEnd.Interrupted, $"it was asked to stop before {aim}.", e);

            throw;
        }
        catch (SourcePausedException e)
        {
            if (Last?.End != RunEnd.Paused) LogPaused(Source.Name, e.Message, e.Fix);

            return Failed(RunEnd.Paused, e.Message, e);
        }
        catch (SourceIncompleteException e)
        {
            if (_reminder.IsDue(e.Message)) LogIncomplete(Source.Name, e.Message, e.Fix);

            return Failed(RunEnd.Incomplete, e.Message, e);
        }
        catch (SourceClockException e)
        {
            if (_reminder.IsDue(e.Message)) LogClock(Source.Name, e.Message, e.Fix);

            return Failed(RunEnd.Clock, e.Message, e);
        }
        catch (SourceRefusedException e)
        {
            WaitFor(AskVendorAgain);
            if (_reminder.IsDue(e.Message)) LogRefused(Source.Name, e.Message, e.Fix, Then($"it is asked again every {Minutes(AskVendorAgain)}"));

            return Failed(RunEnd.Refused, e.Message, e);
        }
        catch (SourceUnavailableException e)
        {
            if (_reminder.IsDue(e.Message)) LogUnavailable(Source.Name, e.Message, e.Fix, Then(NextPoll));

            return Failed(RunEnd.Unavailable, e.Message, e);
        }
        catch (JournalStandbyException e)
        {
            if (Last?.Failure is not JournalStandbyException) LogStandby(Source.Name, e.Message, e.Fix);

            return Failed(RunEnd.Failed, e.Message, e);
        }
        catch (JournalFencedException e)
        {
            var wait = _fences.Next();
            WaitFor(wait);
            if (_fences.IsContest)
            {
                LogContest(Source.Name, _fences.Recent, e.Message, e.Fix, Then($"it is tried again after {wait.TotalSeconds:F0} s"));
            }
            else
            {
                LogFenced(Source.Name, e.Message, e.Fix, Then($"it is taken back after {wait.TotalSeconds:F0} s"));
            }

            return Failed(RunEnd.Failed, e.Message, e);
        }
        catch (JournalMisconfiguredException e)
        {
            WaitFor(AskJournalAgain);
            if (_reminder.IsDue(e)) LogMisconfigured(Source.Name, e.Message, e.Fix, Then($"it is tried again every {Minutes(AskJournalAgain)}"));

            return Failed(RunEnd.Failed, e.Message, e);
        }
        catch (JournalLostException e)
        {
            // The process ends with it, and says why.
            return Failed(RunEnd.Failed, e.Message, e);
        }
        catch (JournalException e)
        {
            if (_reminder.IsDue(e)) LogJournal(Source.Name, e.Message, e.Fix, Then(NextPoll));

            return Failed(RunEnd.Failed, e.Message, e);
        }
        catch (OutOfMemoryException e)
        {
            var cause = string.Create(
                CultureInfo.InvariantCulture,
                $"The process has too little memory for what the vendor sends: {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (1024 * 1024)} MB.");
            if (_reminder.IsDue(cause)) LogMemory(Source.Name, cause, Then(NextPoll));

            return Failed(RunEnd.Failed, cause, e);
        }
#pragma warning disable CA1031 // The edge of a job: a defect in one source must not end the others.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogDefect(e, Source.Name, Then(NextPoll));
            return Failed(RunEnd.Failed, e.Message, e);
        }
        finally
        {
            LogResult(Collector.Result.Counts);
        }
    }

    private static string Minutes(TimeSpan interval) => interval.TotalMinutes == 1 ? "minute" : $"{interval.TotalMinutes:F0} minutes";

    private RunOutcome Failed(RunEnd end, string reason, Exception e)
    {
        if (end != RunEnd.Paused && e is not JournalStandbyException)
        {
            lock (_gate)
            {
                _lastError = new Trouble(time.GetUtcNow(), reason, FixOf(e));
            }
        }

        return new(Source.Name, Collector.Result, end, reason, e);
    }

    private static string? FixOf(RunOutcome outcome) =>
        outcome.End == RunEnd.Quiet ? QuietFix : outcome.Failure is { } failure ? FixOf(failure) : null;

    private static string FixOf(Exception e) => e switch
    {
        SourceException failure => failure.Fix,
        JournalException failure => failure.Fix,
        OperationCanceledException => "Nothing: the next run goes on from there.",
        OutOfMemoryException => "Give the process more memory.",
        _ => "See the log, and report it as a defect of the connector.",
    };

    private void LogResult(CollectedCounts counts)
    {
        if (counts.Published + counts.DeadLetters + counts.Empty == 0) return;

        var (events, details) = (CountText.Noun(counts.Published, "event"), Details(counts));
        LogCollected(counts.DeadLetters > 0 ? LogLevel.Warning : LogLevel.Information, Source.Name, counts.Published, events, details);
    }

    private static string Details(CollectedCounts counts)
    {
        (long Count, string What)[] parts =
        [
            (counts.Late, "found late by a sweep"),
            (counts.Revised, "changed by the vendor since they were committed first"),
            (counts.DeadLetters, "kept as dead letters instead"),
            (counts.Known, "were known already"),
            (counts.Grown, "were known already and have only a new field"),
            (counts.Empty, "records without content"),
        ];
        var named = parts.Where(p => p.Count > 0).Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.Count} {p.What}")).ToList();
        return named.Count == 0 ? "" : $" ({string.Join(", ", named)})";
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Source}: quiet for too long: {Cause} {Fix}")]
    private partial void LogQuiet(string source, string cause, string fix);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Source}: {Cause} {Fix}")]
    private partial void LogPaused(string source, string cause, string fix);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Source}: incomplete: {Cause} {Fix}")]
    private partial void LogIncomplete(string source, string cause, string fix);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Source}: {Cause} Give it more. {Then}")]
    private partial void LogMemory(string source, string cause, string then);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Source}: it is up to date again, after {Seconds:F0} s.")]
    private partial void LogWell(string source, double seconds);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Source}: clock: {Cause} {Fix}")]
    private partial void LogClock(string source, string cause, string fix);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "{Source}: behind: the time of this run was over before {Aim}. What was committed stays; the next run resumes from there.")]
    private partial void LogBehind(string source, string aim);

    [LoggerMessage(Message = "{Source}: {Published} {Events} committed{Details}.")]
    private partial void LogCollected(LogLevel level, string source, long published, string events, string details);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Source}: {Cause} {Fix} {Then}")]
    private partial void LogRefused(string source, string cause, string fix, string then);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Source}: {Cause} {Fix} {Then}")]
    private partial void LogUnavailable(string source, string cause, string fix, string then);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Source}: {Cause} {Fix} {Then}")]
    private partial void LogJournal(string source, string cause, string fix, string then);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Source}: {Cause} {Fix} {Then}")]
    private partial void LogMisconfigured(string source, string cause, string fix, string then);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Source}: {Cause} {Fix}")]
    private partial void LogStandby(string source, string cause, string fix);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Source}: {Cause} {Fix} {Then}")]
    private partial void LogFenced(string source, string cause, string fix, string then);

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "{Source}: fenced {Times} times within ten minutes: two deployments write the same source. {Cause} {Fix} {Then}")]
    private partial void LogContest(string source, int times, string cause, string fix, string then);

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "{Source}: a defect in the connector stopped this run. {Then} Please report it with the lines below.")]
    private partial void LogDefect(Exception e, string source, string then);
}
