using System.Globalization;

namespace ActivityConnector.Sinks.Elasticsearch;

/// <summary>
/// Makes the index of a month before the first event goes there: by name, so that it never becomes a data stream, and with the month's end
/// as the time from which its age counts, so that history that is loaded today is deleted in its own time.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class MonthIndices(ClusterClient client, ILogger log)
{
    private readonly HashSet<string> _made = [];
    private bool _hasLifecycle = true;

    /// <summary>Whether the index was made, or found, since the start.</summary>
    public bool IsMade(string index) => _made.Contains(index);

    /// <summary>Null when the index is there, or may be relied upon to be.</summary>
    public async Task<RetryReason?> EnsureAsync(string index, CancellationToken cancellationToken)
    {
        var response = await client.PutAsync(index, _hasLifecycle ? Settings(index) : "{}", cancellationToken);
        if (_hasLifecycle && response.Status == 400 && response.Error.Says("index.lifecycle"))
        {
            // OpenSearch, or an Elasticsearch without lifecycle management.
            _hasLifecycle = false;
            response = await client.PutAsync(index, "{}", cancellationToken);
        }

        if (Problem(index, response) is { } reason) return reason;

        _made.Add(index);
        return null;
    }

    /// <summary>It was deleted behind our back.</summary>
    public void Forget(string index) => _made.Remove(index);

    private RetryReason? Problem(string index, ServerResponse response)
    {
        if (response.IsSuccess || (response.Status == 400 && response.Error.Type == "resource_already_exists_exception")) return null;

        if (response.Status == 403 && BulkVerdicts.Of(response.Status, response.Error.Type) == BulkVerdict.Unauthorized)
        {
            ElasticsearchLog.NotOursToMake(log, index, response.ToString());
            return null;
        }

        // What passes, and a credential that is refused, are a matter of the cluster; everything else is of this index.
        return BulkVerdicts.Of(response.Status, response.Error.Type) is BulkVerdict.Again or BulkVerdict.SlowDown or BulkVerdict.Unauthorized
            ? RetryReason.Of(response, $"index {index}: ")
            : RetryReason.NotMade(index, response);
    }

    private static string Settings(string index) => Targets.EndOf(index) is { } end
        ? string.Create(CultureInfo.InvariantCulture, $$$"""{"settings":{"index.lifecycle.origination_date":{{{end.ToUnixTimeMilliseconds()}}}}}""")

        // Without a month its age means nothing: an operator looks at it by hand.
        : """{"settings":{"index.lifecycle.name":null}}""";
}
