using System.Text;
using System.Text.Json;
using ActivityConnector.Sources.Http;
using ActivityConnector.Sources.Intercom;
using ActivityConnector.Sources.Sequence;

namespace ActivityConnector.Tests.Sources.Http;

public class PageSalvageTests
{
    private static readonly PageShape Items = SequencePages.Shape;

    private static readonly PageShape Logs = IntercomPages.Shape;

    [Fact]
    public void A_page_cut_anywhere_is_never_taken_for_a_whole_one()
    {
        string[] pages =
        [
            """{"items":[{"id":"1","createdAt":1,"m":"}]"},{"id":"2"},null],"pagination":{"after":"c"}}""",
            """{"items":[{"id":"1","createdAt":1,"m":{"n":[{}]}},{"id":"2","createdAt":1}],"pagination":{"after":"c","x":{"y":[1]}}}""",
            """{"pages":{"next":null},"activity_logs":[{"id":"1","created_at":1,"m":[{"a":{}}]},{"id":"2","created_at":1,"n":{"o":"p"}}]}""",
        ];
        foreach (var whole in pages)
        {
            for (var length = 0; length < whole.Length; length++)
            {
                using var page = Page(whole[..length]);
                Assert.ThrowsAny<JsonException>(() => PageSplitter.Split(page, ShapeOf(whole)));
                Assert.ThrowsAny<JsonException>(() => PageSalvage.Split(page, ShapeOf(whole)));
            }
        }
    }

