using ActivityConnector.Pipeline;
using ActivityConnector.Sources.Intercom;
using ActivityConnector.Sources.Sequence;
using ActivityConnector.Tests.Shared;
using ActivityConnector.Tests.Sources.Intercom;
using ActivityConnector.Tests.Sources.Sequence;
using static ActivityConnector.Tests.Sources.VendorJson;

namespace ActivityConnector.Tests.Sources;

/// <summary>The moments at which a record begins to count, to the last unit of the vendor's clock.</summary>
public sealed class BoundariesTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 20, 0, 0, TimeSpan.Zero);

    private readonly ManualTimeProvider _clock = new(Now);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_Intercom_record_of_the_very_second_of_StartAt_is_read_and_none_before(bool inclusive)
    {
        var first = Now.AddHours(-3);
        var vendor = new IntercomStore(_clock) { Inclusive = inclusive };
        vendor.Records.AddRange([new("before", first.AddSeconds(-1), first), new("at", first, first), new("after", first.AddSeconds(1), first)]);
        using var source = new IntercomSource(new IntercomOptions { AccessToken = "t", StartAt = $"{first:o}" }, vendor, _clock, new Random(1), new LogLines());

        Assert.Equal(["after", "at"], Given(source.ReadAsync(null, default)));
    }

    [Fact]
    public void A_Sequence_record_of_the_very_moment_of_StartAt_is_read_and_none_before()
    {
        var first = Now.AddHours(-3);
        var vendor = new SequenceStore(_clock);
        vendor.Records.AddRange(
            [new("1 before", first.AddMilliseconds(-1), first), new("2 at", first, first), new("3 after", first.AddMilliseconds(1), first)]);
        using var source = new SequenceSource(
            new SequenceOptions { ClientId = "i", ClientSecret = "s", StartAt = $"{first:o}" }, vendor, _clock, new Random(1), new LogLines());

        Assert.Equal(["2 at", "3 after"], Given(source.ReadAsync(null, default)));
    }

    [Theory]
    [InlineData(-1, 0, false)] // A second younger than the hold-back when the request was sent.
    [InlineData(1, 0, true)]
    [InlineData(-1, -1, false)]
    [InlineData(1, -1, true)]
    public void The_age_of_a_page_counts_from_when_it_was_asked_for_however_long_the_answer_takes(int seconds, int vendorAheadMinutes, bool moves)
    {
        var holdBack = TimeSpan.FromMinutes(10);
        var vendor = new ScriptedVendor(_clock) { Skew = TimeSpan.FromMinutes(vendorAheadMinutes) };
        vendor.Answer(_ =>
        {
            var body = new StringContent(Items("c2", Item("a", Now + vendor.Skew - holdBack - TimeSpan.FromSeconds(seconds))), null, "application/json");
            _clock.Advance(TimeSpan.FromSeconds(20));
            return vendor.Response(200, body);
        }).Answer(Items(null));
        using var source = new SequenceSource(
            new SequenceOptions { ClientId = "i", ClientSecret = "s", HoldBack = holdBack }, vendor, _clock, new Random(1), new LogLines());

        var batch = ReadBatch.All(_clock, source.ReadAsync(Checkpoints.After("c1"), default)).Single();

        Assert.Equal(moves ? "c2" : "c1", batch.Cursor.After);
    }

    private List<string> Given(IAsyncEnumerable<ActivityBatch> batches) =>
        [.. ReadBatch.All(_clock, batches).SelectMany(u => u.Ids).Distinct().Order(StringComparer.Ordinal)];
}
