using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ActivityConnector.Admin;
using ActivityConnector.Journals.Kafka;
using ActivityConnector.Telemetry;
using ActivityConnector.Tests.Shared.Servers;
using static ActivityConnector.Tests.Charts.Rendering;

namespace ActivityConnector.Tests.Charts;

/// <summary>Rules that hold for every manifest of every case.</summary>
public sealed partial class ManifestTests
{
    [ToolFact("helm")]
    public async Task Every_pod_keeps_the_restricted_profile()
    {
        foreach (var (_, pods) in await PodsAsync())
        {
            var context = pods.Spec["securityContext"]!;
            Assert.True(context["runAsNonRoot"]!.GetValue<bool>());
            Assert.NotEqual(0, context["runAsUser"]?.GetValue<long>());
            Assert.Equal("RuntimeDefault", Text(context["seccompProfile"]!["type"]));
            Assert.False(pods.Spec["automountServiceAccountToken"]!.GetValue<bool>());
            Assert.All(new[] { "hostNetwork", "hostPID", "hostIPC" }, name => Assert.Null(pods.Spec[name]));
            Assert.All(pods.Volumes, volume => Assert.Null(volume["hostPath"]));
            Assert.All(pods.Containers, container =>
            {
                var own = container["securityContext"]!;
                Assert.False(own["allowPrivilegeEscalation"]!.GetValue<bool>());
                Assert.True(own["readOnlyRootFilesystem"]!.GetValue<bool>());
                Assert.Equal(["ALL"], own["capabilities"]!["drop"]!.AsArray().Select(Text));
                Assert.Null(own["capabilities"]!["add"]);
                Assert.Null(own["privileged"]);
            });
        }
    }

    [ToolFact("helm")]
    public async Task Every_container_has_an_image_of_one_version_and_bounds_for_what_it_uses()
    {
        foreach (var (_, pods) in await PodsAsync())
        {
            Assert.All(pods.Containers, container =>
            {
                Assert.Matches(@"^registry\.example\.com/activity-connector(:\d[^:@]*|@sha256:[0-9a-f]{64})$", Text(container["image"]));
                var resources = container["resources"]!;
                Assert.All(new[] { "requests", "limits" }, bound => Assert.All(new[] { "cpu", "memory" }, of => Assert.NotNull(resources[bound]![of])));
            });
        }
    }

    [ToolFact("helm")]
    public async Task The_image_is_that_of_the_product_unless_the_values_say_otherwise()
    {
        var images = (await Chart.OfAsync("minimal")).Pods.SelectMany(pods => pods.Containers).Select(container => Text(container["image"])).Distinct();

        Assert.Equal([$"registry.example.com/activity-connector:{ConnectorHost.Version}"], images);
    }

    [ToolFact("helm")]
    public async Task Every_workload_is_probed_where_the_product_answers_without_a_token()
    {
        string[] probes = ["startupProbe", "livenessProbe", "readinessProbe"];
        var workloads = (await PodsAsync()).Where(at => at.Pods.IsService).ToList();
        Assert.NotEmpty(workloads);
        foreach (var (rendering, pods) in workloads)
        {
            var container = Assert.Single(pods.Containers);
            Assert.Equal(["/startupz", "/livez", "/readyz"], probes.Select(probe => Text(container[probe]!["httpGet"]!["path"])));
            Assert.All(probes, probe => Assert.Equal("http", Text(container[probe]!["httpGet"]!["port"])));
            var port = Assert.Single(container["ports"]!.AsArray())!;
            var admin = Configuration(rendering, pods)["Admin"].Deserialize<AdminOptions>()!;
            Assert.Equal($"http://*:{port["containerPort"]}", admin.Url);
            Assert.False(admin.IsLoopback, "The kubelet asks from outside of the pod.");
            Assert.True(admin.HasToken);
        }
    }

