using System.Text;
using ActivityConnector.Transforms;
using ActivityConnector.Transforms.Intercom;

namespace ActivityConnector.Tests.Transforms;

/// <summary>What is the same content, and what is not. The constants of the hash itself are checked by the golden pairs.</summary>
public sealed class ContentHashTests
{
    [Theory]
    [InlineData("1", "1.0", "1.000", "10e-1", "0.1e1", "1E+0", "1e-0", "100e-00002", "0.01E02")]
    [InlineData("0", "-0", "0.000", "-0.0e5", "0e999999999999999999999999", "0E-99999999999999999999")]
    [InlineData("-2.5", "-25e-1", "-0.25E1")]
    [InlineData("1e400", "10e399", "0.1E401", "1.00e400")]
    [InlineData("1e999999999", "10e999999998", "1000e999999996")]
    [InlineData("1e-999999999999", "0.1e-999999999998")]
    [InlineData("123456789012345678901234567890", "123456789012345678901234567890.0", "1.2345678901234567890123456789e29")]
    [InlineData("{}", "{ }", "{\"a\":null}", "{\"a\":null,\"b\":null}")]
    [InlineData("{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1}", "{\"a\":3,\"b\":2,\"a\":1}", "{\"\\u0061\":1,\"b\":2.0}", "{\"a\":null,\"a\":1,\"b\":2}")]
    [InlineData("\"é/\"", "\"\\u00e9\\/\"", "\"\\u00E9\\u002f\"")]
    [InlineData("\"😀\"", "\"\\ud83d\\ude00\"")]
    [InlineData("[1,null]", "[1]")]
    public void One_content(params string[] values) => Assert.Single(values.Select(HashOf).Distinct());

    [Theory]
    [InlineData("1", "-1", "10", "0.1", "1.0000000000000000000000000000001", "\"1\"", "[1]", "{\"1\":1}", "{\"0\":1}", "true", "null")]
    [InlineData("1e400", "1e401", "-1e400", "1e-400", "\"1e400\"")]
    [InlineData("1e1000000000000000000", "1e1000000000000000001", "1e99999999999999999999999999")]
    [InlineData("123456789012345678901234567890", "123456789012345678901234567891")]
    [InlineData("true", "false", "\"true\"", "1", "null")]
    [InlineData("{}", "[]", "\"\"", "0", "false", "null", "[[]]", "[{}]", "{\"\":{}}")]
    [InlineData("[1,2]", "[2,1]", "[[1],2]", "[[1,2]]", "[1,2,2]", "[null,1,2]")]
    [InlineData("{\"a\":{\"b\":1}}", "{\"a.b\":1}", "{\"ab\":1}", "{\"b\":{\"a\":1}}", "{\"a\":1,\"b\":1}", "{\"a\":[{\"b\":1}]}")]
    [InlineData("{\"a\":1,\"b\":2}", "{\"a\":2,\"b\":1}", "{\"a\":1}", "{\"b\":2}")]
    [InlineData("{\"a\":1,\"a\":2}", "{\"a\":2,\"a\":1}")]
    [InlineData("\"\\ud800\"", "\"\\ud801\"", "\"\\udc00\"", "\"\\ufffd\"", "\"\\\\ud800\"", "\"|ud800\"", "\"\"")]
    [InlineData("{\"\\ud800\":1}", "{\"\\ud801\":1}", "{\"\\ufffd\":1}")]
    [InlineData("\"a\"", "\"a\\u0000\"", "\"\\u0000a\"", "\"A\"", "\" a\"", "\"a \"")]
    [InlineData("\"0123456789abcdef\"", "\"0123456789abcdef\\u0000\"", "\"0123456789abcdefg\"", "\"0123456789abcde\"", "\"123456789abcdef0\"")]
    public void Different_contents(params string[] values) => Assert.Distinct(values.Select(HashOf));

