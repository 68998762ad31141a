namespace ActivityConnector.Sources.Http;

/// <summary>A part of a page's array that cannot be delivered as a record; it becomes a dead letter.</summary>
/// <param name="Bytes">Its text, or only the first part of it.</param>
/// <param name="Length">The length of the whole text in bytes.</param>
/// <param name="Reason">What is wrong, in plain words without values of the record; at most 256 characters.</param>
internal readonly record struct BrokenElement(ReadOnlyMemory<byte> Bytes, long Length, string Reason)
{
    /// <summary>The text of the record's id, without quotes; empty where it is not known.</summary>
    public ReadOnlyMemory<byte> Id { get; init; }

    /// <summary>The record's own time in Unix milliseconds, or <see cref="RecordTime.Unknown"/>.</summary>
    public long Time { get; init; } = RecordTime.Unknown;

    /// <summary>As <see cref="PageRecord.Account"/>.</summary>
    public ReadOnlyMemory<byte> Account { get; init; }
}
