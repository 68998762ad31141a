using System.Text.RegularExpressions;
using ActivityConnector.Configuration;

namespace ActivityConnector.Tests.Documents;

/// <summary>
/// Every option that a document names is one of the program, in whichever way it is written. What tells of the past may name what was, and CONTRIBUTING its
/// vendor Acme.
/// </summary>
public sealed partial class DocumentedOptionsTests
{
    private static readonly string[] Maps =
        [.. OptionKeys.All.Where(key => key is "Kafka:Properties" or "Transform:Labels" or "Transform:Severity" or "Transform:Privacy:Fields")];

    [Fact]
    public void Every_option_and_every_variable_that_a_document_names_exists()
    {
        var named = Document.All
            .Where(document => document.Name != "CHANGELOG.md" && !document.Name.Contains("/decisions/", StringComparison.Ordinal))
            .SelectMany(document => Named(document.Text).Select(key => (document.Name, Key: key)))
            .ToList();

        Assert.Contains(("README.md", "Sources:Intercom:AccessToken"), named);
        Assert.Empty(named.Where(n => !Exists(n.Key) && n.Key != "Sources:Acme").Distinct());
    }

    [Theory]
    [InlineData("`Journal:Pth`", "Journal:Pth")]
    [InlineData("export Sources__Intercom__Token=x", "Sources:Intercom:Token")]
    [InlineData("`Sources:Intercom:1:AccessToken`, `Kafka__Properties__NAME`, `Elasticsearch__Urls__0=…`, `Kafka:Security`, `Sources: 3`", null)]
    public void An_option_that_does_not_exist_is_found(string markdown, string? unknown)
    {
        string[] expected = unknown is null ? [] : [unknown];
        Assert.Equal(expected, Named(markdown).Where(key => !Exists(key)));
    }

    private static IEnumerable<string> Named(string markdown) =>
        Option().Matches(markdown).Select(match => OptionTypes.WithoutNumbers(match.Value.Replace("__", ":", StringComparison.Ordinal)));

    private static bool Exists(string key) => OptionKeys.All.Contains(key) || Maps.Any(map => key.StartsWith(map + ":", StringComparison.Ordinal));

    [GeneratedRegex(@"\b(?:Sources|Journal|Kafka|Elasticsearch|Transform|Telemetry|Admin)(?:(?::|__)[A-Za-z0-9]+)+\b")]
    private static partial Regex Option();
}
