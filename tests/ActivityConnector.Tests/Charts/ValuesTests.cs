using System.Text.Json;
using System.Text.Json.Nodes;
using ActivityConnector.Configuration;
using ActivityConnector.Tests.Shared.Servers;
using Json.Schema;

namespace ActivityConnector.Tests.Charts;

/// <summary>Values that cannot be meant are refused before anything is installed.</summary>
public sealed class ValuesTests
{
    private static readonly JsonSchema Schema = JsonSchema.FromText(File.ReadAllText(Chart.File("values.schema.json")));

    /// <summary>The defaults, with what the case of everything sets.</summary>
    private static JsonObject Everything { get; } = Merge(Chart.Values, Yaml.Documents(File.ReadAllText(Chart.ValuesOf("everything"))).Single());

    [Fact]
    public void A_key_that_does_not_exist_is_refused_wherever_it_stands()
    {
        Assert.True(IsValid(Everything));
        var objects = Places(Everything, []).Where(place => place.Value is JsonObject && !place.Path.Contains("affinity")).ToList();

        Assert.True(objects.Count > 50);
        Assert.All(objects.Select(place => place.Path).Prepend([]), path => Refuses([.. path, "unknownKey"], 1));
    }

    [Fact]
    public void A_value_of_another_type_is_refused_wherever_it_stands()
    {
        var places = Places(Everything, []).Where(place => !place.Path.Contains("nodeAffinity")).ToList();
        Assert.All(places.Where(place => place.Value is not JsonValue), place => Refuses(place.Path, new JsonArray(new JsonArray())));
        Assert.All(places.Where(place => place.Value is JsonValue), place =>
        {
            Refuses(place.Path, new JsonObject { ["a"] = 1 });

            // A CPU is written both ways.
            if (place.Path[^1] != "cpu") Refuses(place.Path, OfAnotherType(place.Value!));
        });
    }

    [Fact]
    public void A_value_outside_of_its_bounds_is_refused()
    {
        Refuses(["journal"], "postgres");
        Refuses(["replicas"], 0);
        Refuses(["image", "digest"], "sha256:abc");
        Refuses(["image", "repository"], "registry.example.com/activity-connector:1.0");
        Refuses(["config", "Kafka", "Partitions"], 0);
        Refuses(["index", "autoscaling", "minReplicas"], 0);
        Refuses(["persistence", "accessMode"], "ReadWriteMany");
        Refuses(["nameOverride"], "Connector");
        Refuses(["fullnameOverride"], "a.b");
        Refuses(["serviceAccount", "name"], "A B");
        Refuses(["extraEnv"], new JsonArray(new JsonObject { ["name"] = "1 a", ["value"] = "b" }));
        Refuses(["securityContext", "runAsUser"], 0);
        Refuses(["podLabels", "app.kubernetes.io/name"], "another");
        Refuses(["setup", "files", "Sources:Intercom:AccessTokenFile"], new JsonObject { ["secret"] = "a", ["key"] = "b" });
        Refuses(["files", "Admin:TokenFile"], new JsonObject { ["secret"] = "a" });
        Refuses(["files", "Transform:MappingsFolder"], new JsonObject { ["secret"] = "a", ["key"] = "b" });
    }

