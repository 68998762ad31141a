using static ActivityConnector.Tests.Sources.VendorJson;

namespace ActivityConnector.Tests.Sources.Sequence;

public class SequenceRecordsTests : SequenceFixture
{
    [Fact]
    [Trait("EdgeCase", "33")]
    public void A_log_without_items_is_passed_on() => PassesThrough("""{"id":"a","createdAt":"2026-11-21T10:00:00Z","activityLogItems":[]}""");

    [Fact]
    [Trait("EdgeCase", "34")]
    public void A_log_with_many_items_is_one_record() =>
        PassesThrough("""{"id":"a","createdAt":"2026-11-21T10:00:00Z","activityLogItems":[{"id":"1"},{"id":"2"},{"id":"1"}]}""");

    [Fact]
    [Trait("EdgeCase", "35")]
    public void A_log_that_gained_an_item_is_given_out_again()
    {
        Vendor.Answer(Items(null, """{"id":"a","createdAt":"2026-11-21T19:59:00Z","activityLogItems":[{"id":"1"}]}"""))
            .Answer(Items(null, """{"id":"a","createdAt":"2026-11-21T19:59:00Z","activityLogItems":[{"id":"1"},{"id":"2"}]}"""));
        using var source = NewSource();

        var first = ReadBatch.All(Clock, source.ReadAsync(Checkpoints.After("c1"), default)).Single();
        var second = ReadBatch.All(Clock, source.ReadAsync(Checkpoints.Of(first.Position), default)).Single();

        Assert.DoesNotContain("\"2\"", first.Records.Single(), StringComparison.Ordinal);
        Assert.Contains("\"2\"", second.Records.Single(), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("EdgeCase", "36")]
    public void An_item_that_names_another_log_is_passed_on() =>
        PassesThrough("""{"id":"aa0e","createdAt":"2026-11-21T10:00:00Z","activityLogItems":[{"id":"880e","activityLogId":"990e"}]}""");

    [Fact]
    [Trait("EdgeCase", "37")]
    public void A_record_with_only_an_id_is_passed_on() => PassesThrough("""{"id":"a"}""");

    [Theory]
    [Trait("EdgeCase", "38")]
    [InlineData("00000000000000000000000000000000")]
    [InlineData("not hex")]
    public void A_trace_id_that_is_none_is_passed_on(string traceId) =>
        PassesThrough($$"""{"id":"a","createdAt":"2026-11-21T10:00:00Z","traceId":"{{traceId}}"}""");

    [Theory]
    [Trait("EdgeCase", "39")]
    [InlineData("2026-11-21T19:40:00Z", true)]
    [InlineData("2026-11-21T19:40:00.1Z", true)]
    [InlineData("2026-11-21T19:40:00.123456789Z", true)]
    [InlineData("2026-11-21T21:40:00.5+02:00", true)]
    [InlineData("2026-11-21T19:40:00", true)]
    [InlineData("2026-11-21 19:40:00Z", true)]
    [InlineData("2026-11-21T19:55:00.123456Z", false)]
    [InlineData("2026-11-21T22:55:00+03:00", false)]
    public void A_time_of_any_precision_or_offset_decides_whether_the_cursor_moves(string createdAt, bool moves)
    {
        Vendor.Answer(Items("c2", $$"""{"id":"a","createdAt":"{{createdAt}}"}""")).Answer(Items(null));

        Assert.Equal(moves ? "c2" : "c1", Read(Checkpoints.After("c1")).Single().Cursor.After);
    }

    [Theory]
    [Trait("EdgeCase", "39")]
    [InlineData("\"2999-01-01T00:00:00Z\"")]
    [InlineData("\"yesterday\"")]
    [InlineData("null")]
    [InlineData("{}")]
    public void One_senseless_time_does_not_hold_the_cursor(string createdAt)
    {
        Vendor.Answer(Items("c2", $$"""{"id":"odd","createdAt":{{createdAt}}}""", Old("a"))).Answer(Items(null));

        var batch = Read(Checkpoints.After("c1")).Single();

        Assert.Equal(("c2", 2), (batch.Cursor.After, batch.Records.Count));
    }

    [Fact]
    [Trait("EdgeCase", "39")]
    public void A_page_without_any_readable_time_is_given_out_but_not_passed()
    {
        Vendor.Answer(Items("c2", """{"id":"odd"}""")).Answer(Items(null));

        var batch = Read(Checkpoints.After("c1")).Single();

        Assert.Equal(("c1", 1), (batch.Cursor.After, batch.Records.Count));
        Assert.Contains(Log.Lines, l => l.Contains("readable time", StringComparison.Ordinal));
    }

    [Fact]
    [Trait("EdgeCase", "40")]
    public void Unknown_words_are_passed_on() =>
        PassesThrough("""{"id":"a","createdAt":"2026-11-21T10:00:00Z","activityType":"NEW","origin":"MARS","activityLogItems":[{"id":"1","verb":"ZAPPED"}]}""");

    [Fact]
    [Trait("EdgeCase", "41")]
    public void Metadata_of_any_shape_is_passed_on_byte_for_byte() =>
        PassesThrough(
            """{"id":"a","createdAt":"2026-11-21T10:00:00Z","activityLogItems":[{"id":"1","metadata":[{"key":"k","value":1.50}, "s",[[{}]], null]}]}""");

    [Fact]
    [Trait("EdgeCase", "48")]
    public void Records_of_several_accounts_come_in_one_stream_in_their_order()
    {
        Vendor.Answer(Items(
            null,
            """{"id":"a","sequenceAccountId":"2"}""",
            """{"id":"b","sequenceAccountId":"1"}""",
            """{"id":"c","sequenceAccountId":"2"}"""));

        Assert.Equal(["a", "b", "c"], Read(null).Single().Ids);
    }

    private void PassesThrough(string record)
    {
        Vendor.Answer(Items(null, record));

        Assert.Equal([record], Read(null).Single().Records);
    }
}
