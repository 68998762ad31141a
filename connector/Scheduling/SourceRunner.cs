using ActivityConnector.Pipeline;

namespace ActivityConnector.Scheduling;

/// <summary>
/// The edge of one source's job: runs its collector, turns every failure into one line for the operator, and asks a vendor that has
/// refused only slowly. Never throws but for cancellation.
/// </summary>
/// <remarks>Not thread-safe; the schedule never runs one source twice at a time.</remarks>
public sealed partial class SourceRunner(ConfiguredSource source, Collector collector, TimeProvider time, Random random, ILogger<SourceRunner> log) : IAsyncDisposable
{
    private static readonly TimeSpan AskJournalAgain = TimeSpan.FromMinutes(1);

    private readonly FenceGuard _fences = new(time, random);
    private DateTimeOffset _askAgainAt = DateTimeOffset.MinValue;

    public ConfiguredSource Source { get; } = source;

    public Collector Collector { get; } = collector;

    /// <summary>What the last run came to; null before the first has ended.</summary>
    public RunOutcome? Last { get; private set; }

    /// <summary>Collects up to the present. Does nothing while the vendor's refusal is younger than its probe interval.</summary>
    public Task<RunOutcome> PollAsync(CancellationToken cancellationToken) => RunAsync(Collector.PollAsync, cancellationToken);

    /// <summary>
    /// The completeness check: collects up to the present, then reads the configured range again up to where the overlap begins, so
    /// that only what the overlap cannot find counts as late.
    /// </summary>
    public Task<RunOutcome> SweepAsync(CancellationToken cancellationToken) => RunAsync(
        async ct =>
        {
            var polled = await Collector.PollAsync(ct);
            var now = time.GetUtcNow();
            return polled + await Collector.SweepAsync(now - Source.SweepRange, now - Source.Overlap, ct);
        },
        cancellationToken);

    public ValueTask DisposeAsync() => Collector.DisposeAsync();

    private async Task<RunOutcome> RunAsync(Func<CancellationToken, Task<PollResult>> run, CancellationToken cancellationToken)
    {
        if (time.GetUtcNow() < _askAgainAt && Last is not null)
        {
            return Last;
        }

        return Last = await TryAsync(run, cancellationToken);
    }

    private async Task<RunOutcome> TryAsync(Func<CancellationToken, Task<PollResult>> run, CancellationToken cancellationToken)
    {
        try
        {
            var result = await run(cancellationToken);
            _askAgainAt = DateTimeOffset.MinValue;
            if (result.Published + result.DeadLetters + result.Invalid > 0)
            {
                LogCollected(Source.Name, result.Published, result.Duplicates, result.Grown, result.Late, result.Mutated, result.DeadLetters, result.Invalid);
            }

            return new RunOutcome(Source.Name, result, null);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (SourceRefusedException e)
        {
            _askAgainAt = time.GetUtcNow() + e.ProbeAfter;
            LogRefused(Source.Name, e.Message, e.Fix, e.ProbeAfter);
            return Failed(e);
        }
        catch (SourceUnavailableException e)
        {
            LogUnavailable(Source.Name, e.Message, e.Fix);
            return Failed(e);
        }
        catch (JournalStandbyException e)
        {
            if (Last?.Failure is not JournalStandbyException)
            {
                LogStandby(Source.Name, e.Message, e.Fix);
            }

            return Failed(e);
        }
        catch (JournalFencedException e)
        {
            var wait = _fences.Next();
            _askAgainAt = time.GetUtcNow() + wait;
            if (_fences.IsContest)
            {
                LogContest(Source.Name, _fences.Recent, e.Message, e.Fix, wait);
            }
            else
            {
                LogFenced(Source.Name, e.Message, e.Fix, wait);
            }

            return Failed(e);
        }
        catch (JournalMisconfiguredException e)
        {
            _askAgainAt = time.GetUtcNow() + AskJournalAgain;
            LogMisconfigured(Source.Name, e.Message, e.Fix, AskJournalAgain);
            return Failed(e);
        }
        catch (JournalException e)
        {
            LogJournal(Source.Name, e.Message, e.Fix);
            return Failed(e);
        }
#pragma warning disable CA1031 // The edge of a job: a defect in one source must not end the others.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogDefect(e, Source.Name);
            return Failed(e);
        }
    }

    private RunOutcome Failed(Exception e) => new(Source.Name, new PollResult(), e);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Source}: {Published} events committed ({Duplicates} known, {Grown} grown, {Late} late, {Mutated} revised, {DeadLetters} dead letters, {Invalid} empty records).")]
    private partial void LogCollected(string source, long published, long duplicates, long grown, long late, long mutated, long deadLetters, long invalid);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Source}: {Cause} {Fix} Nothing is lost; asking again after {ProbeAfter}.")]
    private partial void LogRefused(string source, string cause, string fix, TimeSpan probeAfter);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Source}: {Cause} {Fix} Nothing is lost; the next firing tries again.")]
    private partial void LogUnavailable(string source, string cause, string fix);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Source}: {Cause} {Fix} Nothing is lost; the next firing tries again.")]
    private partial void LogJournal(string source, string cause, string fix);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Source}: {Cause} {Fix} Nothing is lost; trying again after {Wait}.")]
    private partial void LogMisconfigured(string source, string cause, string fix, TimeSpan wait);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Source}: {Cause} {Fix}")]
    private partial void LogStandby(string source, string cause, string fix);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Source}: {Cause} {Fix} Nothing is lost; taking it back after {Wait}.")]
    private partial void LogFenced(string source, string cause, string fix, TimeSpan wait);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Source}: fenced {Times} times within ten minutes: two deployments write the same source. {Cause} {Fix} Nothing is lost or doubled; trying again after {Wait}.")]
    private partial void LogContest(string source, int times, string cause, string fix, TimeSpan wait);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Source}: a defect in the connector stopped this run. Nothing is lost; the next firing tries again. Please report it with the lines below.")]
    private partial void LogDefect(Exception e, string source);
}