    [ToolTheory("helm")]
    [InlineData("additional properties 'unknown' not allowed", "index.unknown=1")]
    [InlineData("missing property 'files'", "files=null")]
    [InlineData("image.repository is missing", """image.repository="" """)]
    [InlineData("latest is another image tomorrow", """image.tag="latest" """)]
    [InlineData("config.Kafka.BootstrapServers is missing", "config.Kafka={}")]
    [InlineData("files: Admin:TokenFile is missing", "files={}")]
    [InlineData(
        "Prometheus needs the token from a Secret", "serviceMonitor.enabled=true", """config.Admin.TokenFile="/mnt/token" """,
        """files={"Sources:Intercom:AccessTokenFile":{"secret":"a","key":"b"}}""")]
    [InlineData("Admin:TokenFile is a secret", """files.Admin:TokenFile={"configMap":"a","key":"b"}""")]
    [InlineData("Set replicas to 1", """journal="sqlite" """, "replicas=2")]
    [InlineData("Set journal to kafka", """journal="sqlite" """, "index.separate=true")]
    [InlineData("there is nothing to set up", """journal="sqlite" """, "setup.enabled=true")]
    [InlineData("there is nothing to send to", "index.separate=true")]
    [InlineData("set index.separate to true", """index.autoscaling.by="lag" """)]
    [InlineData("minReplicas is above maxReplicas", "index.autoscaling.minReplicas=9")]
    [InlineData("config.Journal.Kind is decided by the chart, by the value journal", """config.Journal.Kind="Kafka" """)]
    [InlineData("config.Admin.Url is decided by the chart. Take it out", """config.Admin.Url="http://*:80" """)]
    [InlineData(
        "names an account that config does not have", "config.Sources.Intercom=[{}]", """files.Sources:Intercom:4:AccessTokenFile={"secret":"a","key":"b"}""")]
    [InlineData("config has several accounts there", "config.Sources.Intercom=[{},{}]")]
    [InlineData("sasl.password may be a secret", """config.Kafka.Properties={"sasl.password":"p"}""")]
    [InlineData("has a user or a password in its address", """config.Elasticsearch.Urls=["https://u:p@e:9200"]""")]
    [InlineData("Put it into config, or a secret into files", """extraEnv=[{"name":"sources__intercom__accesstoken","value":"s"}]""")]
    [InlineData("Sources:Intercom:AccessTokenFile is a secret", "files.Sources:Intercom:AccessTokenFile={\"configMap\":\"a\",\"key\":\"b\"}")]
    [InlineData("config: 'kafka:abc' is no address", "config.Kafka.BootstrapServers=\"kafka:abc\"")]
    [InlineData("https_proxy has a credential", "extraEnv=[{\"name\":\"https_proxy\",\"value\":\"http://user:secret@proxy:3128\"}]")]
    [InlineData("There is no source", "files={\"Admin:TokenFile\":{\"secret\":\"a\",\"key\":\"b\"}}")]
    [InlineData("the chart sets OTEL_RESOURCE_ATTRIBUTES itself", "extraEnv=[{\"name\":\"OTEL_RESOURCE_ATTRIBUTES\",\"value\":\"a=b\"}]")]
    [InlineData(
        "index.autoscaling.authenticationRef is missing", "index.separate=true", "index.autoscaling.by=\"lag\"",
        "config.Elasticsearch.Urls=[\"https://es:9200\"]", "config.Kafka.Security.Protocol=\"sasl_ssl\"")]
    public async Task What_the_values_contradict_is_refused_with_what_to_do(string reason, params string[] sets)
    {
        var (code, output) = await Chart.TemplateAsync("minimal", sets);

        Assert.NotEqual(0, code);
        Assert.Contains(reason, output, StringComparison.Ordinal);
    }

    /// <summary>User names and client ids may be in a ConfigMap; all else that the product takes from a file as well may not.</summary>
    [ToolFact("helm")]
    public async Task A_secret_among_the_options_is_refused_with_where_it_belongs()
    {
        var secrets = OptionKeys.All.Where(key => OptionKeys.All.Contains(key + "File"))
            .Where(key => !key.EndsWith(":Username", StringComparison.Ordinal) && !key.EndsWith(":ClientId", StringComparison.Ordinal)).ToList();

        Assert.Contains("Sources:Sequence:ClientSecret", secrets);
        foreach (var secret in secrets)
        {
            var (code, output) = await Chart.TemplateAsync("minimal", $"config.{secret.Replace(':', '.')}=\"0123456789abcdef\"");

            Assert.NotEqual(0, code);
            Assert.Contains($"{secret}File: {{secret: NAME, key: KEY}}", output, StringComparison.Ordinal);
            Assert.DoesNotContain("0123456789abcdef", output, StringComparison.Ordinal);
        }
    }

    /// <summary>Every object, array and scalar below a node, but for what stands in arrays.</summary>
    internal static IEnumerable<(IReadOnlyList<string> Path, JsonNode? Value)> Places(JsonObject node, IReadOnlyList<string> path) => node.SelectMany(child =>
    {
        IReadOnlyList<string> at = [.. path, child.Key];
        return (child.Value is JsonObject below ? Places(below, at) : []).Prepend((at, child.Value));
    });

    private static void Refuses(IReadOnlyList<string> path, JsonNode value)
    {
        var values = Everything.DeepClone().AsObject();
        var parent = path.SkipLast(1).Aggregate((JsonNode)values, (at, name) => at[name]!);
        parent[path[^1]] = value.DeepClone();
        Assert.False(IsValid(values), $"{string.Join('.', path)} may be {value.ToJsonString()}.");
    }

    private static JsonValue OfAnotherType(JsonNode value) => value.GetValueKind() switch
    {
        JsonValueKind.Number => JsonValue.Create("many"),
        JsonValueKind.String => JsonValue.Create(7),
        _ => JsonValue.Create("yes"),
    };

    private static bool IsValid(JsonObject values) => Schema.Evaluate(values).IsValid;

    private static JsonObject Merge(JsonObject under, JsonObject over)
    {
        var merged = under.DeepClone().AsObject();
        foreach (var (key, value) in over)
        {
            merged[key] = merged[key] is JsonObject below && value is JsonObject above ? Merge(below, above) : value?.DeepClone();
        }

        return merged;
    }
}
