using System.ComponentModel.DataAnnotations;

namespace ActivityConnector.Sources.Sequence;

/// <summary>One Sequence account.</summary>
public sealed class SequenceOptions
{
    public bool? Enabled { get; init; }

    public string? Account { get; init; }

    public string BaseUrl { get; init; } = "https://eu.sequencehq.com/api";

    public string? ClientId { get; init; }

    public string? ClientSecret { get; init; }

    public string? ClientSecretFile { get; init; }

    public string ApiVersion { get; init; } = "2024-07-30";

    public string Schedule { get; init; } = "0/30 * * * * ?";

    [Range(1, 100)]
    public int PageSize { get; init; } = 100;

    public TimeSpan HoldBack { get; init; } = TimeSpan.FromMinutes(10);

    [Range(1, 1500)]
    public int RequestsPerMinute { get; init; } = 60;

    public string? StartAt { get; init; }

    public string? SweepSchedule { get; init; } = "0 47 3 * * ?";

    public TimeSpan SweepRange { get; init; } = TimeSpan.FromDays(2);
}