    [ToolFact("helm")]
    public async Task A_stop_has_the_time_that_the_product_takes()
    {
        var bound = new[]
        {
            Private(typeof(ConnectorHost), "ShutdownTimeout"),
            Private(typeof(TransactionalProducer), "StopTimeout"),
            KafkaAssignment.Handover,
            KafkaClients.AnswerTimeout,
            ConnectorTelemetry.LastSend,
        }.Aggregate((sum, part) => sum + part);

        Assert.All((await PodsAsync()).Where(at => at.Pods.IsService), at =>
            Assert.True(at.Pods.Spec["terminationGracePeriodSeconds"]!.GetValue<long>() >= bound.TotalSeconds, $"A stop may take {bound}."));
    }

    [ToolFact("helm")]
    public async Task Selectors_select_what_they_are_for_and_no_pods_of_another_workload()
    {
        foreach (var rendering in await Chart.AllAsync())
        {
            foreach (var pods in rendering.Pods.Where(pods => pods.IsService))
            {
                var selector = pods.Manifest["spec"]!["selector"]!["matchLabels"];
                Assert.Equal([pods], rendering.Pods.Where(other => Selects(selector, other.Labels)));
                Assert.DoesNotContain(selector!.AsObject(), label => label.Key is "app.kubernetes.io/version" or "helm.sh/chart");
                Assert.Equal([pods], rendering.Pods.Where(other => Selects(rendering.Find("Service", pods.Name)["spec"]!["selector"], other.Labels)));
            }

            Assert.All(rendering.Kind("PodDisruptionBudget"), budget =>
                Assert.Single(rendering.Pods, pods => pods.Name == NameOf(budget) && Selects(budget["spec"]!["selector"]!["matchLabels"], pods.Labels)));
            foreach (var monitor in rendering.Kind("ServiceMonitor"))
            {
                Assert.All(rendering.Kind("Service"), service =>
                {
                    Assert.True(Selects(monitor["spec"]!["selector"]!["matchLabels"], service["metadata"]!["labels"]));
                    Assert.Equal(Text(monitor["spec"]!["endpoints"]![0]!["port"]), Text(service["spec"]!["ports"]![0]!["name"]));
                });
            }

            foreach (var scaler in rendering.Kind("HorizontalPodAutoscaler").Concat(rendering.Kind("ScaledObject")))
            {
                var scaled = rendering.Find("Deployment", Text(scaler["spec"]!["scaleTargetRef"]!["name"]));
                Assert.Null(scaled["spec"]!["replicas"]);
                Assert.EndsWith("-index", NameOf(scaled), StringComparison.Ordinal);
            }
        }
    }

    [ToolFact("helm")]
    public async Task Network_policies_cover_every_pod_and_let_through_what_its_configuration_names_and_nothing_without_a_port()
    {
        foreach (var (rendering, pods) in await PodsAsync())
        {
            var policy = Assert.Single(rendering.Kind("NetworkPolicy"), policy => Selects(policy["spec"]!["podSelector"]!["matchLabels"], pods.Labels));
            var spec = policy["spec"]!;
            Assert.Equal(["Ingress", "Egress"], spec["policyTypes"]!.AsArray().Select(Text));
            Assert.All(spec["egress"]!.AsArray(), rule => Assert.NotEmpty(rule!["ports"]!.AsArray()));
            Assert.All(spec["ingress"]?.AsArray() ?? [], rule =>
            {
                Assert.NotEmpty(rule!["from"]!.AsArray());
                Assert.Equal([8080L], Ports(rule));
            });
            if (pods.Configuration is null) continue;

            var open = spec["egress"]!.AsArray().SelectMany(rule => Ports(rule!)).ToHashSet();
            var configuration = Configuration(rendering, pods);
            var isCollecting = configuration["Sources"] is not null;
            Assert.Equal(isCollecting, spec["egress"]!.ToJsonString().Contains("0.0.0.0/0", StringComparison.Ordinal));
            var addresses = (configuration["Elasticsearch"]?["Urls"]?.AsArray() ?? []).Select(url => Text(url))
                .Append(configuration["Kafka"]?["SchemaRegistry"]?["Url"]?.GetValue<string>())
                .Concat(pods.Containers.SelectMany(Variables).Where(v => v.Name == "OTEL_EXPORTER_OTLP_ENDPOINT").Select(v => v.Value))
                .OfType<string>().Select(url => (long)new Uri(url).Port)
                .Concat((configuration["Kafka"]?["BootstrapServers"]?.GetValue<string>() ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries)
                    .Select(broker => broker.Split(':') is [_, var port] ? long.Parse(port, null) : 9092L));
            Assert.Superset(addresses.ToHashSet(), open);
        }
    }

