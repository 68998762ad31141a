using ActivityConnector.Sources.Http;

namespace ActivityConnector.Sources.Intercom;

/// <summary>What keeps a range from being shown complete although the vendor answers.</summary>
internal static class RangeFailures
{
    public static Failure Endless { get; } = Of("Intercom's link to the next page leads back to a page that was read, or on without end.");

    public static Failure OnlyEmptyPages { get; } = Of("Intercom leads on from one page without records to another, without end.");

    public static Failure NoPaging { get; } = Of("Intercom sent a broken page that does not show whether another follows.");

    public static Failure NeverAtRest { get; } = Of("Intercom shows other records each time that the same pages are read.");

    public static Failure TooMuch { get; } = Of("Intercom has more records of one second than fit in the memory of this process.");

    public static Failure PagesMissing { get; } = Of(
        "Intercom does not show all pages of a range: it refuses one that it has offered, or has fewer than its total says.");

    /// <summary>No caller asks for the reason.</summary>
    public static Failure Dropped { get; } = Of("The window was read before its turn, and is not needed.");

    private static Failure Of(string cause) => new(
        FailureKind.Unreadable,
        200,
        cause,
        "It is read again; if it stays so, report it to Intercom with the version in Sources:Intercom:ApiVersion.",
        ConcernsRange: true);
}