    [Fact]
    public void Records_that_are_not_JSON_have_a_content_too()
    {
        string[] records = ["{", "{\"a\":1", "{\"a\":2", "{'a':1}", ""];

        Assert.Distinct(records.Select(record => Only(Mapped.Intercom(record)).ContentDigest));
    }

    [Fact]
    public void Of_a_name_that_stands_twice_among_thousands_the_last_one_counts()
    {
        var members = Enumerable.Range(0, 5_000).Select(i => $"\"k{i % 3_000}\":{i}").ToList();

        Assert.Equal(HashOf($"{{{string.Join(',', members[2_000..])}}}"), HashOf($"{{{string.Join(',', members)}}}"));
    }

    [Fact]
    public void Names_that_stand_twice_at_every_depth_cost_no_more_than_their_text()
    {
        var deep = string.Concat(Enumerable.Repeat("{\"a\":0,\"a\":", 400)) + "1" + new string('}', 400);

        Assert.Equal(HashOf(deep), HashOf(deep.Replace("\"a\":0,", "", StringComparison.Ordinal)));
    }

    [Fact]
    public void No_two_of_many_small_changes_have_one_hash()
    {
        var records =
            from name in Enumerable.Range(0, 40)
            from value in Enumerable.Range(0, 250)
            from other in Enumerable.Range(0, 20)
            select $"{{\"n{name}\":{value},\"b\":\"{new string('x', other)}\"}}";
        using var batch = new EventBatch();
        var transform = new IntercomTransform(Mapped.IntercomTable, Mapped.IntercomSettings);
        foreach (var record in records) transform.Transform(new(Encoding.UTF8.GetBytes(record), Mapped.ReceivedAt), batch);

        Assert.Equal(batch.Events.Count, batch.Events.Select(e => e.ContentDigest).Distinct().Count());
    }

    [Theory]
    [InlineData("""{"id":"6","role":"owner"}""", true)]
    [InlineData("""{"id":"6","region":{"name":"eu","zones":[1,2]}}""", true)]
    [InlineData("""{"id":"6","region":{},"via":null}""", true)]
    [InlineData("""{"id":"6","role":"owner","via":"app"}""", false)]
    [InlineData("""{"role":"owner"}""", false)]
    [InlineData("""{"id":"6.0","role":"owner"}""", false)]
    public void A_record_grew_when_it_says_one_member_more(string record, bool grew)
    {
        var known = Only(Mapped.Intercom("""{"id":"6"}""")).ContentDigest;
        var transform = new IntercomTransform(Mapped.IntercomTable, Mapped.IntercomSettings);
        using var batch = Mapped.All(transform, Encoding.UTF8.GetBytes(record));

        Assert.Equal(grew, transform.BeforeGrowth(batch.Events[0]).Contains(known));
    }

    [Fact]
    public void Privacy_changes_nothing_of_the_content()
    {
        var record = Mapped.IntercomRecord(performedBy: """{"id":"1","email":"jane@x.org","role":"owner"}""");
        var less = Mapped.IntercomRecord(performedBy: """{"id":"1","email":"jane@x.org"}""");
        var transform = new IntercomTransform(Mapped.IntercomTable, Mapped.IntercomSettings with
        {
            Privacy = new(new Dictionary<string, PrivacyAction> { ["user.email"] = PrivacyAction.Drop }, default),
        });
        using var batch = Mapped.All(transform, Encoding.UTF8.GetBytes(record));

        Assert.Equal(Only(Mapped.Intercom(record)).ContentDigest, batch.Events[0].ContentDigest);
        Assert.Contains(Only(Mapped.Intercom(less)).ContentDigest, transform.BeforeGrowth(batch.Events[0]));
    }

    /// <summary>As the value of a member, because a record that is null makes no event.</summary>
    private static ulong HashOf(string value) => Only(Mapped.Intercom($"{{\"id\":\"6\",\"value\":{value}}}")).ContentDigest;

    private static EcsEvent Only(EventBatch batch) => batch.Events.Single();
}