    [ToolFact("helm")]
    public async Task The_network_lets_the_pods_of_a_test_ask_every_workload_for_its_health()
    {
        foreach (var rendering in await Chart.AllAsync())
        {
            var test = Assert.Single(rendering.Pods, pods => pods.Name.EndsWith("-health", StringComparison.Ordinal));
            var workloads = rendering.Pods.Where(pods => pods.IsService).ToList();
            Assert.Equal(
                workloads.Select(pods => $"health --set Admin:Url=http://{pods.Name}:8080"),
                test.Containers.Select(container => string.Join(' ', container["args"]!.AsArray().Select(Text))));
            Assert.All(workloads, pods =>
            {
                Assert.Contains(
                    Policy(test)["egress"]!.AsArray(), rule => Ports(rule!) is [8080] && Peers(rule!, "to").Any(peer => Selects(peer, pods.Labels)));
                Assert.Contains(Policy(pods)["ingress"]!.AsArray(), rule => Peers(rule!, "from").Any(peer => Selects(peer, test.Labels)));
            });

            JsonNode Policy(Pods of) =>
                rendering.Kind("NetworkPolicy").Single(policy => Selects(policy["spec"]!["podSelector"]!["matchLabels"], of.Labels))["spec"]!;
        }
    }

    [ToolFact("helm")]
    public async Task What_is_mounted_is_rendered_or_the_users_and_what_is_configured_is_mounted()
    {
        foreach (var (rendering, pods) in await PodsAsync())
        {
            var users = await File.ReadAllTextAsync(Chart.ValuesOf(rendering.Case));
            var delivered = new HashSet<string>();
            foreach (var container in pods.Containers)
            {
                var mounts = (container["volumeMounts"]?.AsArray() ?? []).ToDictionary(mount => Text(mount!["name"]), mount => Text(mount!["mountPath"]));
                var claims = (pods.Manifest["spec"]!["volumeClaimTemplates"]?.AsArray() ?? []).Select(claim => Text(claim!["metadata"]!["name"]));
                Assert.Equal(pods.Volumes.Select(volume => Text(volume["name"])).Concat(claims).Order(), mounts.Keys.Order());
                Assert.DoesNotContain(container["volumeMounts"]?.AsArray() ?? [], mount => mount!["subPath"] is not null);
                foreach (var volume in pods.Volumes)
                {
                    var at = mounts[Text(volume["name"])];
                    if (volume["configMap"] is { } map && map["items"] is null) delivered.Add(at);

                    delivered.UnionWith((volume["projected"]?["sources"]?.AsArray() ?? [])
                        .Select(source => $"{at}/{Text((source!["secret"] ?? source["configMap"])!["items"]![0]!["path"])}"));
                }
            }

            foreach (var (kind, name) in pods.Volumes.SelectMany(References))
            {
                Assert.True(
                    rendering.Kind(kind).Any(manifest => NameOf(manifest) == name)
                        || Regex.IsMatch(users, $@"\b{kind}: {Regex.Escape(name)}\b", RegexOptions.IgnoreCase),
                    $"{rendering.Case}: {pods} mounts {kind} {name}.");
            }

            if (pods.Configuration is null) continue;

            var named = ConfiguredPath().Matches(Configuration(rendering, pods).ToJsonString()).Select(path => path.Value).ToHashSet();
            Assert.Equal(named.Order(), delivered.Order());
            Assert.All(pods.Containers, container =>
                Assert.Contains(("ACTIVITY_CONNECTOR_CONFIG", "/etc/activity-connector/connector.json"), Variables(container)));
        }
    }

