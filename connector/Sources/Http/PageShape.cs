namespace ActivityConnector.Sources.Http;

/// <summary>Where a vendor's page keeps its parts. Names are UTF-8.</summary>
/// <param name="Records">The array of records.</param>
/// <param name="Paging">The value that leads to the next page.</param>
/// <param name="CheckPaging">
/// Throws a <see cref="System.Text.Json.JsonException"/> for the JSON of a paging value that is not as the vendor promises; it gets no bytes
/// when there is no such value. A page that fails here is no page.
/// </param>
/// <param name="Type">What the property <c>type</c> must say, where it is present; null = anything.</param>
/// <param name="Time">The record's own time.</param>
/// <param name="Kind">The property that names what kind of activity a record is of.</param>
/// <param name="Account">The property of a record that names the account it belongs to; null = none.</param>
internal sealed record PageShape(
    byte[] Records, byte[] Paging, Action<ReadOnlyMemory<byte>> CheckPaging, byte[]? Type, byte[] Time, byte[] Kind, byte[]? Account = null);
