using System.Text.Json;

namespace ActivityConnector.Sources.Http;

internal sealed class OutsizedPage(PageBody body)
{
    public PageBody Body { get; } = body;

    public static ValueTask<OutsizedPage> ReadAsync(Stream stream, PageShape shape, int most, CancellationToken cancellationToken) =>
        throw new JsonException("not yet");

    public VendorPage ToPage(DateTimeOffset asOf, DateTimeOffset receivedAt) => new(Body) { AsOf = asOf, ReceivedAt = receivedAt };
}
