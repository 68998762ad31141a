using System.Text.Json;
using ActivityConnector.Sources.Http;
using ActivityConnector.Sources.Intercom;
using ActivityConnector.Sources.Sequence;

namespace ActivityConnector.Tests.Fuzz.Targets;

/// <summary>
/// A page of a vendor: it is read, or refused with a <see cref="JsonException"/>; what was read is well-formed, in the page's order, and can be
/// worked with.
/// </summary>
internal static class PageTarget
{
    private const int Limit = 100;

    public static Task ReadAsync(byte[] input, PageShape shape)
    {
        using var page = TryRead(input, shape, PageSplitter.Split) ?? TryRead(input, shape, (p, s) => PageSalvage.Split(p, s));
        if (page is not null) Check(page, shape);
        return Task.CompletedTask;
    }

    /// <summary>Null when it is refused.</summary>
    public static VendorPage? TryRead(byte[] input, PageShape shape, Action<VendorPage, PageShape> read)
    {
        var page = new VendorPage(PageBody.Copy(input)) { AsOf = Golden.Vendors.ReceivedAt, ReceivedAt = Golden.Vendors.ReceivedAt };
        try
        {
            read(page, shape);
            return page;
        }
        catch (Exception e) when (e is JsonException or TooManyRecordsException)
        {
            page.Dispose();
            return null;
        }
    }

    public static void Check(VendorPage page, PageShape shape)
    {
        foreach (var record in page.Records)
        {
            using var whole = JsonDocument.Parse(record.Json, new JsonDocumentOptions { MaxDepth = PageElement.MaxDepth });
        }

        Assert.All(page.Broken, b => Assert.True(b.Reason.Length is > 0 and <= 256 && b.Length >= b.Bytes.Length && !b.Bytes.IsEmpty));
        if (shape == SequencePages.Shape)
        {
            _ = PageTimes.Of(page);
            _ = ListAccounts.With([], page);
            new CursorTrail(null, Limit).Follow(page, Limit);
        }
        else
        {
            var now = Golden.Vendors.ReceivedAt.ToUnixTimeSeconds();
            _ = new IntercomPage(page, new TimeWindow(0, now), Limit, 1, now);
        }

        var count = page.Records.Count;
        var builder = new BatchBuilder("test");
        builder.Add(page, "test", _ => true);
        builder.Sort();
        Assert.True(builder.Records <= count);
        builder.Clear();
    }
}
