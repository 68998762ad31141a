namespace ActivityConnector.Sinks.Elasticsearch;

/// <summary>Why events are not stored yet and are sent again later, in words for the operator. It holds no value of an event.</summary>
/// <param name="NeedsOperator">It lasts until an operator acts.</param>
/// <param name="MinimumDelay">The server asks for this delay, or the guarantee needs it.</param>
internal sealed record RetryReason(string Cause, string Fix, bool NeedsOperator, TimeSpan MinimumDelay = default)
{
    /// <summary>The <see cref="Kind"/> of a server that gives no other.</summary>
    public const string Unavailable = "unavailable";

    /// <summary>The reason in one word, for instruments.</summary>
    public string Kind { get; init; } = Unavailable;

    /// <summary>Only one index takes no events.</summary>
    public bool IsOfIndex { get; init; }

    /// <summary>An event that the server, or a pipeline of the cluster, fails at, and what the server says.</summary>
    public (PendingEvent Event, string Said)? FailedAt { get; init; }

    public const string UntrustedFix =
        "Set Elasticsearch:CaFile to the certificate of the authority that signed it, or CaFingerprint to its SHA-256; "
        + "if its host name is another one, correct Elasticsearch:Urls.";

    private const string OutageFix = "Nothing to do if it passes; see that the nodes of Elasticsearch:Urls can be reached and are well.";

    /// <summary>What the response to a request for setup or for an index means. Such a response quotes no event.</summary>
    public static RetryReason Of(ServerResponse response, string what = "") => BulkVerdicts.Of(response.Status, response.Error.Type) switch
    {
        BulkVerdict.Unauthorized => Unauthorized(response.ToString()),
        BulkVerdict.Hold => Blocked(response.ToString()),
        BulkVerdict.SlowDown => Busy(response.ToString(), response.RetryAfter),
        BulkVerdict.Misconfigured or BulkVerdict.Bisect or BulkVerdict.Split => Misconfigured($"{what}{response} {response.Error.ShortReason}".TrimEnd()),
        _ => Outage(response),
    };

    public static RetryReason Outage(ServerResponse response) => response.IsUntrusted
        ? new(
            $"Elasticsearch cannot take events: {response}.",
            UntrustedFix,
            true)
        {
            Kind = "untrusted",
        }
        : new(
            $"Elasticsearch cannot take events ({response}).",
            OutageFix,
            false,
            Later(response.IsAmbiguous || response.IsSuccess ? TimeSpan.FromSeconds(1) : default, response.RetryAfter));

    /// <summary>Such a response quotes no event.</summary>
    public static RetryReason NotMade(string index, ServerResponse response) => new(
        $"Index {index} cannot be made ({response}: {response.Error.ShortReason}).",
        "Change what the cluster names there, as cluster.max_shards_per_node; or make the index by hand.",
        true)
    {
        Kind = "misconfigured",
        IsOfIndex = true,
    };

    /// <summary>It answers with events that were not sent.</summary>
    public static RetryReason OtherAnswer { get; } = new(
        "Elasticsearch answered a bulk request with something else than the results of its events.",
        "See what stands between the connector and the nodes of Elasticsearch:Urls. Nothing is lost; the same is sent again.",
        false,
        TimeSpan.FromSeconds(1));

    /// <summary>A pipeline of the cluster's owner has given an event an id that another document has.</summary>
    public static RetryReason TakenId(string index) => new(
        $"An ingest pipeline gives events of {index} another _id, and a document with that id is there: they cannot be stored.",
        "Take _id out of the default or final pipeline of the index; the command check names the pipeline.",
        true)
    {
        Kind = "misconfigured",
    };

    /// <summary>It answers, and fails at events it is sent.</summary>
    public static RetryReason Failing(string said, PendingEvent e) => new(
        $"Elasticsearch fails at events of {e.Target} ({said}{e.Pipeline}).",
        "Correct what is named, or see the cluster's own log. An event at which it fails while it takes others becomes a dead letter; "
        + "events wait while it fails at every one.",
        false)
    {
        Kind = "failing",
        FailedAt = (e, said),
    };

    public static RetryReason Busy(string said, TimeSpan? retryAfter) => new(
        $"Elasticsearch has more to do than it can ({said}).",
        "Nothing to do if it passes; else give the cluster more room, or lower Elasticsearch:BatchSize.",
        false,
        retryAfter ?? default)
    {
        Kind = "busy",
    };

    public static RetryReason DiskFull { get; } = new(
        "Elasticsearch's disk is full: it takes no more documents (flood stage).",
        "Give the cluster disk space; events wait in the journal.",
        false,
        BackOff.OperatorDelay)
    {
        Kind = "disk_full",
    };

    public static RetryReason Unauthorized(string said) => new(
        $"Elasticsearch refused the credential, or it has no right to write ({said}).",
        "Set Elasticsearch:ApiKey, or Username and Password, with create_doc, create_index and auto_configure "
        + "(data stream: create_doc, auto_configure, read, view_index_metadata) on the indices; a changed file is read at once.",
        true)
    {
        Kind = "unauthorized",
    };

    public static RetryReason Blocked(string said) =>
        new($"Writing to an index is blocked ({said}).", "Lift the block, or open the index; no lifecycle action may make a month read-only.", true)
        {
            Kind = "blocked",
        };

    public static RetryReason Misconfigured(string said) => new(
        $"Elasticsearch does not take what it is sent ({said}).",
        "Check Elasticsearch:Urls, and the templates, aliases and pipelines of the cluster; the command setup elasticsearch installs what is needed.",
        true)
    {
        Kind = "misconfigured",
    };

    /// <summary>The one that needs an operator; of two that do not, the one with the longer delay.</summary>
    public static RetryReason? Worse(RetryReason? a, RetryReason? b) =>
        a is null ? b : b is null ? a : (b.NeedsOperator, b.MinimumDelay).CompareTo((a.NeedsOperator, a.MinimumDelay)) > 0 ? b : a;

    private static TimeSpan Later(TimeSpan a, TimeSpan? b) => b > a ? b.Value : a;
}
