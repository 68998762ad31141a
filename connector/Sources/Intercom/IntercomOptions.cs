using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace ActivityConnector.Sources.Intercom;

/// <summary>One Intercom workspace.</summary>
public sealed class IntercomOptions
{
    public bool? Enabled { get; init; }

    public string? Account { get; init; }

    public string BaseUrl { get; init; } = "https://api.intercom.io";

    public string? AccessToken { get; init; }

    public string? AccessTokenFile { get; init; }

    public string ApiVersion { get; init; } = "2.16";

    public string Schedule { get; init; } = "0 * * * * ?";

    [Range(1, 250)]
    public int PageSize { get; init; } = 250;

    public TimeSpan Lookback { get; init; } = TimeSpan.FromMinutes(15);

    public TimeSpan Settle { get; init; } = TimeSpan.FromMinutes(1);

    public TimeSpan MaxWindow { get; init; } = TimeSpan.FromDays(5);

    public string? StartAt { get; init; }

    public string? SweepSchedule { get; init; } = "0 17 3 * * ?";

    public TimeSpan SweepRange { get; init; } = TimeSpan.FromDays(2);
}
