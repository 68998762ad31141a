using System.Text;
using System.Text.Json;
using ActivityConnector.Sources.Http;
using ActivityConnector.Sources.Sequence;

namespace ActivityConnector.Tests.Sources.Http;

public class PageSplitterTests
{
    private static readonly PageShape Shape = new("items"u8.ToArray(), "pagination"u8.ToArray(), _ => { }, null, "at"u8.ToArray(), "kind"u8.ToArray());

    [Fact]
    public void Records_are_cut_out_byte_for_byte_with_id_and_time()
    {
        using var page = Page(
            """{ "x":[{"items":[1]}], "items" : [ {"a":{"id":"no","at":9},"id":"é\"1", "at":12} ,{"at":"2026-01-01T00:00:00Z","id":7}, {} ]"""
            + """, "pagination":{"after":"c"} }""");

        PageSplitter.Split(page, Shape);

        Assert.Equal(
            ["""{"a":{"id":"no","at":9},"id":"é\"1", "at":12}""", """{"at":"2026-01-01T00:00:00Z","id":7}""", "{}"],
            page.Records.Select(r => Text(r.Json)));
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
    public void A_page_has_no_more_elements_than_real_records_could_be()
    {
        using var most = Page($$"""{"items":[{{string.Join(',', Enumerable.Repeat("0", VendorPage.MostRecords))}}]}""");
        using var more = Page($$"""{"items":[{{string.Join(',', Enumerable.Repeat("0", VendorPage.MostRecords + 1))}}]}""");

        PageSplitter.Split(most, Shape);

        Assert.Equal(VendorPage.MostRecords, most.Records.Count);
        Assert.Throws<TooManyRecordsException>(() => PageSplitter.Split(more, Shape));
    }

    [Fact]
    public void A_record_that_is_nested_as_deep_as_allowed_is_read_and_one_level_more_is_not()
    {
        using var deep = Page($$"""{"items":[{{Nested(PageElement.MaxDepth)}}]}""");
        using var deeper = Page($$"""{"items":[{{Nested(PageElement.MaxDepth + 1)}}]}""");

        PageSplitter.Split(deep, Shape);

        Assert.Single(deep.Records);
        Assert.ThrowsAny<JsonException>(() => PageSplitter.Split(deeper, Shape));
    }

    [Theory]
    [InlineData("\"2026-01-01T\\ud800\"", "a lone surrogate after a date")]
    [InlineData("\"\\udc00\"", "a lone surrogate alone")]
    [InlineData("\"2026-01-01T00:00:00\\ud800Z\"", "a lone surrogate in a time")]
    [InlineData("1e999999999", "a number beyond all numbers")]
    [InlineData("-1e400", "a negative one")]
    [InlineData("99999999999999999999999999999999", "many digits")]
    [InlineData("{\"a\":1}", "an object")]
    [InlineData("true", "a truth")]
    public void A_time_that_cannot_be_read_is_unknown_and_the_record_stays(string time, string what)
    {
        using var page = Page($$"""{"items":[{"id":"1","at":{{time}}},{"id":"2","at":1}]}""");

        PageSplitter.Split(page, Shape);

        Assert.True(page.Records[0].Time is RecordTime.Unknown or long.MaxValue, what);
        Assert.Equal(["1", "2"], page.Records.Select(r => Text(r.Id)));
    }

    [Fact]
    public void The_account_is_the_text_of_its_property_and_only_of_a_string()
    {
        using var page = Page("""{"items":[{"id":"1","acc":"a\u00e9"},{"id":"2","acc":7},{"id":"3"},{"id":"4","acc":"x","acc":null}]}""");

        PageSplitter.Split(page, Shape with { Account = "acc"u8.ToArray() });

        Assert.Equal(["""a\u00e9""", "", "", ""], page.Records.Select(r => Text(r.Account)));
    }

    [Fact]
    public void A_paging_value_that_does_not_pass_its_check_makes_it_no_page()
    {
        using var page = Page("""{"items":[],"pagination":{"after":7}}""");

        Assert.ThrowsAny<JsonException>(() => PageSplitter.Split(page, Shape with { CheckPaging = SequencePaging.Check }));
    }

    [Fact]
    public void No_text_in_any_field_of_any_record_stops_the_others()
    {
        var random = new Random(7);
        for (var round = 0; round < 3000; round++)
        {
            var records = Enumerable.Range(0, 5).Select(_ => HostileRecord(random)).ToList();
            var text = new List<byte>([.. "{\"items\":["u8]);
            for (var i = 0; i < records.Count; i++) text.AddRange([.. i > 0 ? ","u8 : ""u8, .. records[i]]);
            text.AddRange("],\"pagination\":{}}"u8);
            using var page = Page([.. text]);

            PageSplitter.Split(page, Shape with { Account = "acc"u8.ToArray() });

            Assert.Equal(records.Select(Convert.ToHexString), page.Records.Select(r => Convert.ToHexString(r.Json.Span)));
        }
    }

    /// <summary>Well-formed by its brackets and quotes, but its texts need not be decodable.</summary>
    internal static byte[] HostileRecord(Random random)
    {
        var record = new List<byte>([(byte)'{']);
        string[] names = ["id", "at", "acc", "x", "\\ud800", "i\\u0064", "\\udfffat", "created_at", "createdAt"];
        foreach (var name in random.GetItems(names, random.Next(1, 6)))
        {
            if (record.Count > 1) record.Add((byte)',');
            record.AddRange([(byte)'"', .. Encoding.UTF8.GetBytes(name), (byte)'"', (byte)':']);
            record.AddRange(HostileValue(random));
        }

        record.Add((byte)'}');
        return [.. record];
    }

    private static byte[] HostileValue(Random random)
    {
        string[] numbers = ["1e999999999", "-1e400", "1e-400", "0", "-0", "123456789012345678901234567890", "1795280000", "1.7e9", "9223372036854775807"];
        string[] pieces =
        [
            "2026-01-01T", "00:00:00Z", "\\ud800", "\\udc00", "\\ud83d\\ude00", "\\u0000", "12", "é", " ", "\\\"", "9999-12-31T23:59:59-14:00", "+",
        ];
        switch (random.Next(6))
        {
            case 0: return Encoding.UTF8.GetBytes(random.GetItems(numbers, 1)[0]);
            case 1: return [.. "{\"id\":[\"\\ud800\"],\"\\ud800\":1}"u8];
            case 2:
                // Bytes that are not UTF-8, but for quotes, backslashes and control characters.
                var raw = new byte[random.Next(1, 20)];
                for (var i = 0; i < raw.Length; i++) raw[i] = (byte)random.Next(0x80, 0x100);
                return [(byte)'"', .. random.Next(2) == 0 ? "2026-01-01T"u8 : ""u8, .. raw, (byte)'"'];
            default: return Encoding.UTF8.GetBytes($"\"{string.Concat(random.GetItems(pieces, random.Next(1, 5)))}\"");
        }
    }

    private static string Nested(int levels) => string.Concat(Enumerable.Repeat("{\"a\":", levels)) + "1" + new string('}', levels);

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    private static VendorPage Page(string text) => Page(Encoding.UTF8.GetBytes(text));

    private static VendorPage Page(byte[] text) => new(PageBody.Copy(text)) { AsOf = default, ReceivedAt = default };
}
