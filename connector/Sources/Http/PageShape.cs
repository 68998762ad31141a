namespace ActivityConnector.Sources.Http;

/// <summary>Where a vendor's page keeps its parts. Names are UTF-8.</summary>
/// <param name="Records">The array of records.</param>
/// <param name="Paging">The object that leads to the next page.</param>
/// <param name="NeedsPaging">Whether a page without <paramref name="Paging"/> is no page.</param>
/// <param name="Type">What the property <c>type</c> must say, where it is present; null = anything.</param>
/// <param name="Time">The record's own time.</param>
internal sealed record PageShape(byte[] Records, byte[] Paging, bool NeedsPaging, byte[]? Type, byte[] Time);
