using ActivityConnector.Pipeline;

namespace ActivityConnector.Sinks.Elasticsearch;

/// <summary>
/// What happens between two tries: one line for the operator, then a wait. Without a limit it waits for as long as it takes; with one it
/// gives up when nothing was settled for so long, and at once where somebody must act.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class Waiting(TimeSpan? limit, TimeProvider time, Random random, ILogger log)
{
    public static readonly TimeSpan HoldFor = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    private int _times;
    private long _since;

    /// <summary>Full jitter over 0.5, 1, 2 … 60 s, but not less than the server asks for.</summary>
    public static TimeSpan Delay(int times, TimeSpan atLeast, Random random)
    {
        var most = First * Math.Pow(2, Math.Min(times, 10));
        var delay = (most < Longest ? most : Longest) * random.NextDouble();
        return delay > atLeast ? delay : atLeast;
    }

    /// <summary>Waits before the next try.</summary>
    /// <exception cref="SinkRefusedException">Somebody must act, and this is not to be waited for.</exception>
    /// <exception cref="SinkUnavailableException">It has been waited for long enough.</exception>
    public async Task AgainAsync(Trouble trouble, CancellationToken cancellationToken)
    {
        if (_times == 0)
        {
            _since = time.GetTimestamp();
        }

        if (trouble.NeedsSomebody)
        {
            if (limit is not null)
            {
                throw new SinkRefusedException(trouble.Cause, trouble.Fix);
            }

            _times++;
            ElasticsearchLog.Held(log, trouble.Cause, trouble.Fix, HoldFor.TotalSeconds);
            await Task.Delay(HoldFor, time, cancellationToken);
            return;
        }

        if (limit is { } most && time.GetElapsedTime(_since) >= most)
        {
            throw new SinkUnavailableException(trouble.Cause, trouble.Fix);
        }

        var delay = Delay(_times++, trouble.AtLeast, random);
        ElasticsearchLog.Again(log, trouble.Cause, trouble.Fix, delay.TotalSeconds);
        await Task.Delay(delay, time, cancellationToken);
    }

    /// <summary>Something was settled.</summary>
    public void Progressed()
    {
        if (_times > 0)
        {
            ElasticsearchLog.Recovered(log, time.GetElapsedTime(_since).TotalSeconds);
            _times = 0;
        }
    }
}

/// <summary>Why it does not go on, in words for the operator; nothing of a document is in them.</summary>
/// <param name="NeedsSomebody">It will not pass by itself.</param>
/// <param name="AtLeast">The server asks for so much time, or the guarantee does.</param>
internal sealed record Trouble(string Cause, string Fix, bool NeedsSomebody, TimeSpan AtLeast = default)
{
    private const string ResendAfter = "Nothing to do if it passes; see that the nodes of Elasticsearch:Urls can be reached and are well.";

    public static Trouble Outage(Answer answer) =>
        new($"Elasticsearch cannot take events ({answer}).", ResendAfter, false, Later(answer.IsAmbiguous || answer.IsSuccess ? TimeSpan.FromSeconds(1) : default, answer.RetryAfter));

    public static Trouble Busy(string said, TimeSpan? retryAfter) =>
        new($"Elasticsearch has more to do than it can ({said}).", "Nothing to do if it passes; else give the cluster more room, or lower Elasticsearch:BatchSize.", false, retryAfter ?? default);

    public static Trouble DiskFull { get; } =
        new("Elasticsearch's disk is full: it takes no more documents (flood stage).", "Give the cluster disk space; events wait in the journal.", false, Waiting.HoldFor);

    public static Trouble Unauthorized(string said) => new(
        $"Elasticsearch refused the credential, or it has no right to write ({said}).",
        "Set Elasticsearch:ApiKey, or Username and Password, with create_doc and create_index (data stream: auto_configure, read, view_index_metadata) on the indices; a changed file is read at once.",
        true);

    public static Trouble Blocked(string said) =>
        new($"Writing to an index is blocked ({said}).", "Lift the block, or open the index; no lifecycle action may make a month read-only.", true);

    public static Trouble Misconfigured(string said) => new(
        $"Elasticsearch does not take what it is sent ({said}).",
        "Check Elasticsearch:Urls, and the templates, aliases and pipelines of the cluster; the verb setup elasticsearch installs what is needed.",
        true);

    private static TimeSpan Later(TimeSpan a, TimeSpan? b) => b > a ? b.Value : a;
}
