using System.Globalization;
using System.Text;
using System.Text.Json;
using ActivityConnector.Transforms;

namespace ActivityConnector.Tests.Golden;

public sealed class GoldenTests
{
    private static readonly Dictionary<string, string[]> ContentHashes =
        JsonSerializer.Deserialize<Dictionary<string, string[]>>(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Golden", "digests.json")))!;

    public static TheoryData<string> Pairs => [.. GoldenPair.Names];

    [Theory]
    [MemberData(nameof(Pairs))]
    public void A_record_becomes_exactly_the_events_that_the_specification_says(string name)
    {
        var pair = GoldenPair.Read(name);
        using var batch = new EventBatch();

        Vendors.Transform(pair.Vendor, pair.Settings).Run(pair.Record, pair.ReceivedAt, batch);

        Assert.Equal(pair.Events.Count, batch.Events.Count);
        foreach (var (expected, actual) in pair.Events.Zip(batch.Events))
        {
            using var json = JsonDocument.Parse(actual.Json);
            var fields = GoldenEvent.FieldsOf(json.RootElement);
            Assert.Equal(Lines(expected.Fields, pair.Free), Lines(fields, pair.Free));
            Assert.Equal(expected.Id, actual.Id);
            Assert.Equal(GoldenEvent.Wire(fields, new HashSet<string>()), Encoding.UTF8.GetString(actual.Json.Span));
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void The_content_hash_of_an_event_stays_for_ever_what_it_is(string name)
    {
        var pair = GoldenPair.Read(name);
        using var batch = new EventBatch();

        Vendors.Transform(pair.Vendor, pair.Settings).Run(pair.Record, pair.ReceivedAt, batch);

        Assert.Equal(ContentHashes[name], batch.Events.Select(e => e.ContentDigest.ToString("x16", CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void Every_row_of_the_Intercom_table_has_a_pair()
    {
        var rows = CsvRows.Read(Vendors.TableText("intercom")).Select(row => row["activity_type"]);

        var pairs = GoldenPair.Names.Where(IsRowPair("intercom/")).Select(GoldenPair.Read)
            .Select(pair => JsonDocument.Parse(pair.Record).RootElement.GetProperty("activity_type").GetString()!);

        Assert.Equal(rows.Order(StringComparer.Ordinal), pairs.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_row_of_the_Sequence_table_has_a_pair_that_no_earlier_row_takes()
    {
        var rows = CsvRows.Read(Vendors.TableText("sequence"));

        var pairs = GoldenPair.Names.Where(IsRowPair("sequence/")).Select(GoldenPair.Read)
            .Select(pair => SequenceRows.FirstMatch(rows, JsonDocument.Parse(pair.Record).RootElement));

        Assert.Equal(rows.Select(row => row["priority"]), pairs.Select(row => row["priority"]).Order(Comparer<string>.Create(
            (a, b) => int.Parse(a, null).CompareTo(int.Parse(b, null)))));
    }

    private static Func<string, bool> IsRowPair(string folder) =>
        name => name.StartsWith(folder, StringComparison.Ordinal) && !name.StartsWith(folder + "edges/", StringComparison.Ordinal);

    // One line a field: a failure shows the field, not two long texts.
    private static string Lines(IEnumerable<KeyValuePair<string, string>> fields, IReadOnlySet<string> free) =>
        GoldenEvent.Wire(fields, free).Replace(",\"", ",\n\"", StringComparison.Ordinal);
}
