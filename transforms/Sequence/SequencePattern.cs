using System.Text.RegularExpressions;
using ActivityConnector.Transforms.Records;
using ActivityConnector.Transforms.Tables;

namespace ActivityConnector.Transforms.Sequence;

/// <summary>A row of the Sequence table that fits more than one verb or entity type.</summary>
internal sealed class SequencePattern
{
    private readonly Func<string, bool> _verb;
    private readonly Func<string, bool> _entityType;

    private SequencePattern(SequenceRow row, Func<string, bool> verb, Func<string, bool> entityType)
    {
        Row = row;
        _verb = verb;
        _entityType = entityType;
    }

    public SequenceRow Row { get; }

    public bool Fits(string verb, string entityType) => _verb(verb) && _entityType(entityType);

    public static SequenceRow ParseRow(CsvRow row)
    {
        if (row["activity_type"] != "*") throw row.Bad("activity_type", $"'{row["activity_type"]}' must be *: the type does not classify");

        var category = row["event.category"];
        if (category != EntityClass.Placeholder)
        {
            row.CategoriesAndTypes();
        }
        else
        {
            row.Required("event.type");
            row.Values("event.type", EcsVocabulary.IsType);
        }

        return new(
            row.Number("priority", 1, int.MaxValue), "*", row.Required("verb"), row.Required("entity_type"), category, row["event.type"],
            row.Required("event.action"), row.Outcome(), row.Number("severity", 0, 100), row.Flag("known"), row["basis"], row["why"]);
    }

    /// <summary>The pattern of a row; null for a row of one exact verb and entity type.</summary>
    public static SequencePattern? Of(SequenceRow row, CsvRow source)
        => IsExact(row.Verb) && IsExact(row.EntityType)
            ? null
            : new(row, Matcher(row.Verb, "verb", source), Matcher(row.EntityType, "entity_type", source));

    private static bool IsExact(string cell) => cell != "*" && !cell.StartsWith('~');

    private static Func<string, bool> Matcher(string cell, string column, CsvRow source)
    {
        if (cell == "*") return _ => true;

        if (!cell.StartsWith('~')) return AsciiCase.Upper(cell).Equals;

        try
        {
            // Without backtracking no text that a vendor sends can make it slow.
            var pattern = new Regex(cell[1..], RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
            return pattern.IsMatch;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw source.Bad(column, $"'{cell[1..]}' is no regular expression ({e.Message})");
        }
    }
}
