using System.Text.Json;

namespace ActivityConnector.Commands;

/// <summary>One field in which an event is not as expected; null = the field is not there.</summary>
/// <param name="Event">Its place in the output, from 1.</param>
internal sealed record EventDifference(int Event, string Field, string? Expected, string? Actual)
{
    /// <summary>Field by field, as JSON. Fields that differ with each run are left out.</summary>
    public static List<EventDifference> Between(IReadOnlyList<JsonElement> expected, IReadOnlyList<JsonElement> actual)
    {
        var differences = new List<EventDifference>();
        for (var i = 0; i < Math.Max(expected.Count, actual.Count); i++)
        {
            var (wanted, got) = (FieldsOf(expected, i), FieldsOf(actual, i));
            foreach (var field in wanted.Keys.Union(got.Keys).Where(f => !DiffersWithEachRun(f)).Order(StringComparer.Ordinal))
            {
                var (a, b) = (wanted.TryGetValue(field, out var w), got.TryGetValue(field, out var g));
                if (!a || !b || !JsonElement.DeepEquals(w, g))
                {
                    differences.Add(new(i + 1, field, a ? w.GetRawText() : null, b ? g.GetRawText() : null));
                }
            }
        }

        return differences;
    }

    private static bool DiffersWithEachRun(string field) => field == "event.created" || field.StartsWith("agent.", StringComparison.Ordinal);

    private static Dictionary<string, JsonElement> FieldsOf(IReadOnlyList<JsonElement> events, int i) =>
        i < events.Count ? events[i].EnumerateObject().ToDictionary(p => p.Name, p => p.Value) : [];
}
