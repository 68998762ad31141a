using ActivityConnector.Dashboards;
using ActivityConnector.Tests.Configuration;
using ActivityConnector.Tests.Shared;

namespace ActivityConnector.Tests.Dashboards;

/// <remarks>After a change of an object: run these with <c>UPDATE_CONFIG=1</c>, then look at what changed in <c>versions.json</c>.</remarks>
public sealed class VersionsTests
{
    private const string Rule = """{"rule_id":"r","type":"query","name":"A rule","query":"a","version":1}""";

    [Theory]
    [InlineData("kibana")]
    [InlineData("opensearch-dashboards")]
    public void The_list_of_released_contents_has_those_of_this_version(string name)
    {
        var folder = Path.Combine(DeliveredFiles.Root, "config", name);
        var (file, expected) = (Path.Combine(folder, ReleasedContents.FileName), DeliveredVersions.Of(folder, ConnectorHost.Version));
        Assert.Empty(DeliveredVersions.NotRaised(expected));

        var text = DeliveredVersions.Text(expected);
        if (Environment.GetEnvironmentVariable("UPDATE_CONFIG") == "1" && (!File.Exists(file) || File.ReadAllText(file) != text))
        {
            File.WriteAllText(file, text);
            Assert.Fail($"{file} was written: look at what changed, and run this again without UPDATE_CONFIG.");
        }

        Assert.Equal(text, File.ReadAllText(file));
    }

    [Theory]
    [InlineData("\"query\":\"a\"", "\"query\":\"b\"", true)]
    [InlineData("\"query\":\"a\",\"version\":1", "\"query\":\"b\",\"version\":2", false)]
    [InlineData("\"version\":1", "\"version\":1,\"enabled\":false", false)]
    public void A_rule_with_another_content_than_a_release_had_needs_a_higher_version(string was, string becomes, bool isFound)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("detection-rules.ndjson"), Rule);
        File.WriteAllText(folder.File(ReleasedContents.FileName), DeliveredVersions.Text(DeliveredVersions.Of(folder.Path, "0.1.0")));
        File.WriteAllText(folder.File("detection-rules.ndjson"), Rule.Replace(was, becomes, StringComparison.Ordinal));

        string[] found = isFound ? ["rule/r"] : [];
        Assert.Equal(found, DeliveredVersions.NotRaised(DeliveredVersions.Of(folder.Path, "0.2.0")));
    }

    [Fact]
    public void A_content_of_the_release_that_is_being_made_is_replaced()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("detection-rules.ndjson"), Rule);
        File.WriteAllText(folder.File(ReleasedContents.FileName), DeliveredVersions.Text(DeliveredVersions.Of(folder.Path, "0.1.0")));
        File.WriteAllText(folder.File("detection-rules.ndjson"), Rule.Replace("\"a\"", "\"b\"", StringComparison.Ordinal));

        Assert.Single(DeliveredVersions.Of(folder.Path, "0.1.0")["rule/r"]);
        Assert.Equal(2, DeliveredVersions.Of(folder.Path, "0.2.0")["rule/r"].Count);
    }
}
