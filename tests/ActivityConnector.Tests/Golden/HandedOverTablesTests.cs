using ActivityConnector.Tests.Shared.Servers;
using ActivityConnector.Transforms.Intercom;
using ActivityConnector.Transforms.Sequence;
using Microsoft.VisualBasic.FileIO;

namespace ActivityConnector.Tests.Golden;

/// <summary>
/// The tables say, as the product reads them, what they said when they were handed over. They are read here by the platform's own reader. A row
/// that is to say something else is a decision: it is named here, and has a line in the change log.
/// </summary>
public sealed class HandedOverTablesTests
{
    [HandedOverFact]
    public void The_Intercom_table_is_the_one_that_was_handed_over() => Assert.Equal(
        Read("intercom-ecs.csv").Select(row => string.Join('|', row.Values)),
        IntercomTable.Parse(Vendors.TableText("intercom")).Rows.Select(row => string.Join(
            '|', row.ActivityType, string.Join('|', row.Classification.Categories), string.Join('|', row.Classification.Types), row.Classification.Action,
            row.Classification.Outcome, row.Classification.Severity, row.Why, row.Since)));

    /// <summary>What the product has a column <c>known</c> for was said at the end of the column <c>why</c>.</summary>
    [HandedOverFact]
    public void The_Sequence_table_is_the_one_that_was_handed_over() => Assert.Equal(
        Read("sequence-ecs.csv").Select(row => string.Join('|', row.Values)),
        SequenceTable.Parse(Vendors.TableText("sequence")).Rows.Select(row => string.Join(
            '|', row.Priority, row.ActivityType, row.Verb, row.EntityType, row.Category, row.Type, row.Action, row.Outcome, row.Severity, row.Basis,
            row.Why + (row.IsKnown ? "" : "; tag _unknown_verb"))));

    private static IEnumerable<Dictionary<string, string>> Read(string table)
    {
        using var parser = new TextFieldParser(Path.Combine(Folder()!, table)) { HasFieldsEnclosedInQuotes = true, TrimWhiteSpace = false };
        parser.SetDelimiters(",");
        var header = parser.ReadFields()!;
        while (!parser.EndOfData) yield return header.Zip(parser.ReadFields()!).ToDictionary(pair => pair.First, pair => pair.Second);
    }

    private static string? Folder()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            var folder = Path.Combine(at.FullName, "shared", "design");
            if (Directory.Exists(folder)) return folder;
        }

        return null;
    }

    /// <summary>A test that needs the tables as they were handed over: skipped, and counted, without them; a failure where REQUIRE_SERVERS is 1.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    private sealed class HandedOverFactAttribute : FactAttribute
    {
        public HandedOverFactAttribute() => Skip = Folder() is not null || ServerFolder.IsRequired ? null : "There is no folder shared/design.";
    }
}
