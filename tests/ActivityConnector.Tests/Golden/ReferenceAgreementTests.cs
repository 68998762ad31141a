using System.Globalization;
using System.Text;
using System.Text.Json;
using ActivityConnector.Tests.EndToEnd;
using ActivityConnector.Tests.Golden.Properties;
using ActivityConnector.Transforms;

namespace ActivityConnector.Tests.Golden;

/// <summary>
/// Product and reference make the same events of generated records: 4,000 of each vendor, a million in the long form. <c>RECORDS</c> and
/// <c>FIRST_RECORD</c> choose others. A difference is printed with the smallest record that still has one.
/// </summary>
[Trait("Kind", "long")]
public sealed class ReferenceAgreementTests
{
    private const int AtOnce = 500;
    private const int MostDifferences = 5;

    [PythonTheory]
    [InlineData("intercom")]
    [InlineData("sequence")]
    public async Task Product_and_reference_make_the_same_events_of_every_record(string vendor)
    {
        var first = Number("FIRST_RECORD") ?? 0;
        var count = Number("RECORDS") ?? (Scene.IsLong ? 1_000_000 : 4_000);
        var transform = Vendors.Transform(vendor, Vendors.Settings(vendor));
        var differences = new List<(int Seed, string Record)>();
        using var reference = new Reference(vendor);
        foreach (var seeds in Enumerable.Range(first, count).Chunk(AtOnce))
        {
            string[] records = [.. seeds.Select(seed => new Records(vendor, seed).Next().Json)];
            var asked = AskAllAsync(reference, records);
            foreach (var (seed, record) in seeds.Zip(records))
            {
                var expected = await reference.ReadAsync();
                if (differences.Count < MostDifferences && !expected.SequenceEqual(Map(transform, record))) differences.Add((seed, record));
            }

            await asked;
            if (differences.Count == MostDifferences) break;
        }

        var descriptions = new List<string>();
        foreach (var (seed, record) in differences) descriptions.Add($"record {seed}: {await DescribeAsync(reference, transform, record)}");

        Assert.True(descriptions.Count == 0, string.Join("\n\n", descriptions));
    }

    /// <summary>On both sides of what the events of one log may take.</summary>
    [PythonTheory]
    [InlineData(28_000, 1, 28_000)]
    [InlineData(40_000, 1, 1)]
    [InlineData(60, 500_000, 60)]
    [InlineData(80, 500_000, 1)]
    public async Task A_log_with_more_items_than_fit_becomes_one_event(int items, int bytesBeside, int events)
    {
        var record = $"{{\"id\":\"log\",\"sequenceAccountId\":\"acc\",\"createdAt\":\"2024-01-01T10:00:00Z\",\"j\":\"{new string('j', bytesBeside)}\","
            + $"\"activityLogItems\":[{string.Join(',', Enumerable.Range(0, items).Select(n => $"{{\"id\":{n}}}"))}]}}";
        using var reference = new Reference("sequence");
        await reference.AskAsync(record);
        var expected = await reference.ReadAsync();
        var actual = Map(Vendors.Transform("sequence", Vendors.Settings("sequence")), record);

        Assert.Equal(events, actual.Length);
        Assert.Equal(expected, actual);
    }

    private static async Task AskAllAsync(Reference reference, string[] records)
    {
        foreach (var record in records) await reference.AskAsync(record);
    }

    private static async Task<string> DescribeAsync(Reference reference, IActivityTransform transform, string different)
    {
        var record = await ShrinkAsync(reference, transform, Tree.Parse(different));
        await reference.AskAsync(record);
        var text = new StringBuilder(record);
        var (expected, actual) = (await reference.ReadAsync(), Map(transform, record));
        if (expected.Count != actual.Length) text.Append(CultureInfo.InvariantCulture, $"\n  reference: {expected.Count} events, product: {actual.Length}");

        foreach (var (e, a) in expected.Zip(actual))
        {
            var (fieldsOfReference, fieldsOfProduct) = (FieldsOf(e), FieldsOf(a));
            foreach (var name in fieldsOfReference.Keys.Union(fieldsOfProduct.Keys))
            {
                var (r, p) = (fieldsOfReference.GetValueOrDefault(name, "nothing"), fieldsOfProduct.GetValueOrDefault(name, "nothing"));
                if (r != p) text.Append(CultureInfo.InvariantCulture, $"\n  {name}: reference {r}, product {p}");
            }
        }

        return text.ToString();
    }

    /// <summary>The smallest record found by leaving out and shortening parts that still makes a difference.</summary>
    private static async Task<string> ShrinkAsync(Reference reference, IActivityTransform transform, Tree record)
    {
        while (await SmallerAsync() is { } smaller) record = smaller;

        return record.ToString();

        async Task<Tree?> SmallerAsync()
        {
            foreach (var candidate in record.Shrinks())
            {
                var json = candidate.ToString();
                await reference.AskAsync(json);
                if (!(await reference.ReadAsync()).SequenceEqual(Map(transform, json))) return candidate;
            }

            return null;
        }
    }

    private static MappedEvent[] Map(IActivityTransform transform, string record)
    {
        using var batch = new EventBatch();
        transform.Run(record, Vendors.ReceivedAt, batch);
        return [.. batch.Events.Select(e => new MappedEvent($"{e.ContentDigest:x16}", e.Id, Encoding.UTF8.GetString(e.Json.Span)))];
    }

    private static Dictionary<string, string> FieldsOf(MappedEvent e)
    {
        using var json = JsonDocument.Parse(e.Wire);
        return new(json.RootElement.EnumerateObject().Select(m => KeyValuePair.Create(m.Name, m.Value.GetRawText())))
        {
            ["(document id)"] = e.Id,
            ["(content digest)"] = e.ContentDigest,
        };
    }

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
