using System.Collections.Frozen;
using ActivityConnector.Transforms.Tables;

namespace ActivityConnector.Transforms.Intercom;

/// <summary>One row of the Intercom mapping table.</summary>
/// <param name="Classification">What an activity of this type is in ECS terms.</param>
/// <param name="Why">The reason for it.</param>
/// <param name="Since">The first API version that names the type, and where else it was seen.</param>
public sealed record IntercomRow(string ActivityType, Classification Classification, string Why, string Since);

/// <summary>The Intercom mapping table: one row for each known <c>activity_type</c>. Immutable, so thread-safe.</summary>
public sealed class IntercomTable
{
    private static readonly string[] Columns =
        ["activity_type", "event.category", "event.type", "event.action", "event.outcome", "severity", "why", "since"];

    private readonly FrozenDictionary<string, IntercomRow> _rowOfType;

    private IntercomTable(List<IntercomRow> rows)
    {
        Rows = rows;
        _rowOfType = rows.ToFrozenDictionary(row => row.ActivityType);
    }

    /// <summary>The rows in the table's order.</summary>
    public IReadOnlyList<IntercomRow> Rows { get; }

    /// <summary>Reads the table.</summary>
    /// <exception cref="FormatException">A row is wrong; the message names its line, column and cause.</exception>
    public static IntercomTable Parse(string csv)
    {
        var rows = new List<IntercomRow>();
        var types = new HashSet<string>();
        foreach (var row in CsvRow.Parse(csv, Columns))
        {
            var type = row.Required("activity_type");
            if (!types.Add(type)) throw row.Bad("activity_type", $"'{type}' stands in the table twice");

            if (row["event.action"] != type) throw row.Bad("event.action", $"'{row["event.action"]}' must be the activity type, verbatim");

            var (categories, ecsTypes) = row.CategoriesAndTypes();
            var classification = new Classification(type, categories, ecsTypes, row.Outcome(), row.Number("severity", 0, 100), IsKnown: true);
            rows.Add(new(type, classification, row["why"], row["since"]));
        }

        return new(rows);
    }

    /// <summary>The row of a type, or null for one that the table does not know.</summary>
    public IntercomRow? Find(string activityType) => _rowOfType.GetValueOrDefault(activityType);

    /// <summary>The class of any type: its row's, else what the rules for unknown types make of its name.</summary>
    public Classification Classify(string activityType) => Find(activityType)?.Classification ?? UnknownActivityType.Classify(activityType);
}
