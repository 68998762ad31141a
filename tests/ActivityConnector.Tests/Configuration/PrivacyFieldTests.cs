using System.Text.Json;
using ActivityConnector.Configuration;
using ActivityConnector.Vendors;

namespace ActivityConnector.Tests.Configuration;

/// <summary>The names that <c>Transform:Privacy:Fields</c> takes are those that events have.</summary>
public sealed class PrivacyFieldTests
{
    private static readonly IReadOnlyList<string> Known = EventFieldNames.Known;

    [Fact]
    public void Every_field_of_every_golden_event_is_known()
    {
        var folder = Path.Combine(DeliveredFiles.Root, "tests", "ActivityConnector.Tests", "Golden");
        var fields = Directory.EnumerateFiles(folder, "*.golden.json", SearchOption.AllDirectories)
            .SelectMany(file => JsonDocument.Parse(File.ReadAllText(file)).RootElement.GetProperty("events").EnumerateArray())
            .SelectMany(e => e.GetProperty("event").EnumerateObject().Select(p => p.Name)).ToHashSet();

        Assert.True(fields.Count > 60);
        Assert.All(fields, field => Assert.True(EventFieldNames.MeetsAny(field), field));
    }

    /// <summary>The template has the fields that pipelines and the sink add, too.</summary>
    [Fact]
    public void Every_known_field_is_in_the_index_template()
    {
        var folder = Path.Combine(DeliveredFiles.Root, "config", "elasticsearch");
        var files = Vendor.Names.Select(name => Path.Combine(folder, "sources", $"{name}.json")).Append(Path.Combine(folder, "mappings.json"));
        var mapped = files.SelectMany(file => Names(JsonDocument.Parse(File.ReadAllText(file)).RootElement, "")).ToHashSet();

        Assert.Subset(mapped, Known.Where(field => !field.EndsWith(".*", StringComparison.Ordinal)).ToHashSet());
    }

    [Fact]
    public void A_known_field_or_a_prefix_of_one_is_no_problem()
    {
        string[] names =
        [
            .. Known, "user.*", "user", "intercom.metadata", "intercom.metadata.größe", "intercom.metadata.before.*", "labels.env", "intercom.*",
        ];
        Assert.Empty(Problems(names));
    }

    /// <summary>Two neighbours exchanged, a letter too few, a letter too many.</summary>
    [Fact]
    public void A_known_field_with_a_typo_is_a_problem_that_names_a_known_one()
    {
        foreach (var name in Known.Where(n => !n.EndsWith(".*", StringComparison.Ordinal) && n.Contains('.', StringComparison.Ordinal)))
        {
            var at = name.LastIndexOf('.') + 1;
            string[] typos = [name[..at] + name[(at + 1)..], name + "x", name[..at] + name[at + 1] + name[at] + name[(at + 2)..]];
            foreach (var typo in typos.Where(t => !EventFieldNames.MeetsAny(t)))
            {
                var problem = Assert.Single(Problems(typo));

                Assert.Equal($"Transform:Privacy:Fields:{typo}", problem.Key);
                Assert.Matches(@"^Did you mean [a-z_.]+\?$", problem.Fix);
            }
        }
    }

    private static List<ConfigurationProblem> Problems(params string[] names)
    {
        var problems = new List<ConfigurationProblem>();
        PrivacyFieldRules.Check(names, problems);
        return problems;
    }

    private static IEnumerable<string> Names(JsonElement node, string path) => node.ValueKind != JsonValueKind.Object ? [] :
        node.EnumerateObject().SelectMany(member => member.Name is "properties"
            ? member.Value.EnumerateObject().SelectMany(p => Names(p.Value, $"{path}.{p.Name}".Trim('.')).Prepend($"{path}.{p.Name}".Trim('.')))
            : member.Name is "template" or "mappings" ? Names(member.Value, path) : []);
}
