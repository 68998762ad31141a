namespace ActivityConnector.Pipeline;

/// <summary>One thing that was tried before it is needed, and what came of it.</summary>
/// <param name="Part">What was tried, in a few words.</param>
/// <param name="Found">What was found, or what is wrong.</param>
/// <param name="Fix">What to do about it; null = it is as it must be.</param>
public sealed record CheckResult(string Part, string Found, string? Fix = null)
{
    public bool Passed => Fix is null;

    /// <summary>It could not be tried, and may be needed all the same: neither a failure nor a proof.</summary>
    public bool IsUnknown { get; private init; }

    public static CheckResult NotChecked(string part, string why) => new(part, why) { IsUnknown = true };

    public static CheckResult Of(string part, JournalException e) => new(part, e.Message, e.Fix);
}
