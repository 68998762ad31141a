using ActivityConnector.Pipeline;

namespace ActivityConnector.Sinks.Elasticsearch;

/// <summary>
/// What happens between two tries: a delay, and a line for the operator when a reason to wait begins, once an hour while it lasts, and when all
/// are over. Without a limit it waits for as long as it takes; with one it gives up when nothing was settled for so long, and at once where an
/// operator must act.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class BackOff(TimeSpan? limit, TimeProvider time, Random random, ILogger log)
{
    public static readonly TimeSpan OperatorDelay = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    /// <summary>What passes by the third try is no state: it is not worth a line, but for a long wait.</summary>
    private const int WorthALine = 2;

    private static readonly TimeSpan LongWait = TimeSpan.FromSeconds(30);

    private readonly HourlyReminder _reminder = new(time);
    private int _times;
    private long _since;

    /// <summary>From when the state lasts that was logged; null when none was.</summary>
    private long? _loggedSince;

    /// <summary>Why nothing is settled just now; null when the last try settled something. For any thread.</summary>
    public Trouble? Trouble { get; private set; }

    /// <summary>Full jitter over 0.5, 1, 2 … 60 s, but not less than the server asks for.</summary>
    public static TimeSpan Delay(int times, TimeSpan minimum, Random random)
    {
        var delay = ExponentialDelay.WithFullJitter(times, First, Longest, random);
        return delay > minimum ? delay : minimum;
    }

    /// <summary>Waits before the next try.</summary>
    /// <exception cref="SinkRefusedException">An operator must act, and this is not to be waited for.</exception>
    /// <exception cref="SinkUnavailableException">It has been waited for long enough.</exception>
    public async Task DelayAsync(RetryReason reason, CancellationToken cancellationToken)
    {
        if (_times == 0) _since = time.GetTimestamp();

        Trouble = new Trouble(time.GetUtcNow(), reason.Cause, reason.Fix);
        if (reason.NeedsOperator)
        {
            if (limit is not null) throw new SinkRefusedException(reason.Cause, reason.Fix);

            Log(reason, OperatorDelay);
            _times++;
            // Neither a cluster nor an operator reports when it is fixed: it is tried.
            await WaitAsync(reason, OperatorDelay, cancellationToken);
            return;
        }

        if (limit is { } most && time.GetElapsedTime(_since) >= most) throw new SinkUnavailableException(reason.Cause, reason.Fix);

        var delay = Delay(_times, reason.MinimumDelay, random);
        Log(reason, delay);
        _times++;
        // Time is what a server that is busy or away asks for.
        await WaitAsync(reason, delay, cancellationToken);
    }

    /// <summary>Something was settled.</summary>
    /// <param name="isWell">And nothing was blocked.</param>
    public void Reset(bool isWell)
    {
        _times = 0;
        if (isWell) Trouble = null;

        if (isWell && _loggedSince is { } since)
        {
            ElasticsearchLog.Recovered(log, time.GetElapsedTime(since).TotalSeconds);
            _loggedSince = null;
            _reminder.Clear();
        }
    }

    private async Task WaitAsync(RetryReason reason, TimeSpan delay, CancellationToken cancellationToken)
    {
        await Task.Delay(delay, time, cancellationToken);
        Instruments.SinkBlocked.Add(
            delay.TotalSeconds,
            Instruments.Tag(Instruments.Sink, ElasticsearchSink.ReaderName), Instruments.Tag(Instruments.Reason, reason.Kind));
    }

    private void Log(RetryReason reason, TimeSpan delay)
    {
        if (_loggedSince is null && !reason.NeedsOperator && _times < WorthALine && delay <= LongWait) return;

        _loggedSince ??= _since;
        if (!_reminder.IsDue(reason.Cause)) return;

        var since = time.GetUtcNow() - time.GetElapsedTime(_loggedSince.Value);
        if (reason.NeedsOperator)
        {
            ElasticsearchLog.Held(log, reason.Cause, reason.Fix, since, OperatorDelay.TotalSeconds);
        }
        else
        {
            ElasticsearchLog.Again(log, reason.Cause, reason.Fix, since, Math.Max(60, delay.TotalSeconds));
        }
    }
}
