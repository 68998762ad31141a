using System.Text.Json;

namespace ActivityConnector.Tests.Dashboards;

/// <summary>One group of an answer: the value of each dimension, and what the panel shows of the group.</summary>
internal sealed record BoardRow(IReadOnlyList<string> Keys, IReadOnlyList<double?> Values);

/// <summary>Reads the answers to <see cref="BoardQuery"/>.</summary>
internal static class BoardRows
{
    public static long Total(JsonElement answer) => answer.GetProperty("hits").GetProperty("total").GetProperty("value").GetInt64();

    /// <summary>The groups, those of the first dimension together; the one group of everything when the panel has no dimension.</summary>
    public static IReadOnlyList<BoardRow> Of(BoardPanel panel, JsonElement answer)
    {
        if (panel.Dimensions.Count == 0)
        {
            return
            [
                new([], [
                    .. panel.Metrics.Index().Select(m => m.Item.Measure == BoardMeasure.Count ? Total(answer) : Value(answer.GetProperty("aggregations"), m)),
                ]),
            ];
        }

        var rows = new List<BoardRow>();
        Add(panel, rows, answer.GetProperty("aggregations"), []);
        return rows;
    }

    /// <summary>How many events there are in each interval of time, by its first millisecond.</summary>
    public static IReadOnlyDictionary<long, long> OverTime(JsonElement answer) => answer.GetProperty("aggregations").GetProperty(BoardQuery.Whole)
        .GetProperty("buckets").EnumerateArray()
        .ToDictionary(bucket => bucket.GetProperty("key").GetInt64(), bucket => bucket.GetProperty("doc_count").GetInt64());

    private static void Add(BoardPanel panel, List<BoardRow> rows, JsonElement above, List<string> keys)
    {
        foreach (var bucket in above.GetProperty($"by{keys.Count}").GetProperty("buckets").EnumerateArray())
        {
            var key = bucket.GetProperty("key");
            List<string> all = [.. keys, key.ValueKind == JsonValueKind.String ? key.GetString()! : key.GetRawText()];
            if (bucket.TryGetProperty($"by{all.Count}", out _))
            {
                Add(panel, rows, bucket, all);
            }
            else
            {
                rows.Add(new(all, [
                    .. panel.Metrics.Index().Select(m => m.Item.Measure == BoardMeasure.Count ? bucket.GetProperty("doc_count").GetInt64() : Value(bucket, m)),
                ]));
            }
        }
    }

    private static double? Value(JsonElement group, (int Index, BoardMetric Metric) of)
    {
        var metric = group.GetProperty($"m{of.Index}");
        var value = of.Metric.Measure == BoardMeasure.Percentile ? metric.GetProperty("values").EnumerateObject().Single().Value : metric.GetProperty("value");
        return value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;
    }
}
