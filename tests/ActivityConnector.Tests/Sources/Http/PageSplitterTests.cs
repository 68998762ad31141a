using System.Text;
using System.Text.Json;
using ActivityConnector.Sources.Http;

namespace ActivityConnector.Tests.Sources.Http;

public class PageSplitterTests
{
    private static readonly PageShape Shape = new("items"u8.ToArray(), "pagination"u8.ToArray(), _ => { }, null, "at"u8.ToArray());

    [Fact]
    public void Records_are_cut_out_byte_for_byte_with_id_and_time()
    {
        using var page = Page("""{ "x":[{"items":[1]}], "items" : [ {"a":{"id":"no","at":9},"id":"é\"1", "at":12} ,{"at":"2026-01-01T00:00:00Z","id":7}, {} ], "pagination":{"after":"c"} }""");

        PageSplitter.Split(page, Shape);

        Assert.Equal(["""{"a":{"id":"no","at":9},"id":"é\"1", "at":12}""", """{"at":"2026-01-01T00:00:00Z","id":7}""", "{}"], page.Records.Select(r => Text(r.Json)));
        Assert.Equal(["""é\"1""", "7", ""], page.Records.Select(r => Text(r.Id)));
        Assert.Equal([12_000, 1_767_225_600_000, RecordTime.Unknown], page.Records.Select(r => r.Time));
        Assert.Equal("""{"after":"c"}""", Text(page.Paging));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"items":{}}""")]
    [InlineData("""{"items":[{"a":1}""")]
    [InlineData("""{"items":[]} x""")]
    [InlineData("""{"items":[],}""")]
    public void What_is_no_page_is_said_so(string text)
    {
        using var page = Page(text);

        Assert.ThrowsAny<JsonException>(() => PageSplitter.Split(page, Shape));
    }

    [Fact]
    public void A_page_cut_anywhere_is_never_taken_for_a_whole_one()
    {
        const string whole = """{"items":[{"id":"1","at":1,"m":"}]"},{"id":"2"},null],"pagination":{"after":"c"}}""";
        for (var length = 0; length < whole.Length; length++)
        {
            using var page = Page(whole[..length]);
            Assert.ThrowsAny<JsonException>(() => PageSplitter.Split(page, Shape));
            Assert.ThrowsAny<JsonException>(() => PageSalvage.Split(page, Shape));
        }
    }

    [Fact]
    public void Salvage_reads_a_good_page_as_the_splitter_does()
    {
        const string text = """{ "n":-1.5e3, "items" : [ {"id":"1","m":"a]},{\\\"[\\"} ,null, "s", 12, {"id":"2","n":[[{}]]} ], "t":true, "pagination": {"after":"c"} }""";
        using var split = Page(text);
        using var salvaged = Page(text);

        PageSplitter.Split(split, Shape);
        PageSalvage.Split(salvaged, Shape);

        Assert.Equal(split.Records.Select(r => Text(r.Json)), salvaged.Records.Select(r => Text(r.Json)));
        Assert.Equal(split.Broken.Select(b => Text(b.Bytes)), salvaged.Broken.Select(b => Text(b.Bytes)));
        Assert.Equal((split.Nulls, Text(split.Paging)), (salvaged.Nulls, Text(salvaged.Paging)));
    }

    [Theory]
    [InlineData("""{"id":1,}""")]
    [InlineData("""{"id":NaN}""")]
    [InlineData("""{"id":'x'}""")]
    [InlineData("{\"id\":\"a\nb\"}")]
    [InlineData("""{"id" 1}""")]
    [InlineData("nope")]
    public void Salvage_sets_a_broken_record_aside_and_keeps_its_neighbours(string broken)
    {
        using var page = Page($$$"""{"items":[{"id":"1"},{{{broken}}},{"id":"2"}],"pagination":{}}""");

        PageSalvage.Split(page, Shape);

        Assert.Equal(["1", "2"], page.Records.Select(r => Text(r.Id)));
        Assert.Equal([broken], page.Broken.Select(b => Text(b.Bytes)));
    }

    [Fact]
    public void A_record_nested_too_deeply_is_set_aside()
    {
        var deep = string.Concat(Enumerable.Repeat("{\"a\":", 300)) + "1" + new string('}', 300);
        using var page = Page($$$"""{"items":[{"id":"1"},{{{deep}}}]}""");

        PageSalvage.Split(page, Shape);

        Assert.Equal((1, 1), (page.Records.Count, page.Broken.Count));
    }

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    private static VendorPage Page(string text)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(text));
        var read = PageBody.ReadAsync(stream, 0, 1 << 20, default).AsTask();
        return new VendorPage(read.GetAwaiter().GetResult()!) { AsOf = default, ReceivedAt = default };
    }
}
