using ActivityConnector.Tests.Configuration;

namespace ActivityConnector.Tests.Charts;

/// <remarks>After a change of values.yaml, of the options types or of a copied file: run these with <c>UPDATE_CHART=1</c>, then look at what changed.</remarks>
public sealed class ChartFilesTests
{
    [Fact]
    public void The_readme_says_what_the_comments_of_the_values_say() => Compare("README.md", ChartFiles.Readme());

    [Fact]
    public void The_schema_of_the_values_has_the_options_of_the_product() => Compare("values.schema.json", ChartFiles.Text(ChartFiles.ValuesSchema()));

    [Theory]
    [InlineData("files/rules.yml", "config/prometheus/activity-connector.rules.yml")]
    [InlineData("files/dashboard.json", "config/grafana/activity-connector.json")]
    public void What_the_chart_copies_is_what_the_product_delivers(string copy, string original) =>
        Compare(copy, File.ReadAllText(Path.Combine(DeliveredFiles.Root, original)));

    [Fact]
    public void The_chart_and_the_product_have_one_version()
    {
        var chart = Yaml.Documents(File.ReadAllText(Chart.File("Chart.yaml"))).Single();

        Assert.Equal(ConnectorHost.Version, Rendering.Text(chart["version"]));
        Assert.Equal(ConnectorHost.Version, Rendering.Text(chart["appVersion"]));
    }

    [Fact]
    public void Every_value_is_explained()
    {
        var explained = ChartFiles.DocumentedValues().Select(value => value.Key).ToHashSet();
        var values = ValuesTests.Places(Chart.Values, []).Where(place => place.Value is not System.Text.Json.Nodes.JsonObject { Count: > 0 });

        Assert.All(values, value => Assert.Contains(
            Enumerable.Range(1, value.Path.Count), length => explained.Contains(string.Join('.', value.Path.Take(length)))));
    }

    private static void Compare(string name, string expected)
    {
        var path = Chart.File(name);
        if (Environment.GetEnvironmentVariable("UPDATE_CHART") == "1" && File.ReadAllText(path) != expected)
        {
            File.WriteAllText(path, expected);
            Assert.Fail($"{name} of the chart was written: look at what changed, and run this again without UPDATE_CHART.");
        }

        Assert.Equal(expected, File.ReadAllText(path));
    }
}
