namespace ActivityConnector.Pipeline;

/// <summary>The options that the account of every vendor has.</summary>
public interface ISourceOptions
{
    /// <summary>Whether the account is read; null when its credentials decide.</summary>
    bool? Enabled { get; }

    /// <summary>The name of the account; null when it is not given.</summary>
    string? Account { get; }

    /// <summary>The address of the vendor's API.</summary>
    string BaseUrl { get; }

    /// <summary>When to poll: a Quartz cron expression in UTC.</summary>
    string Schedule { get; }

    /// <summary>When to sweep: a Quartz cron expression in UTC.</summary>
    string SweepSchedule { get; }

    /// <summary>How far back a sweep reads.</summary>
    TimeSpan SweepRange { get; }

    /// <summary>How far back every poll reads again.</summary>
    TimeSpan Overlap { get; }

    /// <summary>No record of the vendor is older.</summary>
    DateTimeOffset Earliest { get; }

    /// <summary>The option that makes <see cref="Overlap"/> longer.</summary>
    string OverlapOption { get; }

    /// <summary>How old the newest event may become before the source is quiet for too long; null = a source may be quiet without end.</summary>
    TimeSpan? ExpectActivityWithin { get; }

    /// <summary>Where the first read starts: a time, or <c>-30d</c>; null for the beginning.</summary>
    string? StartAt { get; }

    /// <summary>Where a source begins that was never read: the configured start, or as far back as the vendor goes.</summary>
    /// <exception cref="SourceRefusedException">The configured start is later than <paramref name="present"/>.</exception>
    SourcePosition FirstPosition(DateTimeOffset present);

    /// <summary>True when any part of a credential is given: a credential that is incomplete is a mistake to report, not a source that is off.</summary>
    bool HasAnyCredential { get; }
}
