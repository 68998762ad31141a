using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ActivityConnector.Scheduling;
using ActivityConnector.Tests.Configuration;

namespace ActivityConnector.Tests.Containers;

/// <summary>What stands in several of the files that an installation is made of is the same in all of them.</summary>
public sealed partial class NamedVersionsTests
{
    [Fact]
    public void The_connectors_image_has_the_products_version_wherever_it_is_named() => Assert.All(
        (string[])["Dockerfile", "docker-compose.yml", "docs/containers.md", "docs/kubernetes.md"],
        file =>
        {
            var versions = OwnImage().Matches(Read(file)).Select(match => match.Groups[1].Value).ToHashSet();
            Assert.Equal([ConnectorHost.Version], versions);
        });

    [Fact]
    public void A_server_has_one_version_in_compose_and_on_a_cluster_to_try_with()
    {
        var compose = Images("docker-compose.yml");
        var cluster = Images("docs/kubernetes/kafka-and-elasticsearch.yaml");
        Assert.NotEmpty(cluster);
        Assert.Subset(compose, cluster);
        Assert.All(compose.GroupBy(image => image.Split(':')[0]), image => Assert.Single(image));
    }

    [Fact]
    public void The_chart_runs_the_user_of_the_image() => Assert.Contains(
        $"runAsUser: {User().Match(Read("Dockerfile")).Groups[1].Value}\n", Read("charts/activity-connector/values.yaml"), StringComparison.Ordinal);

    [Fact]
    public void Kibanas_data_view_is_of_all_indices_that_are_written()
    {
        var view = JsonNode.Parse(Read("config/kibana/data-view.ndjson"))!["attributes"]!;
        Assert.Equal("@timestamp", view["timeFieldName"]!.GetValue<string>());
        var patterns = view["title"]!.GetValue<string>().Split(',').Select(pattern => pattern.TrimEnd('*')).ToList();
        foreach (var template in (string[])["dated", "stream"])
        {
            var written = JsonNode.Parse(Read($"config/elasticsearch/{template}.json"))!["index_patterns"]!.AsArray();
            foreach (var source in (string[])["intercom", "sequence"])
            {
                Assert.All(written.Select(pattern => pattern!.GetValue<string>().Replace("{source}", source, StringComparison.Ordinal)), index =>
                    Assert.Contains(patterns, known => index.StartsWith(known, StringComparison.Ordinal)));
            }
        }
    }

    private static HashSet<string> Images(string file) => [.. Image().Matches(Read(file)).Select(match => match.Groups[1].Value)];

    private static string Read(string file) => File.ReadAllText(Path.Combine([DeliveredFiles.Root, .. file.Split('/')]));

    [GeneratedRegex(@"activity-connector:([0-9][\w.]*)")]
    private static partial Regex OwnImage();

    [GeneratedRegex(@"^\s*image: (\S+)$", RegexOptions.Multiline)]
    private static partial Regex Image();

    [GeneratedRegex(@"^USER ([0-9]+):", RegexOptions.Multiline)]
    private static partial Regex User();
}
