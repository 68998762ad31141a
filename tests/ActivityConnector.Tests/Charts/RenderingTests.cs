using System.Text.Json.Nodes;
using ActivityConnector.Tests.Configuration;
using ActivityConnector.Tests.Shared;
using ActivityConnector.Tests.Shared.Servers;

namespace ActivityConnector.Tests.Charts;

/// <summary>What the tools of Kubernetes and Prometheus say of the chart.</summary>
public sealed class RenderingTests
{
    [ToolFact("helm")]
    public async Task Helm_finds_nothing_to_complain_about_with_the_values_of_any_case()
    {
        foreach (var name in Chart.Cases)
        {
            var (code, output) = await ToolFolder.RunAsync(
                "helm", "", "lint", Chart.Folder, "--strict", "--values", Chart.ValuesOf(name), "--kube-version", Chart.KubernetesVersions[^1]);

            Assert.True(code == 0, $"{name}: {output}");
            Assert.DoesNotContain("[WARNING]", output, StringComparison.Ordinal);
        }
    }

    [ToolFact("kubeconform")]
    public async Task Every_manifest_is_valid_for_the_oldest_and_the_newest_version_of_Kubernetes()
    {
        var schemas = Path.Combine(Path.GetDirectoryName(ToolFolder.Find("kubeconform")!)!, "kubernetes-schemas");
        var manifests = string.Concat((await Task.WhenAll(Chart.Cases.Select(name => Chart.TemplateAsync(name)))).Select(rendered => rendered.Output))
            + "\n---\n" + await File.ReadAllTextAsync(Path.Combine(DeliveredFiles.Root, "docs", "kubernetes", "kafka-and-elasticsearch.yaml"));
        foreach (var version in Chart.KubernetesVersions)
        {
            var (code, output) = await ToolFolder.RunAsync(
                "kubeconform", manifests, "-strict", "-summary", "-kubernetes-version", version, "-schema-location", schemas,
                "-schema-location", Path.Combine(schemas, "custom", "{{.ResourceKind}}{{.KindSuffix}}.json"));

            Assert.True(code == 0, output);
            Assert.Contains("Skipped: 0", output, StringComparison.Ordinal);
        }
    }

    [ToolFact("helm")]
    public async Task An_older_version_of_Kubernetes_is_refused_and_the_versions_of_providers_are_not()
    {
        Task<(int ExitCode, string Output)> RenderAsync(string version) =>
            ToolFolder.RunAsync("helm", "", "template", "ac", Chart.Folder, "--values", Chart.ValuesOf("minimal"), "--kube-version", version);

        Assert.Contains("kubeVersion", (await RenderAsync("1.28.9")).Output, StringComparison.Ordinal);
        Assert.Equal(0, (await RenderAsync("1.29.0-gke.1")).ExitCode);
    }

    [ToolFact("promtool")]
    public async Task The_rules_are_those_of_Prometheus_with_the_runbook_that_the_values_name()
    {
        using var folder = new TemporaryFolder();
        var spec = (await Chart.OfAsync("production")).Kind("PrometheusRule").Single()["spec"]!;
        await File.WriteAllTextAsync(folder.File("rules.yml"), spec.ToJsonString());

        var (code, output) = await ToolFolder.RunAsync("promtool", "", "check", "rules", folder.File("rules.yml"));

        Assert.True(code == 0, output);
        var rules = spec["groups"]!.AsArray().SelectMany(group => group!["rules"]!.AsArray()).Where(rule => rule!["alert"] is not null).ToList();
        Assert.NotEmpty(rules);
        Assert.All(rules, rule => Assert.StartsWith(
            "https://wiki.example.com/activity-connector/operations#alert-", Rendering.Text(rule!["annotations"]!["runbook_url"]), StringComparison.Ordinal));
    }

    [ToolFact("helm")]
    public async Task The_dashboard_is_a_document_that_Grafana_reads()
    {
        var map = (await Chart.OfAsync("production")).Find("ConfigMap", "ac-activity-connector-dashboard");

        Assert.NotEmpty(JsonNode.Parse(Rendering.Text(map["data"]!["activity-connector.json"]))!["panels"]!.AsArray());
    }
}
