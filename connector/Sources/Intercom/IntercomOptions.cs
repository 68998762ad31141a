using System.ComponentModel.DataAnnotations;
using ActivityConnector.Pipeline;
using ActivityConnector.Sources.Http;

namespace ActivityConnector.Sources.Intercom;

/// <summary>The section <c>Sources:Intercom</c>: the admin activity logs of one workspace.</summary>
public sealed class IntercomOptions : ISourceOptions
{
    /// <summary>Whether the source is read. The default value is empty: it is, as soon as it has an access token.</summary>
    public bool? Enabled { get; set; }

    /// <summary>The workspace's id (<c>app_id</c>). The default value is empty: Intercom is asked for it. With a value it is compared.</summary>
    public string? Account { get; set; }

    /// <summary>The API of the workspace's region. The default value is <c>https://api.intercom.io</c> (US).</summary>
    public string BaseUrl { get; set; } = "https://api.intercom.io";

    /// <summary>The access token. The default value is empty.</summary>
    public string? AccessToken { get; set; }

    /// <summary>A file that holds the access token, read again for each request. The default value is empty.</summary>
    public string? AccessTokenFile { get; set; }

    /// <summary>The version asked for, as text: 2.10 is not 2.1. The default value is <c>2.16</c>.</summary>
    [RegularExpression(@"\d+\.\d+|Preview|Unstable", ErrorMessage = "ApiVersion must be a version such as 2.16, or Preview.")]
    public string ApiVersion { get; set; } = "2.16";

    /// <summary>When to read, as a cron expression in UTC. The default value is every 30 seconds.</summary>
    public string Schedule { get; set; } = "0/30 * * * * ?";

    /// <summary>Records asked for in one page. The default value is 250, the vendor's most.</summary>
    [Range(1, 250)]
    [Unit("records")]
    public int PageSize { get; set; } = 250;

    /// <summary>How far before the watermark each read starts, for records that become visible late. The default value is 15 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan Lookback { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How far before the present each read ends. The default value is 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan Settle { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>The widest range that is asked for at once. The default value is 5 days: wider ones make Intercom fail.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "365.00:00:00")]
    public TimeSpan MaxWindow { get; set; } = TimeSpan.FromDays(5);

    /// <summary>
    /// How many ranges of time are read at once, one request at a time each, while there is history to read. The default value is 8. A tenth of Intercom's
    /// quota always stays for other apps.
    /// </summary>
    [Range(1, 32)]
    public int Concurrency { get; set; } = 8;

    /// <summary>Where the first read starts: a time, or <c>-30d</c>. The default value is empty: as far back as Intercom goes.</summary>
    public string? StartAt { get; set; }

    /// <summary>When to read the recent past again, as a cron expression in UTC. The default value is daily at 03:30.</summary>
    public string SweepSchedule { get; set; } = "0 30 3 * * ?";

    /// <summary>How far back a sweep looks at records again. The default value is 7 days.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "30.00:00:00")]
    public TimeSpan SweepRange { get; set; } = TimeSpan.FromDays(7);

    /// <summary>
    /// How old the newest event may become before the source counts as quiet for too long, which is unhealthy: for a workspace in which something always
    /// happens within this time. The default value is empty: a quiet workspace is healthy.
    /// </summary>
    [Range(typeof(TimeSpan), "00:05:00", "366.00:00:00")]
    public TimeSpan? ExpectActivityWithin { get; set; }

    /// <inheritdoc/>
    public TimeSpan Overlap => Lookback > Settle ? Lookback : Settle;

    /// <inheritdoc/>
    public DateTimeOffset Earliest => IntercomSource.Beginning;

    public string OverlapOption => "Sources:Intercom:Lookback";

    internal long MaxSpanSeconds => (long)MaxWindow.TotalSeconds;

    internal long LookbackSeconds => (long)Math.Ceiling(Lookback.TotalSeconds);

    internal long SettleSeconds => (long)Math.Ceiling(Settle.TotalSeconds);

    /// <inheritdoc/>
    public bool HasAnyCredential => Token.IsConfigured;

    /// <inheritdoc/>
    public SourcePosition FirstPosition(DateTimeOffset present)
    {
        var start = IntercomSource.StartOf(Http.StartAt.Parse(StartAt, present, "Sources:Intercom"));
        return new WindowPosition
        {
            Watermark = start - 1,
            SpanSeconds = Math.Min(WindowSpan.First, MaxSpanSeconds),
            LookbackSeconds = LookbackSeconds,
            SettleSeconds = SettleSeconds,
            BackfillFrom = start,
        };
    }

    internal Secret Token => new(AccessToken, AccessTokenFile, "Sources:Intercom:AccessToken");
}
