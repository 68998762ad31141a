namespace ActivityConnector.Sinks.Elasticsearch;

/// <summary>Why it does not go on, in words for the operator; nothing of a document is in them.</summary>
/// <param name="NeedsSomebody">It will not pass by itself.</param>
/// <param name="AtLeast">The server asks for so much time, or the guarantee does.</param>
internal sealed record Trouble(string Cause, string Fix, bool NeedsSomebody, TimeSpan AtLeast = default)
{
    private const string ResendAfter = "Nothing to do if it passes; see that the nodes of Elasticsearch:Urls can be reached and are well.";

    public static Trouble Outage(Answer answer) =>
        new($"Elasticsearch cannot take events ({answer}).", ResendAfter, false, Later(answer.IsAmbiguous || answer.IsSuccess ? TimeSpan.FromSeconds(1) : default, answer.RetryAfter));

    /// <summary>It answers, and fails at events it is sent.</summary>
    public static Trouble Failing(string said) => new(
        $"Elasticsearch fails at events that it is sent ({said}).",
        "See the cluster's own log. If it fails at one event while it takes others, that one becomes a dead letter; if it fails at all, they wait.",
        false);

    public static Trouble Busy(string said, TimeSpan? retryAfter) =>
        new($"Elasticsearch has more to do than it can ({said}).", "Nothing to do if it passes; else give the cluster more room, or lower Elasticsearch:BatchSize.", false, retryAfter ?? default);

    public static Trouble DiskFull { get; } =
        new("Elasticsearch's disk is full: it takes no more documents (flood stage).", "Give the cluster disk space; events wait in the journal.", false, Waiting.HoldFor);

    public static Trouble Unauthorized(string said) => new(
        $"Elasticsearch refused the credential, or it has no right to write ({said}).",
        "Set Elasticsearch:ApiKey, or Username and Password, with create_doc, create_index and auto_configure (data stream: create_doc, auto_configure, read, view_index_metadata) on the indices; a changed file is read at once.",
        true);

    public static Trouble Blocked(string said) =>
        new($"Writing to an index is blocked ({said}).", "Lift the block, or open the index; no lifecycle action may make a month read-only.", true);

    public static Trouble Misconfigured(string said) => new(
        $"Elasticsearch does not take what it is sent ({said}).",
        "Check Elasticsearch:Urls, and the templates, aliases and pipelines of the cluster; the verb setup elasticsearch installs what is needed.",
        true);

    private static TimeSpan Later(TimeSpan a, TimeSpan? b) => b > a ? b.Value : a;
}
