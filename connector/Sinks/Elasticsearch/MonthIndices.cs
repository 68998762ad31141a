using System.Globalization;

namespace ActivityConnector.Sinks.Elasticsearch;

/// <summary>
/// Makes the index of a month before the first event goes there: by name, so that it never becomes a data stream, and with the month's end
/// as the time from which its age counts, so that history that is loaded today is deleted in its own time.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class MonthIndices(ElasticsearchClient client, ILogger log)
{
    private readonly HashSet<string> _made = [];
    private bool _hasLifecycle = true;

    /// <summary>Null when all are there, or may be relied upon to be.</summary>
    public async Task<Trouble?> EnsureAsync(IEnumerable<string> indices, CancellationToken cancellationToken)
    {
        foreach (var index in indices.Where(i => !_made.Contains(i)))
        {
            var answer = await client.PutAsync(index, _hasLifecycle ? Settings(index) : "{}", cancellationToken);
            if (_hasLifecycle && answer.Status == 400 && answer.Error.Says("index.lifecycle"))
            {
                // OpenSearch, or an Elasticsearch without lifecycle management.
                _hasLifecycle = false;
                answer = await client.PutAsync(index, "{}", cancellationToken);
            }

            if (Problem(index, answer) is { } trouble)
            {
                return trouble;
            }

            _made.Add(index);
        }

        return null;
    }

    /// <summary>It was deleted behind our back.</summary>
    public void Forget(string index) => _made.Remove(index);

    private Trouble? Problem(string index, Answer answer)
    {
        switch (BulkVerdicts.Of(answer.Status, answer.Error.Type, isReadable: true))
        {
            case BulkVerdict.Items:
            case BulkVerdict.Bisect when answer.Error.Type == "resource_already_exists_exception":
                return null;
            case BulkVerdict.Bisect or BulkVerdict.Misconfigured:
                return Trouble.Misconfigured($"{answer}: index {index} cannot be made");
            case BulkVerdict.Unauthorized when answer.Status == 403:
                ElasticsearchLog.NotOursToMake(log, index, answer.ToString());
                return null;
            case BulkVerdict.Unauthorized:
                return Trouble.Unauthorized(answer.ToString());
            case BulkVerdict.Hold:
                return Trouble.Blocked(answer.ToString());
            case BulkVerdict.SlowDown:
                return Trouble.Busy(answer.ToString(), answer.RetryAfter);
            default:
                return Trouble.Outage(answer);
        }
    }

    private static string Settings(string index) => Targets.EndOf(index) is { } end
        ? string.Create(CultureInfo.InvariantCulture, $$$"""{"settings":{"index.lifecycle.origination_date":{{{end.ToUnixTimeMilliseconds()}}}}}""")

        // Without a month its age means nothing: somebody looks at it by hand.
        : """{"settings":{"index.lifecycle.name":null}}""";
}
