namespace ActivityConnector.Transforms;

/// <summary>One record exactly as the vendor sent it.</summary>
/// <param name="Json">The record's UTF-8 JSON text, a slice of its page: valid as long as the batch that brought it.</param>
/// <param name="ReceivedAt">When the response that held it was received (UTC); becomes <c>event.created</c>.</param>
/// <param name="IsSalvaged">Its page was broken elsewhere; the event gets a tag that says so. Neither its id nor its hash depends on it.</param>
public readonly record struct RawActivity(ReadOnlyMemory<byte> Json, DateTimeOffset ReceivedAt, bool IsSalvaged = false);
