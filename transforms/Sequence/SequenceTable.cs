using System.Collections.Frozen;
using ActivityConnector.Transforms.Records;
using ActivityConnector.Transforms.Tables;

namespace ActivityConnector.Transforms.Sequence;

/// <summary>One row of the Sequence mapping table, as it stands there.</summary>
/// <param name="Verb">Upper case; <c>*</c> for any, <c>~</c> before a regular expression, <c>(no items)</c> for a log without items.</param>
/// <param name="EntityType">The acted-upon object's entity type, in the same notation.</param>
/// <param name="Category"><c>event.category</c>: values with <c>|</c> between, or <c>{class}</c> for the class of the entity type.</param>
/// <param name="Type"><c>event.type</c>: values with <c>|</c> between.</param>
/// <param name="Action"><c>event.action</c>, with the placeholders <c>{entity_type}</c>, <c>{verb}</c>, <c>{activity_type}</c>.</param>
/// <param name="IsKnown">False where the row has to guess: its events are tagged.</param>
/// <param name="Basis">Where the row comes from.</param>
/// <param name="Why">The reason for it.</param>
public sealed record SequenceRow(
    int Priority, string ActivityType, string Verb, string EntityType, string Category, string Type, string Action, string? Outcome,
    int Severity, bool IsKnown, string Basis, string Why);

/// <summary>The Sequence mapping table: the first row that fits a verb and an entity type counts. Immutable, so thread-safe.</summary>
public sealed class SequenceTable
{
    private const string NoItems = "(no items)";

    private static readonly string[] Columns =
    [
        "priority", "activity_type", "verb", "entity_type", "event.category", "event.type", "event.action", "event.outcome", "severity",
        "known", "basis", "why",
    ];

    private readonly FrozenDictionary<(string Verb, string EntityType), SequenceRow> _exact;
    private readonly List<SequencePattern> _patterns;
    private readonly SequenceRow _noItems;

    private SequenceTable(List<SequenceRow> rows, Dictionary<(string, string), SequenceRow> exact, List<SequencePattern> patterns, SequenceRow noItems)
    {
        Rows = rows;
        _exact = exact.ToFrozenDictionary();
        _patterns = patterns;
        _noItems = noItems;
    }

    /// <summary>The rows in the table's order.</summary>
    public IReadOnlyList<SequenceRow> Rows { get; }

    /// <summary>Reads the table. Its last row must fit everything, and one row must be for logs without items.</summary>
    /// <exception cref="FormatException">A row is wrong; the message names its line, column and cause.</exception>
    public static SequenceTable Parse(string csv)
    {
        var rows = new List<SequenceRow>();
        var exact = new Dictionary<(string, string), SequenceRow>();
        var patterns = new List<SequencePattern>();
        SequenceRow? noItems = null;
        foreach (var row in CsvRow.Parse(csv, Columns))
        {
            var parsed = SequencePattern.ParseRow(row);
            if (rows is [.., var above] && parsed.Priority <= above.Priority)
            {
                throw row.Bad("priority", $"{parsed.Priority} must be more than {above.Priority} of the row above, because rows count in the table's order");
            }

            rows.Add(parsed);
            if (parsed.Verb == NoItems)
            {
                noItems = parsed;
            }
            else if (SequencePattern.Of(parsed, row) is { } pattern)
            {
                patterns.Add(pattern);
            }
            else if (!exact.TryAdd((AsciiCase.Upper(parsed.Verb), AsciiCase.Upper(parsed.EntityType)), parsed))
            {
                throw row.Bad("verb", $"'{parsed.Verb}' of '{parsed.EntityType}' stands in the table twice");
            }
        }

        if (noItems is null || rows[^1] is not { Verb: "*", EntityType: "*" })
        {
            throw new FormatException($"line {rows.Count + 1}, column verb: the table needs a '{NoItems}' row, and a last row with '*' and '*'.");
        }

        return new(rows, exact, patterns, noItems);
    }

    /// <summary>The row for a verb and an entity type; letters of ASCII match in any case.</summary>
    public SequenceRow Find(string verb, string entityType)
    {
        var (v, e) = (AsciiCase.Upper(verb), AsciiCase.Upper(entityType));
        return _exact.GetValueOrDefault((v, e)) ?? _patterns.First(pattern => pattern.Fits(WithoutLookalikes(v), WithoutLookalikes(e))).Row;
    }

    /// <summary>For a pattern, these letters are the other case of a letter of ASCII.</summary>
    private static string WithoutLookalikes(string text) => string.Join('\uFFFD', text.Split(['\u0130', '\u0131', '\u017F', '\u212A']));

    /// <summary>The class of an item. A missing verb or entity type is <c>unknown</c>.</summary>
    public Classification Classify(string verb, string entityType)
    {
        verb = verb.Length == 0 ? "unknown" : verb;
        entityType = entityType.Length == 0 ? "unknown" : entityType;
        var row = Find(verb, entityType);
        var action = row.Action.Replace("{entity_type}", LowerCase.Of(entityType), StringComparison.Ordinal)
            .Replace("{verb}", LowerCase.Of(verb), StringComparison.Ordinal);
        var (categories, types) = EntityClass.Resolve(row, AsciiCase.Upper(entityType));
        return new(action, categories, types, row.Outcome, row.Severity, row.IsKnown);
    }

    /// <summary>The class of a log without items. A missing activity type is <c>unknown</c>.</summary>
    public Classification ClassifyEmpty(string activityType)
    {
        var action = _noItems.Action.Replace(
            "{activity_type}", activityType.Length == 0 ? "unknown" : LowerCase.Of(activityType), StringComparison.Ordinal);
        var (categories, types) = EntityClass.Resolve(_noItems, "");
        return new(action, categories, types, _noItems.Outcome, _noItems.Severity, _noItems.IsKnown);
    }
}