    [ToolFact("helm")]
    public async Task Pods_get_no_secret_that_their_role_does_not_use()
    {
        var production = await Chart.OfAsync("production");
        string Secrets(string name) => string.Join(
            ' ', Assert.Single(production.Pods, pods => pods.IsService && pods.Name == name).Volumes.SelectMany(References)
                .Where(reference => reference.Kind == "Secret").Select(reference => reference.Name["activity-connector-".Length..]).Distinct().Order());

        Assert.Equal("admin intercom kafka sequence", Secrets("ac-activity-connector"));
        Assert.Equal("admin elasticsearch kafka", Secrets("ac-activity-connector-index"));
    }

    [ToolFact("helm")]
    public async Task Manifests_have_names_of_their_own_and_the_labels_that_are_recommended()
    {
        foreach (var rendering in await Chart.AllAsync())
        {
            Assert.Equal(rendering.Manifests.Count, rendering.Manifests.Select(manifest => (Text(manifest["kind"]), NameOf(manifest))).Distinct().Count());
            Assert.All(rendering.Manifests, manifest =>
            {
                Assert.All(
                    new[] { "name", "instance", "component", "version", "part-of", "managed-by" },
                    label => Assert.NotNull(manifest["metadata"]!["labels"]![$"app.kubernetes.io/{label}"]));
                Assert.Null(manifest["metadata"]!["namespace"]);
                Assert.True(NameOf(manifest).Length <= 63);
            });
        }
    }

    [ToolTheory("helm")]
    [InlineData("minimal", "Recreate", false)]
    [InlineData("availability", "RollingUpdate", true)]
    [InlineData("production", "RollingUpdate", true)]
    public async Task Two_pods_that_collect_are_never_without_high_availability(string name, string strategy, bool isShared)
    {
        var rendering = await Chart.OfAsync(name);
        var pods = Assert.Single(rendering.Pods, p => p.Kind == "Deployment" && p.Name == "ac-activity-connector");

        Assert.Equal(strategy, Text(pods.Manifest["spec"]!["strategy"]!["type"]));
        Assert.Equal(isShared, Configuration(rendering, pods)["Kafka"]!["HighAvailability"]!.GetValue<bool>());
        Assert.Equal(isShared, pods.Spec["topologySpreadConstraints"] is not null);
        Assert.Equal(isShared, rendering.Kind("PodDisruptionBudget").Any(budget => NameOf(budget) == pods.Name));
    }

    internal static JsonObject Configuration(Rendering rendering, Pods pods)
    {
        var (map, key) = pods.Configuration!.Value;
        return JsonNode.Parse(Text(rendering.Find("ConfigMap", map)["data"]![key]))!.AsObject();
    }

    internal static IEnumerable<(string Name, string? Value)> Variables(JsonObject container) =>
        container["env"]!.AsArray().Select(variable => (Text(variable!["name"]), variable["value"]?.GetValue<string>()));

    private static async Task<List<(Rendering Rendering, Pods Pods)>> PodsAsync() =>
        [.. (await Chart.AllAsync()).SelectMany(rendering => rendering.Pods.Select(pods => (rendering, pods)))];

    private static IReadOnlyList<long> Ports(JsonNode rule) => [.. rule["ports"]!.AsArray().Select(port => port!["port"]!.GetValue<long>())];

    private static IEnumerable<JsonNode> Peers(JsonNode rule, string side) =>
        (rule[side]?.AsArray() ?? []).Select(peer => peer!["podSelector"]?["matchLabels"]).OfType<JsonNode>();

    private static IEnumerable<(string Kind, string Name)> References(JsonObject volume)
    {
        if (volume["configMap"] is { } map) yield return ("ConfigMap", Text(map["name"]));

        foreach (var source in volume["projected"]?["sources"]?.AsArray() ?? [])
        {
            yield return source!["secret"] is { } secret ? ("Secret", Text(secret["name"])) : ("ConfigMap", Text(source["configMap"]!["name"]));
        }
    }

    private static TimeSpan Private(Type type, string field) =>
        (TimeSpan)type.GetField(field, System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Static)!.GetValue(null)!;

    [GeneratedRegex("/run/activity-connector/[^\"]+")]
    private static partial Regex ConfiguredPath();
}
