namespace ActivityConnector.Sources.Http;

/// <summary>Every message of the sources. None has a credential, a cursor or a query in it.</summary>
internal static partial class SourceLog
{
    [LoggerMessage(EventId = 1001, Message = "{Vendor} {Path}: {Problem}; attempt {Attempt} of {MaxAttempts}, next in {Seconds:F1} s.")]
    public static partial void Retry(
        ILogger logger, LogLevel level, string vendor, string path, string problem, int attempt, int maxAttempts, double seconds);

    [LoggerMessage(EventId = 1002, Message = "{Vendor} {Path}: the quota is used up; asking again in {Seconds:F1} s.")]
    public static partial void QuotaWait(ILogger logger, LogLevel level, string vendor, string path, double seconds);

    [LoggerMessage(1003, LogLevel.Information,
        "{Vendor}: {Remaining} of {Limit} requests left; the rest is left to other applications until the quota is renewed.")]
    public static partial void QuotaReserve(ILogger logger, string vendor, long remaining, long limit);

    [LoggerMessage(1004, LogLevel.Information, "{Vendor}: the credential was refused, but has changed since; asking again with the new one.")]
    public static partial void SecretChanged(ILogger logger, string vendor);

    [LoggerMessage(1005, LogLevel.Warning, "{Vendor} answers in version {Answered} instead of {Asked}. Set {Section}:ApiVersion to a version it still serves.")]
    public static partial void OtherVersion(ILogger logger, string vendor, string answered, string asked, string section);

    [LoggerMessage(1007, LogLevel.Warning, "{Vendor} cannot answer for {Width} at once; reading less at a time.")]
    public static partial void WindowNarrowed(ILogger logger, string vendor, TimeSpan width);

    [LoggerMessage(1009, LogLevel.Information, "{Vendor} pages by cursors here instead of by numbers; both work.")]
    public static partial void CursorPages(ILogger logger, string vendor);

    [LoggerMessage(1010, LogLevel.Warning, "{Vendor}'s workspace cannot be checked (HTTP status {Status}); the configured Account '{Account}' is used.")]
    public static partial void WorkspaceUnchecked(ILogger logger, string vendor, int status, string account);

    [LoggerMessage(1011, LogLevel.Error,
        "{Vendor} refused the stored cursor; reading again from an older one, of {At:u}. Nothing is skipped; what is known is not "
        + "published again.")]
    public static partial void CursorRefused(ILogger logger, string vendor, DateTimeOffset at);

    [LoggerMessage(1017, LogLevel.Error, "{Vendor} refused the stored cursor; going back to the beginning of the list. What is known is not published again.")]
    public static partial void BackToBeginning(ILogger logger, string vendor);

    [LoggerMessage(1012, LogLevel.Error, "{Vendor} refused every stored cursor; reading the whole list again. What is known is not published again.")]
    public static partial void CursorsLost(ILogger logger, string vendor);

    [LoggerMessage(1013, LogLevel.Error,
        "{Vendor} refused every stored cursor; reading the whole list again. Records from before {SkipBefore:u} were read before and "
        + "are left out, because the journal does not know them any more; later ones are published if they are not known.")]
    public static partial void CursorsLostAndForgotten(ILogger logger, string vendor, DateTimeOffset skipBefore);

    [LoggerMessage(1016, LogLevel.Warning,
        "{Vendor}: no record of a page has a readable time; the position waits there until a later page is old, or for {HoldBack}.")]
    public static partial void NoTimes(ILogger logger, string vendor, TimeSpan holdBack);

    [LoggerMessage(1018, LogLevel.Warning, "{Vendor} announces pages that do not exist; what exists is read.")]
    public static partial void WrongTotals(ILogger logger, string vendor);

    [LoggerMessage(1019, LogLevel.Warning, "{Vendor}: StartAt ({Start:u}) is before the existing start ({From:u}), which is kept. {Fix}")]
    public static partial void EarlierStart(ILogger logger, string vendor, DateTimeOffset start, DateTimeOffset from, string fix);

    [LoggerMessage(1031, LogLevel.Information, "{Vendor}: records of the account {Account} have joined the list.")]
    public static partial void AccountJoined(ILogger logger, string vendor, string account);
}
