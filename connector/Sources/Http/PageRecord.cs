namespace ActivityConnector.Sources.Http;

/// <summary>One record as a slice of its page.</summary>
/// <param name="Json">The whole record.</param>
/// <param name="Id">The text of its id as it stands in the page, without quotes; empty when it has none.</param>
/// <param name="Time">Its own time in Unix milliseconds, or <see cref="RecordTime.Unknown"/>.</param>
/// <param name="ReceivedAt">When its response came in.</param>
/// <param name="Account">The text of the shape's account property as it stands in the page, without quotes; empty without a string there.</param>
/// <param name="IsSalvaged">Its page was broken elsewhere.</param>
internal readonly record struct PageRecord(
    ReadOnlyMemory<byte> Json,
    ReadOnlyMemory<byte> Id,
    long Time,
    DateTimeOffset ReceivedAt,
    ReadOnlyMemory<byte> Account = default,
    bool IsSalvaged = false);
