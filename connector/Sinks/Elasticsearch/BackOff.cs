using ActivityConnector.Pipeline;

namespace ActivityConnector.Sinks.Elasticsearch;

/// <summary>
/// What happens between two tries: a wait, and a line for the operator when it begins to hold, when the reason becomes another, once an hour
/// while it lasts, and when it is over. Without a limit it waits for as long as it takes; with one it gives up when nothing was settled for so
/// long, and at once where somebody must act.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class BackOff(TimeSpan? limit, TimeProvider time, Random random, ILogger log)
{
    public static readonly TimeSpan OperatorDelay = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Reminder = TimeSpan.FromHours(1);
    private static readonly TimeSpan BetweenReasons = TimeSpan.FromMinutes(1);

    /// <summary>What passes by the third try is no state: it is not worth a line.</summary>
    private const int WorthALine = 2;

    private int _times;
    private long _since;
    private RetryReason? _told;
    private long _toldAt;
    private long _holdingSince;

    /// <summary>Full jitter over 0.5, 1, 2 … 60 s, but not less than the server asks for.</summary>
    public static TimeSpan Delay(int times, TimeSpan minimum, Random random)
    {
        var most = First * Math.Pow(2, Math.Min(times, 10));
        var delay = (most < Longest ? most : Longest) * random.NextDouble();
        return delay > minimum ? delay : minimum;
    }

    /// <summary>Waits before the next try.</summary>
    /// <exception cref="SinkRefusedException">Somebody must act, and this is not to be waited for.</exception>
    /// <exception cref="SinkUnavailableException">It has been waited for long enough.</exception>
    public async Task DelayAsync(RetryReason reason, CancellationToken cancellationToken)
    {
        if (_times == 0)
        {
            _since = time.GetTimestamp();
        }

        if (reason.NeedsOperator)
        {
            if (limit is not null)
            {
                throw new SinkRefusedException(reason.Cause, reason.Fix);
            }

            Tell(reason);
            _times++;
            // Neither a cluster nor an operator tells when it is mended: it is tried.
            await Task.Delay(OperatorDelay, time, cancellationToken);
            return;
        }

        if (limit is { } most && time.GetElapsedTime(_since) >= most)
        {
            throw new SinkUnavailableException(reason.Cause, reason.Fix);
        }

        Tell(reason);
        // Time is what a server that is busy or away asks for.
        await Task.Delay(Delay(_times++, reason.MinimumDelay, random), time, cancellationToken);
    }

    /// <summary>Something was settled.</summary>
    /// <param name="isWell">And nothing was held up.</param>
    public void Reset(bool isWell)
    {
        _times = 0;
        if (isWell && _told is not null)
        {
            ElasticsearchLog.Recovered(log, time.GetElapsedTime(_holdingSince).TotalSeconds);
            _told = null;
        }
    }

    private void Tell(RetryReason reason)
    {
        if (_told is null)
        {
            if (!reason.NeedsOperator && _times < WorthALine)
            {
                return;
            }

            _holdingSince = _since;
        }
        else if (time.GetElapsedTime(_toldAt) < (reason.Fix == _told.Fix ? Reminder : reason.NeedsOperator ? TimeSpan.Zero : BetweenReasons))
        {
            return;
        }

        (_told, _toldAt) = (reason, time.GetTimestamp());
        var since = time.GetUtcNow() - time.GetElapsedTime(_holdingSince);
        if (reason.NeedsOperator)
        {
            ElasticsearchLog.Held(log, reason.Cause, reason.Fix, since, OperatorDelay.TotalSeconds);
        }
        else
        {
            ElasticsearchLog.Again(log, reason.Cause, reason.Fix, since);
        }
    }
}
