using System.Text.Json.Nodes;
using ActivityConnector.Tests.Configuration;
using ActivityConnector.Tests.Shared.Servers;
using static ActivityConnector.Tests.Charts.Rendering;

namespace ActivityConnector.Tests.Charts;

/// <summary>What an upgrade does to what runs.</summary>
public sealed class RolloutTests
{
    /// <summary>
    /// The Deployments, StatefulSets and Services that each released version made of a case, as <c>helm template</c> printed them; a release adds its own.
    /// </summary>
    private static readonly string Released = Path.Combine(DeliveredFiles.Root, "tests", "ActivityConnector.Tests", "Charts", "Released");

    /// <summary>Of a StatefulSet everything else is fixed once it is made.</summary>
    private static readonly string[] ChangeableOfStatefulSet =
        ["replicas", "ordinals", "template", "updateStrategy", "persistentVolumeClaimRetentionPolicy", "minReadySeconds"];

    [ToolFact("helm")]
    public async Task A_changed_option_replaces_the_pods_that_read_it_and_no_others()
    {
        var before = Checksums(await Chart.OfAsync("production"));

        var vendor = Checksums(await Chart.WithAsync("production", "config.Sources.Intercom.PageSize=100"));
        Assert.NotEqual(before["ac-activity-connector"], vendor["ac-activity-connector"]);
        Assert.Equal(before["ac-activity-connector-index"], vendor["ac-activity-connector-index"]);

        var sink = Checksums(await Chart.WithAsync("production", "config.Elasticsearch.BatchSize=500"));
        Assert.Equal(before["ac-activity-connector"], sink["ac-activity-connector"]);
        Assert.NotEqual(before["ac-activity-connector-index"], sink["ac-activity-connector-index"]);
    }

    /// <summary>A secret's content never passes through the chart; that its object is another one does not change an option.</summary>
    [ToolFact("helm")]
    public async Task What_is_no_option_has_no_part_in_the_checksum()
    {
        var before = Checksums(await Chart.OfAsync("production"));

        var after = await Chart.WithAsync(
            "production", """files.Kafka:Security:PasswordFile={"secret":"another","key":"k"}""", """resources.limits.memory="1Gi" """,
            """podLabels.team="x" """);

        Assert.Equal(before, Checksums(after));
    }

    [ToolTheory("helm")]
    [InlineData("production")]
    [InlineData("sqlite")]
    public async Task An_upgrade_from_any_released_version_changes_nothing_that_a_cluster_does_not_let_be_changed(string name)
    {
        var now = await Chart.OfAsync(name);
        var versions = Directory.GetDirectories(Released);
        Assert.NotEmpty(versions);
        foreach (var version in versions)
        {
            var before = Yaml.Documents(await File.ReadAllTextAsync(Path.Combine(version, $"{name}.yaml")));
            Assert.Empty(Forbidden(before, now.Manifests));
        }
    }

    [ToolTheory("helm")]
    [InlineData("Deployment ac-activity-connector: selector", "production", "Deployment", "selector.matchLabels.new")]
    [InlineData("StatefulSet ac-activity-connector: selector", "sqlite", "StatefulSet", "selector.matchLabels.new")]
    [InlineData("StatefulSet ac-activity-connector: serviceName", "sqlite", "StatefulSet", "serviceName")]
    [InlineData("StatefulSet ac-activity-connector: podManagementPolicy", "sqlite", "StatefulSet", "podManagementPolicy")]
    [InlineData("Service ac-activity-connector: clusterIP", "sqlite", "Service", "clusterIP")]
    public async Task A_change_that_a_cluster_does_not_let_be_made_is_found(string found, string name, string kind, string path)
    {
        var before = (await Chart.OfAsync(name)).Manifests;
        var after = before.Select(manifest => manifest.DeepClone().AsObject()).ToList();
        var keys = path.Split('.');
        var parent = keys.SkipLast(1).Aggregate(after.First(manifest => Text(manifest["kind"]) == kind)["spec"]!, (at, key) => at[key]!);
        parent[keys[^1]] = "other";

        Assert.Equal([found], Forbidden(before, after));
        Assert.Contains($"{kind} ac-activity-connector is gone", Forbidden(before, [.. before.Where(manifest => Text(manifest["kind"]) != kind)]));
    }

    [ToolFact("helm")]
    public async Task A_larger_volume_is_found_to_be_a_change_that_the_cluster_does_not_let_be_made() => Assert.Equal(
        ["StatefulSet ac-activity-connector: volumeClaimTemplates"],
        Forbidden((await Chart.OfAsync("sqlite")).Manifests, (await Chart.WithAsync("sqlite", """persistence.size="50Gi" """)).Manifests));

    private static Dictionary<string, string> Checksums(Rendering rendering) =>
        rendering.Pods.Where(pods => pods.IsService).ToDictionary(pods => pods.Name, pods => Text(pods.Annotations["checksum/config"]));

    /// <summary>What cannot be changed in place, or takes a volume or an address away when it is gone.</summary>
    private static List<string> Forbidden(IReadOnlyList<JsonObject> before, IReadOnlyList<JsonObject> after) =>
    [
        .. before.SelectMany(old =>
        {
            var (kind, name) = (Text(old["kind"]), NameOf(old));
            if (kind is not ("Deployment" or "StatefulSet" or "Service")) return [];

            var now = after.FirstOrDefault(manifest => Text(manifest["kind"]) == kind && NameOf(manifest) == name);
            return now is null
                ? [$"{kind} {name} is gone"]
                : Fixed(kind, old, now).Where(field => !JsonNode.DeepEquals(old["spec"]![field], now["spec"]![field]))
                    .Select(field => $"{kind} {name}: {field}");
        }),
    ];

    private static IEnumerable<string> Fixed(string kind, JsonObject old, JsonObject now) => kind switch
    {
        "StatefulSet" => old["spec"]!.AsObject().Concat(now["spec"]!.AsObject()).Select(field => field.Key).Except(ChangeableOfStatefulSet),
        "Deployment" => ["selector"],
        _ => ["clusterIP"],
    };
}
