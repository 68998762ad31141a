using System.Text.Json;
using ActivityConnector.Sources.Http;
using ActivityConnector.Sources.Intercom;
using ActivityConnector.Sources.Sequence;

namespace ActivityConnector.Tests.Fuzz.Targets;

/// <summary>
/// A page that is too large: it becomes a small one, or is refused with a <see cref="JsonException"/>. Each <c>~</c> stands for 70,000 letters.
/// </summary>
internal static class OutsizedPageTarget
{
    private const int MostBytes = 64 * 1024;
    private const int MostTildes = 20;

    private static readonly byte[] Letters = [.. Enumerable.Repeat((byte)'x', 70_000)];

    public static async Task ReadAsync(byte[] input)
    {
        var large = Large(input);
        foreach (var shape in new[] { IntercomPages.Shape, SequencePages.Shape })
        {
            try
            {
                var outsized = await OutsizedPage.ReadAsync(new MemoryStream(large), shape, MostBytes, CancellationToken.None);
                using var body = outsized.Body;
                using var page = outsized.ToPage(Golden.Vendors.ReceivedAt, Golden.Vendors.ReceivedAt);
                Assert.True(page.Bytes.Length <= 10 * MostBytes);
                Assert.All(page.Broken, b => Assert.True(b.Bytes.Length <= 10 * MostBytes));
                PageTarget.Check(page, shape);
            }
            catch (Exception e) when (e is JsonException or TooManyRecordsException)
            {
                // It is no page with one large record.
            }
        }
    }

    private static byte[] Large(byte[] input)
    {
        var large = new List<byte>(input.Length);
        var tildes = 0;
        foreach (var b in input)
        {
            if (b == '~' && tildes++ < MostTildes) large.AddRange(Letters);
            else large.Add(b);
        }

        return [.. large];
    }
}
