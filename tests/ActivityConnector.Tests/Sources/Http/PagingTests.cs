using System.Text;
using System.Text.Json;
using ActivityConnector.Sources.Intercom;
using ActivityConnector.Sources.Sequence;

namespace ActivityConnector.Tests.Sources.Http;

/// <summary>A paging value leads on, ends the list, or is a failed attempt; it is never taken for an end because it is odd.</summary>
public class PagingTests
{
    [Theory]
    [InlineData("", false)]
    [InlineData("null", false)]
    [InlineData("{}", false)]
    [InlineData("[]", false)]
    [InlineData("""{"type":"pages","page":1,"per_page":20}""", false)]
    [InlineData("""{"page":1,"total_pages":2}""", false)]
    [InlineData("""{"total_pages":1}""", false)]
    [InlineData("""{"page":2,"total_pages":2}""", false)]
    [InlineData("""{"next":null}""", true)]
    [InlineData("""{"next":""}""", true)]
    [InlineData("""{"next":{}}""", true)]
    public void Intercom_ends_a_list_and_may_or_may_not_say_so(string json, bool isExplicit)
    {
        var paging = Intercom(json);

        Assert.Equal((false, isExplicit), (paging.HasNext, paging.HasExplicitEnd));
    }

    [Theory]
    [InlineData("""{"next":"http://other.example/ a?per_page=20&page=3"}""", 3, null)]
    [InlineData("""{"next":"?page=7&starting_after=x"}""", 7, null)]
    [InlineData("""{"next":"https://api.intercom.io/x?starting_after=a%20b"}""", null, "a b")]
    [InlineData("""{"next":"https://api.intercom.io/x"}""", null, null)]
    [InlineData("""{"next":{"page":2,"starting_after":"c"}}""", null, "c")]
    public void Intercom_leads_on_by_a_number_or_a_cursor_and_by_nothing_else_of_a_link(string json, int? page, string? cursor)
    {
        var paging = Intercom(json);

        Assert.Equal((true, page, cursor, false), (paging.HasNext, paging.NextPage, paging.StartingAfter, paging.HasExplicitEnd));
    }

    [Fact]
    public void Intercom_tells_the_pages_and_the_size_of_a_page()
    {
        var told = Intercom("""{"page":2,"per_page":50,"total_pages":9,"next":"?page=3"}""");
        var odd = Intercom("""{"page":"2","per_page":-1,"total_pages":1e99,"next":null}""");

        Assert.Equal((50, 9), (told.PerPage, told.TotalPages));
        Assert.Equal((0, null), (odd.PerPage, odd.TotalPages));
    }

    [Theory]
    [InlineData("7")]
    [InlineData("true")]
    [InlineData("\"x\"")]
    [InlineData("[1]")]
    [InlineData("""{"next":7}""")]
    [InlineData("""{"next":false}""")]
    [InlineData("""{"next":[]}""")]
    [InlineData("""{"next":{"page":2}}""")]
    [InlineData("""{"next":{"starting_after":7}}""")]
    [InlineData("""{"next":{"starting_after":""}}""")]
    [InlineData("""{"next":"?page=\\ud800"}""")]
    [InlineData("""{"next":{"starting_after":"\\udc00"}}""")]
    [InlineData("""{"\\ud800xtra_long_name":1,"next":7}""")]
    public void Anything_else_of_Intercom_is_an_error(string json) =>
        Assert.ThrowsAny<JsonException>(() => Intercom(json.Replace("\\\\", "\\", StringComparison.Ordinal)));

    [Theory]
    [InlineData("""{}""", null)]
    [InlineData("""{"after":null}""", null)]
    [InlineData("""{"after":"","totalResultSize":3}""", null)]
    [InlineData("""{"after":"c"}""", "c")]
    public void Sequence_leads_on_by_its_cursor_or_ends(string json, string? after) => Assert.Equal(after, Sequence(json));

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("""{"after":7}""")]
    [InlineData("""{"after":true}""")]
    [InlineData("""{"after":{}}""")]
    [InlineData("""{"after":[]}""")]
    [InlineData("{\"after\":\"\\ud800\"}")]
    public void Anything_else_of_Sequence_is_an_error(string json) => Assert.ThrowsAny<JsonException>(() => Sequence(json));

    private static IntercomPaging Intercom(string json) => IntercomPaging.Read(Encoding.UTF8.GetBytes(json));

    private static string? Sequence(string json) => SequencePaging.After(Encoding.UTF8.GetBytes(json));
}
