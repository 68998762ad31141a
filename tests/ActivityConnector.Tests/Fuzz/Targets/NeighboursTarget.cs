using System.Text;
using System.Text.Json;
using ActivityConnector.Sources.Http;
using ActivityConnector.Sources.Intercom;
using ActivityConnector.Sources.Sequence;

namespace ActivityConnector.Tests.Fuzz.Targets;

/// <summary>
/// Any bytes between good records of a page: the page is refused as a whole, or each good record comes out of it as it is. Only where the bytes end
/// the array and begin another one are the records behind them no elements of it.
/// </summary>
internal static class NeighboursTarget
{
    private const int MostBrokenRecords = 2;

    public static Task ReadAsync(byte[] input)
    {
        Check(
            input, IntercomPages.Shape, """{"type":"activity_log.list","pages":{"next":null},"activity_logs":[""", "]}",
            """{"id":"first","created_at":1795280000,"activity_type":"app_name_change"}""",
            """{"id":"second","created_at":1795280001,"activity_type":"x","metadata":{"a":[{}]}}""",
            """{"activity_type":"third","id":3,"created_at":1795280002}""");
        Check(
            input, SequencePages.Shape, """{"items":[""", """],"pagination":{"after":"cursor"}}""",
            """{"id":"first","createdAt":"2026-11-21T20:00:00Z","activityType":"a"}""",
            """{"id":"second","createdAt":"2026-11-21T20:00:01Z","items":[{"pagination":[]}]}""",
            """{"sequenceAccountId":"acc","id":"third","createdAt":null}""");
        return Task.CompletedTask;
    }

    private static void Check(byte[] input, PageShape shape, string head, string tail, params string[] records)
    {
        byte[] bytes =
        [
            .. Encoding.UTF8.GetBytes($"{head}{records[0]},"), .. input, .. Encoding.UTF8.GetBytes($",{records[1]},{records[2]}{tail}"),
        ];
        using var page = PageTarget.TryRead(bytes, shape, PageSplitter.Split) ?? PageTarget.TryRead(bytes, shape, (p, s) => PageSalvage.Split(p, s));
        if (page is null || AreElsewhere(bytes, shape)) return;

        List<string> read = [.. page.Records.Select(r => Encoding.UTF8.GetString(r.Json.Span))];
        Assert.Contains(records[0], read);

        // A page is not parsed again for each of many broken records: then the rest of its text is kept as a dead letter.
        var mayBeKept = page.IsSalvaged && input.Count(b => b == '{') > MostBrokenRecords;
        if (mayBeKept) read.AddRange(page.Broken.Select(b => Encoding.UTF8.GetString(b.Bytes.Span)));
        foreach (var record in records[1..]) Assert.Contains(read, text => text == record || (mayBeKept && text.Contains(record, StringComparison.Ordinal)));
    }

    /// <summary>Whether the page is JSON, and the records behind the bytes stand in another array than that of the records.</summary>
    private static bool AreElsewhere(byte[] bytes, PageShape shape)
    {
        try
        {
            using var page = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = int.MaxValue });
            return !page.RootElement.EnumerateObject().Last(p => p.Value.ValueKind == JsonValueKind.Array).NameEquals(shape.Records);
        }
        catch (Exception e) when (e is JsonException or TooManyRecordsException)
        {
            return false;
        }
        catch (InvalidOperationException)
        {
            // A name that cannot be decoded is not that of the records.
            return true;
        }
    }
}
