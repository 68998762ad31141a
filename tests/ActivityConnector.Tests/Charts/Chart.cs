using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using ActivityConnector.Tests.Configuration;
using ActivityConnector.Tests.Shared.Servers;

namespace ActivityConnector.Tests.Charts;

/// <summary>The Helm chart, and what it renders.</summary>
internal static class Chart
{
    /// <summary>The oldest and the newest version of Kubernetes that the schemas of the tools have.</summary>
    public static readonly string[] KubernetesVersions = ["1.29.0", "1.37.0"];

    private const string Release = "ac";

    private static readonly ConcurrentDictionary<string, Task<Rendering>> Rendered = new();

    public static string Folder { get; } = Path.Combine(DeliveredFiles.Root, "charts", "activity-connector");

    /// <summary>Every file of values that the chart is tested with; some are examples of the documents, too.</summary>
    public static IReadOnlyList<string> Cases { get; } =
        [.. Directory.EnumerateFiles(File("ci"), "*-values.yaml").Select(file => Path.GetFileName(file)[..^"-values.yaml".Length]).Order()];

    public static JsonObject Values { get; } = Yaml.Documents(System.IO.File.ReadAllText(File("values.yaml"))).Single();

    public static string File(string name) => Path.Combine(Folder, name);

    public static string ValuesOf(string name) => File($"ci/{name}-values.yaml");

    /// <summary>What a case becomes, with the newest Kubernetes; made once.</summary>
    public static Task<Rendering> OfAsync(string name) => Rendered.GetOrAdd(name, async _ =>
    {
        var (code, output) = await TemplateAsync(name);
        Assert.True(code == 0, output);
        return new Rendering(name, Yaml.Documents(output));
    });

    public static async Task<IReadOnlyList<Rendering>> AllAsync() => await Task.WhenAll(Cases.Select(OfAsync));

    /// <summary>A case with further values, as objects; fails when they are refused.</summary>
    public static async Task<Rendering> WithAsync(string name, params string[] sets)
    {
        var (code, output) = await TemplateAsync(name, sets);
        Assert.True(code == 0, output);
        return new Rendering(name, Yaml.Documents(output));
    }

    /// <summary>The text that <c>helm template</c> prints of a case, or why it refuses.</summary>
    /// <param name="sets">Values over those of the case, each as KEY=JSON.</param>
    public static Task<(int ExitCode, string Output)> TemplateAsync(string name, params string[] sets) => ToolFolder.RunAsync(
        "helm",
        "",
        [
            "template", Release, Folder, "--namespace", "audit", "--values", ValuesOf(name), "--kube-version", KubernetesVersions[^1],
            .. sets.SelectMany(set => new[] { "--set-json", set }),
        ]);
}

/// <summary>The manifests of one case.</summary>
internal sealed record Rendering(string Case, IReadOnlyList<JsonObject> Manifests)
{
    /// <summary>Every template of pods, with the manifest that it stands in.</summary>
    public IReadOnlyList<Pods> Pods { get; } = [.. Manifests.Select(Charts.Pods.Of).OfType<Pods>()];

    public IEnumerable<JsonObject> Kind(string kind) => Manifests.Where(manifest => Text(manifest["kind"]) == kind);

    public JsonObject Find(string kind, string name) => Assert.Single(Kind(kind), manifest => NameOf(manifest) == name);

    public static string NameOf(JsonObject manifest) => Text(manifest["metadata"]!["name"]);

    public static string Text(JsonNode? node) => node!.GetValue<string>();

    /// <summary>Whether all of the labels are among those.</summary>
    public static bool Selects(JsonNode? labels, JsonNode? of) =>
        labels!.AsObject().Count > 0 && labels.AsObject().All(label => of?[label.Key]?.GetValue<string>() == label.Value!.GetValue<string>());
}

/// <summary>Pods of one kind: a manifest's template, or a pod itself.</summary>
internal sealed record Pods(JsonObject Manifest, JsonNode Labels, JsonObject Annotations, JsonObject Spec)
{
    public string Kind => Rendering.Text(Manifest["kind"]);

    public string Name => Rendering.NameOf(Manifest);

    /// <summary>Whether they run until they are stopped.</summary>
    public bool IsService => Kind is "Deployment" or "StatefulSet";

    public IEnumerable<JsonObject> Containers =>
        new[] { "initContainers", "containers" }.SelectMany(list => Spec[list]?.AsArray() ?? []).Select(container => container!.AsObject());

    public IEnumerable<JsonObject> Volumes => (Spec["volumes"]?.AsArray() ?? []).Select(volume => volume!.AsObject());

    /// <summary>The name of the ConfigMap and the key that hold the configuration; null where the pods need none.</summary>
    public (string ConfigMap, string Key)? Configuration => Volumes.FirstOrDefault(v => Rendering.Text(v["name"]) == "config")?["configMap"] is { } from
        ? (Rendering.Text(from["name"]), Rendering.Text(from["items"]![0]!["key"]))
        : null;

    public override string ToString() => $"{Kind} {Name}";

    public static Pods? Of(JsonObject manifest)
    {
        var template = Rendering.Text(manifest["kind"]) switch
        {
            "Deployment" or "StatefulSet" or "Job" => manifest["spec"]!["template"],
            "Pod" => manifest,
            _ => null,
        };
        return template is null ? null : new(
            manifest, template["metadata"]!["labels"]!, template["metadata"]!["annotations"]?.AsObject() ?? [], template["spec"]!.AsObject());
    }
}
