using System.Text;
using static ActivityConnector.Tests.Sources.VendorJson;

namespace ActivityConnector.Tests.Sources.Intercom;

public class IntercomRecordsTests : IntercomFixture
{
    private static string At => Start.AddHours(-1).ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture);

    [Fact]
    [Trait("EdgeCase", "13")]
    public void An_unknown_activity_type_is_passed_on_as_it_is() =>
        PassesThrough($$"""{"id":"a","created_at":{{At}},"activity_type":"never_heard_of","x":[{}]}""");

    [Fact]
    [Trait("EdgeCase", "14")]
    public void A_null_record_is_counted_and_null_members_are_passed_on()
    {
        var record = $$"""{"id":"a","created_at":{{At}},"metadata":null,"performed_by":null}""";
        Vendor.Answer(Logs("null", 1, "null", record, "null"));

        var batch = Read(TwoHoursAgo).Single();

        Assert.Equal(2, batch.Empty);
        Assert.Equal([record], batch.Records);
    }

    [Fact]
    [Trait("EdgeCase", "15")]
    public void An_ip_that_is_none_is_passed_on() =>
        PassesThrough($$$"""{"id":"a","created_at":{{{At}}},"performed_by":{"type":"admin","ip":"not an ip"}}""");

    [Fact]
    [Trait("EdgeCase", "16")]
    public void Before_and_after_of_any_shape_are_passed_on_byte_for_byte() =>
        PassesThrough($$$"""{"id":"a","created_at":{{{At}}}, "metadata":{"before":"s","after":{"p":{"q":[1,2.50,null,{"r":{}}]}},"new\u0020key":1e2}}""");

    [Theory]
    [Trait("EdgeCase", "17")]
    [InlineData("\"6\"")]
    [InlineData("6")]
    [InlineData("\"fca05814-4b72-4dce-ad4f-77a786a2c136\"")]
    public void An_id_may_be_text_or_number(string id)
    {
        var record = $$"""{"id":{{id}},"created_at":{{At}}}""";
        Vendor.Answer(Logs(record, Rec("9"), record));

        Assert.Equal(2, Read(TwoHoursAgo).Single().Records.Count);
    }

    [Theory]
    [Trait("EdgeCase", "18")]
    [InlineData("0")]
    [InlineData("1795291200000")]
    [InlineData("1799999999")]
    [InlineData("\"1795287600\"")]
    [InlineData("null")]
    [InlineData("99999999999999999999999")]
    [InlineData("-5")]
    public void A_strange_time_is_accepted_and_does_not_move_the_watermark(string createdAt)
    {
        Vendor.Answer(Logs($$"""{"id":"odd","created_at":{{createdAt}}}""", Rec("good")));

        var batch = Read(TwoHoursAgo).Single();

        Assert.Equal(["good", "odd"], batch.Ids.Order());
        Assert.Equal(Start.AddSeconds(-60).ToUnixTimeSeconds(), batch.Window.Watermark);
    }

    [Fact]
    [Trait("EdgeCase", "20")]
    public void An_element_that_is_no_object_goes_through_as_it_is()
    {
        Vendor.Answer(Logs(Rec("b"), "\"oops\"", "[1,2]", Rec("a", 3700)));

        var batch = Read(TwoHoursAgo).Single();

        Assert.Equal(4, batch.Records.Count);
        Assert.Contains("\"oops\"", batch.Records);
        Assert.Contains("[1,2]", batch.Records);
        Assert.Empty(batch.DeadLetters);
    }

    [Fact]
    [Trait("EdgeCase", "20")]
    public void A_record_that_breaks_the_page_every_time_is_set_aside_with_its_bytes_and_a_stable_id()
    {
        const string bad = """{"id":"bad","created_at":nonsense}""";
        for (var i = 0; i < 8; i++) Vendor.Answer(Logs(Rec("b"), bad, Rec("a", 3700)));
        using var source = NewSource();

        var batch = ReadBatch.All(Clock, source.ReadAsync(TwoHoursAgo, default)).Single();
        var again = ReadBatch.All(Clock, source.ReadAsync(TwoHoursAgo, default)).Single();

        Assert.Equal(["a", "b"], batch.Ids);
        Assert.Equal(bad, Encoding.UTF8.GetString(batch.DeadLetters.Single().Body.Span));
        Assert.Equal(batch.DeadLetters.Single().Id, again.DeadLetters.Single().Id);
        Vendor.AssertDone();
    }

    [Fact]
    [Trait("EdgeCase", "23")]
    public void The_connectors_own_activity_is_passed_on() =>
        PassesThrough($$$"""{"id":"a","created_at":{{{At}}},"activity_type":"oauth_token_revocation","metadata":{"source":"activity-connector"}}""");

    private void PassesThrough(string record)
    {
        Vendor.Answer(Logs(record));

        Assert.Equal([record], Read(TwoHoursAgo).Single().Records);
    }
}