    [Fact]
    public void What_follows_an_array_inside_of_a_broken_record_is_kept_and_the_page_has_its_end()
    {
        var rest = """,{"id":"without time or kind"},{"no":"id"}""";
        using var page = Page(
            """{"items":[{"id":"1","createdAt":1,"l":[{"id":"in a list","createdAt":1}],"o"{"p":1}}""" + rest + """],"pagination":{"after":"c"}}""");

        PageSalvage.Split(page, Items);

        Assert.True(page.HasReadablePaging);
        Assert.Contains(rest, string.Concat(page.Broken.Select(b => Encoding.UTF8.GetString(b.Bytes.Span))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"pages":{},"activity_logs":[{"id":1,"created_at":2},}""")]
    [InlineData("""{"pages":{},"activity_logs":[}""")]
    [InlineData("""{"pages":{},"activity_logs":[[}""")]
    [InlineData("""{"pages":{},"activity_logs":}""")]
    [InlineData("""{"pages":{}}""")]
    [InlineData("}")]
    public void A_page_that_lacks_its_array_or_the_end_of_it_is_no_page(string text)
    {
        using var page = Page(text);

        Assert.ThrowsAny<JsonException>(() => PageSalvage.Split(page, Logs));
    }

    [Theory]
    [InlineData("""{ "n":-1.5e3, "items" : [ {"id":"1","m":"a]},{\\\"[\\"} ,null, "s", 12, {"id":"2","n":[[{}]]} ], "t":true, "pagination": {"after":"c"} }""")]
    [InlineData("""{"items":[],"pagination":{}}""")]
    [InlineData("""{"pagination":{"after":"c"},"items":[ ] }""")]
    [InlineData("""{"pagination":{"after":"c"},"items":[{"id":1,"createdAt":2,"sequenceAccountId":"acc"}],"t":[[]]}""")]
    public void A_good_page_is_read_as_the_splitter_reads_it(string text)
    {
        using var split = Page(text);
        using var salvaged = Page(text);

        PageSplitter.Split(split, Items);
        PageSalvage.Split(salvaged, Items);

        Assert.Equal(split.Records.Select(Fields), salvaged.Records.Select(Fields));
        Assert.Empty(salvaged.Broken);
        Assert.Equal((split.Nulls, Text(split.Paging), true), (salvaged.Nulls, Text(salvaged.Paging), salvaged.HasReadablePaging));
        Assert.True(salvaged.IsSalvaged);
        Assert.All(salvaged.Records, r => Assert.True(r.IsSalvaged));

        static (string, string, long, string) Fields(PageRecord r) => (Text(r.Json), Text(r.Id), r.Time, Text(r.Account));
    }

    [Theory]
    [InlineData("""{"id":1,}""")]
    [InlineData("""{"id":NaN}""")]
    [InlineData("""{"id":'x'}""")]
    [InlineData("{\"id\":\"a\nb\"}")]
    [InlineData("""{"id" 1}""")]
    [InlineData("nope")]
    [InlineData("""{"id":"b","createdAt":1,"text":"he said "no" to it"}""")]
    [InlineData("""{"id":"b","createdAt":1,"list":[{"id":"nested"},{"id":"nested","x":[]],"y":1}""")]
    [InlineData("""{"id":"b","createdAt":1,"list":[{"id":"nested"},{"createdAt":3}}]}""")]
    public void A_broken_record_is_set_aside_and_its_neighbours_are_kept(string broken)
    {
        foreach (var (before, after) in new[] { ("", ","), (",", ","), (",", "") })
        {
            var first = before.Length > 0 ? Record("1", "createdAt") : "";
            var last = after.Length > 0 ? Record("2", "createdAt") : "";
            using var page = Page($$$"""{"items":[{{{first}}}{{{before}}}{{{broken}}}{{{after}}}{{{last}}}],"pagination":{"after":"c"}}""");

            PageSalvage.Split(page, Items);

            Assert.Equal(((string[])[first, last]).Where(r => r.Length > 0), page.Records.Select(r => Text(r.Json)));
            Assert.Equal((broken, broken.Length), (Text(Assert.Single(page.Broken).Bytes), (int)page.Broken[0].Length));
            Assert.Equal((true, """{"after":"c"}"""), (page.HasReadablePaging, Text(page.Paging)));
        }
    }

    [Fact]
    public void An_unescaped_quote_in_one_of_many_records_costs_only_that_record()
    {
        var records = Enumerable.Range(0, 250).Select(i => Record($"{i}", "created_at")).ToArray();
        var broken = records[100] = records[100].Replace("it's", "it\"s", StringComparison.Ordinal);
        using var page = Page($$"""{"type":"activity_log.list","pages":{"next":"?page=2"},"activity_logs":[{{string.Join(",", records)}}]}""");

        PageSalvage.Split(page, Logs);

        Assert.Equal(records.Where(r => r != broken), page.Records.Select(r => Text(r.Json)));
        Assert.Equal(broken, Text(Assert.Single(page.Broken).Bytes));
        Assert.True(page.HasReadablePaging && IntercomPaging.Read(page.Paging).HasNext);
    }

    [Fact]
    public void A_record_that_is_nested_too_deeply_is_set_aside_with_that_reason()
    {
        var deep = string.Concat(Enumerable.Repeat("{\"a\":", 300)) + "1" + new string('}', 300);
        using var page = Page($$$"""{"items":[{"id":"1"},{{{deep}}},{"id":"2"}],"pagination":{}}""");

        PageSalvage.Split(page, Items);

        Assert.Equal(["1", "2"], page.Records.Select(r => Text(r.Id)));
        Assert.Equal((deep, "It is nested deeper than 256 levels."), (Text(Assert.Single(page.Broken).Bytes), page.Broken[0].Reason));
    }

    [Fact]
    public void A_reason_is_short_and_has_no_value_of_the_record()
    {
        using var page = Page("""{"items":[{"id":"secret","createdAt":"secret","m":secret}],"pagination":{}}""");

        PageSalvage.Split(page, Items);

        var reason = Assert.Single(page.Broken).Reason;
        Assert.StartsWith("It is not valid JSON", reason, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", reason, StringComparison.Ordinal);
        Assert.InRange(reason.Length, 1, 256);
    }

    [Theory]
    [InlineData("""{"items":[@],"pagination":{"after":"c""}}""", "the cursor's quotes")]
    [InlineData("""{"items":[@],"pagination":{"after":7,}}""", "the paging object")]
    [InlineData("""{"items":[@,nope],"pagination":{"after":7}}""", "the cursor's type")]
    [InlineData("""{"items":[@,nope]}""", "the paging object is absent")]
    [InlineData("""{"pagination":{"after":"c""},"items":[@]}""", "the paging object in front")]
    [InlineData("""{"items":[@],"pagination":{"after":"c"},}""", "the page's end")]
    public void Where_the_paging_cannot_be_read_the_records_are_given_out_and_it_is_said(string text, string what)
    {
        using var page = Page(text.Replace("@", Record("1", "createdAt") + "," + Record("2", "createdAt"), StringComparison.Ordinal));

        PageSalvage.Split(page, Items);

        Assert.True(page.Records.Count == 2, what);
        Assert.False(page.HasReadablePaging, what);
        Assert.True(page.Paging.IsEmpty, what);
    }

    [Fact]
    public void An_object_that_looks_like_paging_inside_a_record_is_not_taken_for_it()
    {
        using var page = Page("""{"activity_logs":[{"id":"1","created_at":1,"m":"a"b","pages":{"next":"?page=9"}}]}""");

        PageSalvage.Split(page, Logs);

        Assert.Empty(page.Records);
        Assert.True(page.Paging.IsEmpty);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Whatever_byte_of_a_record_or_two_is_damaged_the_others_are_given_out_and_nothing_is_invented(bool isIntercom)
    {
        var (shape, time) = isIntercom ? (Logs, "created_at") : (Items, "createdAt");
        var random = new Random(20261128);
        for (var round = 0; round < 4000; round++)
        {
            // A record without a time is one, too, by its kind of activity.
            var good = Enumerable.Range(0, random.Next(2, 12))
                .Select(i => Record($"{i}", random.Next(3) > 0 ? time : isIntercom ? "activity_type" : "activityType"))
                .ToArray();
            var damaged = good.ToArray();
            var hit = Enumerable.Range(0, random.Next(1, 3)).Select(_ => random.Next(good.Length)).Distinct().ToArray();
            foreach (var i in hit) damaged[i] = Damage(damaged[i], random);
            var text = isIntercom
                ? $$$"""{"type":"activity_log.list","pages":{"next":null},"activity_logs":[{{{string.Join(",", damaged)}}}]}"""
                : $$$"""{"items":[{{{string.Join(",", damaged)}}}],"pagination":{"after":"c"}}""";
            using var page = Page(text);

            long parsed;
            try
            {
                parsed = PageSalvage.Split(page, shape);
            }
            catch (JsonException) when (isIntercom && hit.Contains(good.Length - 1) && Closers(damaged[^1]) <= Closers(good[^1]) - 2)
            {
                // Its bracket closes the page's array, and its brace the page: this is how a page looks that is cut off.
                continue;
            }

            var records = page.Records.Select(r => Text(r.Json)).ToList();
            Assert.InRange(parsed, 0, 8L * text.Length);
            // What is left of a damaged record may be one: the damaged text, or the whole object that it starts with.
            var expected = damaged
                .Select((r, i) => hit.Contains(i) ? records.FirstOrDefault(x => r.StartsWith(x, StringComparison.Ordinal)) : r)
                .OfType<string>();
            Assert.True(expected.SequenceEqual(records), $"{text}\n gave\n{string.Join('\n', records)}");
            var broken = page.Broken.Sum(b => b.Length);
            Assert.True(broken <= hit.Sum(i => Encoding.UTF8.GetByteCount(damaged[i])) + 1, $"too much is broken in {text}");
            Assert.All(page.Broken, b => Assert.InRange(b.Reason.Length, 1, 256));
            Assert.True(isIntercom || page.HasReadablePaging, text);
        }
    }

    [Fact]
    public void A_page_made_to_be_read_again_and_again_is_not()
    {
        var nested = string.Concat(Enumerable.Repeat("[{\"a\":", 20_000)) + "\"" + new string('x', 100_000) + "\n\"";
        var text = $$$"""{"items":[{{{nested}}},{"id":1,"createdAt":1}],"pagination":{}}""";
        using var page = Page(text);

        var parsed = PageSalvage.Split(page, Items);

        Assert.InRange(parsed, 0, 8L * text.Length);
        Assert.NotEmpty(page.Broken);
    }

    [Fact]
    public void No_page_whatever_its_bytes_makes_it_throw_anything_but_what_it_promises()
    {
        var random = new Random(3);
        string[] pages =
        [
            $$$"""{"pages":{"next":null},"activity_logs":[{{{Record("1", "created_at")}}},{{{Record("2", "created_at")}}}],"x":[1,{"y":"z"}]}""",
            """{"pages":{"next":null},"activity_logs":[{"id":1,"created_at":2},null]}""",
            """{"items":[{"id":1,"createdAt":2,"m":[{}]},{"id":2,"createdAt":2}],"pagination":{"after":"c"}}""",
            """{"items":[],"pagination":{}}""",
        ];
        for (var round = 0; round < 20_000; round++)
        {
            var whole = pages[round % pages.Length];
            var bytes = Encoding.UTF8.GetBytes(whole).ToList();
            for (var edits = random.Next(1, 6); edits > 0; edits--) Edit(bytes, random, 0, bytes.Count);
            if (random.Next(3) > 0) bytes.Add((byte)'}');
            using var page = new VendorPage(PageBody.Copy([.. bytes])) { AsOf = default, ReceivedAt = default };
            try
            {
                Assert.InRange(PageSalvage.Split(page, ShapeOf(whole)), 0, 8L * bytes.Count);
            }
            catch (JsonException)
            {
                // It says that it is no page.
            }
        }
    }

    private static string Record(string id, string time) =>
        $$"""{"id":"{{id}}","sequenceAccountId":"acc","{{time}}":"2026-11-28T10:00:00Z","m":{"a":[1,2,{"b":null}],"id":"n{{id}}"}"""
        + $$""","list":[{"id":"x{{id}}","v":true},{"k":"\"q\" \\ é"}],"end":"it's ]}, here"}""";

    /// <summary>Edits inside of the record, so that what surrounds it stays as it is.</summary>
    private static string Damage(string record, Random random)
    {
        var bytes = Encoding.UTF8.GetBytes(record).ToList();
        Edit(bytes, random, 1, bytes.Count - 1);
        return Encoding.UTF8.GetString([.. bytes]);
    }

    private static void Edit(List<byte> bytes, Random random, int from, int to)
    {
        var at = random.Next(from, Math.Max(from + 1, to));
        if (at >= bytes.Count) return;

        switch (random.Next(5))
        {
            case 0: bytes.Insert(at, (byte)'"'); break;
            case 1: bytes.Insert(at, "{}[],:\\\n\u0000"u8[random.Next(9)]); break;
            case 2 when bytes[at] < 0x80: bytes.RemoveAt(at); break;
            case 3 when bytes.FindIndex(at, Math.Max(0, to - at), b => b is (byte)'"' or (byte)']' or (byte)'}') is >= 0 and var found:
                bytes.RemoveAt(found);
                break;
            case 4 when at + 3 < to && bytes.Skip(at).Take(3).All(b => b < 0x80): bytes.RemoveRange(at, random.Next(1, 4)); break;
            default: bytes.Insert(at, (byte)'\t'); break;
        }
    }

    private static int Closers(string record) => record.Count(c => c is ']' or '}');

    private static PageShape ShapeOf(string page) => page.Contains("activity_logs", StringComparison.Ordinal) ? Logs : Items;

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    private static VendorPage Page(string text) => new(PageBody.Copy(Encoding.UTF8.GetBytes(text))) { AsOf = default, ReceivedAt = default };
}
