using System.ComponentModel.DataAnnotations;
using ActivityConnector.Pipeline;
using ActivityConnector.Sources.Http;

namespace ActivityConnector.Sources.Sequence;

/// <summary>The section <c>Sources:Sequence</c>: the activity logs that one API credential sees.</summary>
public sealed class SequenceOptions : ISourceOptions
{
    /// <summary>What checkpoints call the account that no option names.</summary>
    public const string DefaultAccount = "default";

    /// <summary>
    /// Whether the source is read. The default value is empty: it is, as soon as it has a client id or secret; half a credential is reported.
    /// </summary>
    public bool? Enabled { get; set; }

    /// <summary>What checkpoints call this account. The default value is empty, which means <c>default</c>.</summary>
    public string? Account { get; set; }

    /// <summary>The API, <c>/api</c> included. The default value is <c>https://eu.sequencehq.com/api</c> (production).</summary>
    public string BaseUrl { get; set; } = "https://eu.sequencehq.com/api";

    /// <summary>The client id of the API credential. The default value is empty.</summary>
    public string? ClientId { get; set; }

    /// <summary>A file that holds the client id, read again for each request. The default value is empty.</summary>
    public string? ClientIdFile { get; set; }

    /// <summary>The client secret of the API credential. The default value is empty.</summary>
    public string? ClientSecret { get; set; }

    /// <summary>A file that holds the client secret, read again for each request. The default value is empty.</summary>
    public string? ClientSecretFile { get; set; }

    /// <summary>The version asked for. The default value is <c>2024-07-30</c>, the only one with activity logs.</summary>
    public string ApiVersion { get; set; } = "2024-07-30";

    /// <summary>When to read, as a cron expression in UTC. The default value is every 30 seconds.</summary>
    public string Schedule { get; set; } = "0/30 * * * * ?";

    /// <summary>
    /// Records asked for in one page, at least 10, so that a few with a wrong time are not a whole page. The default value is 100, the vendor's most.
    /// </summary>
    [Range(10, 100)]
    [Unit("records")]
    public int PageSize { get; set; } = 100;

    /// <summary>
    /// How old everything on a page must be before the position moves past it, for records that become visible late. The default value
    /// is 10 minutes.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan HoldBack { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Requests that are sent in a minute at the most. The default value is 1000: Sequence allows 1,500 for each credential.</summary>
    [Range(1, 1_000_000)]
    [Unit("requests")]
    public int RequestsPerMinute { get; set; } = 1000;

    /// <summary>Records before this time are left out: a time, or <c>-30d</c>. The default value is empty: all there are.</summary>
    public string? StartAt { get; set; }

    /// <summary>When to read the recent past again, as a cron expression in UTC. The default value is daily at 03:45.</summary>
    public string SweepSchedule { get; set; } = "0 45 3 * * ?";

    /// <summary>How far back a sweep looks at records again. The default value is 7 days.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "30.00:00:00")]
    public TimeSpan SweepRange { get; set; } = TimeSpan.FromDays(7);

    /// <summary>
    /// How old the newest event may become before the source counts as quiet for too long, which is unhealthy: for an account in which something always
    /// happens within this time. The default value is empty: a quiet account is healthy.
    /// </summary>
    [Range(typeof(TimeSpan), "00:05:00", "366.00:00:00")]
    public TimeSpan? ExpectActivityWithin { get; set; }

    /// <inheritdoc/>
    public TimeSpan Overlap => HoldBack;

    /// <inheritdoc/>
    public SourcePosition FirstPosition(DateTimeOffset present) => new CursorPosition
    {
        After = null,
        Days = [DayCursors.Beginning],
        Limit = PageSize,
        BackfillFrom = Http.StartAt.Parse(StartAt, present, "Sources:Sequence")?.ToUnixTimeSeconds(),
    };

    /// <inheritdoc/>
    public DateTimeOffset Earliest => DateTimeOffset.UnixEpoch;

    public string OverlapOption => "Sources:Sequence:HoldBack";

    /// <inheritdoc/>
    public bool HasAnyCredential => Id.IsConfigured || Key.IsConfigured;

    internal Secret Id => new(ClientId, ClientIdFile, "Sources:Sequence:ClientId");

    internal Secret Key => new(ClientSecret, ClientSecretFile, "Sources:Sequence:ClientSecret");
}
