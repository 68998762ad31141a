using System.CommandLine;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ActivityConnector.Commands;
using ActivityConnector.Configuration;
using ActivityConnector.Journals.Kafka;
using ActivityConnector.Sinks.Elasticsearch;
using ActivityConnector.Tests.Commands;
using ActivityConnector.Tests.Configuration;
using ActivityConnector.Tests.Shared;
using ActivityConnector.Tests.Shared.Servers;
using static ActivityConnector.Tests.Charts.Rendering;

namespace ActivityConnector.Tests.Charts;

/// <summary>What the chart writes for the product, held against the product itself.</summary>
public sealed partial class ChartConfigurationTests
{
    private const string Mounted = "/run/activity-connector/";
    private const string Certificate = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";

    [ToolFact("helm")]
    public async Task Every_rendered_configuration_is_valid_for_its_role()
    {
        var seen = new HashSet<string>();
        foreach (var rendering in await Chart.AllAsync())
        {
            foreach (var pods in rendering.Pods.Where(pods => pods.Configuration is not null))
            {
                using var session = new Session();
                var configuration = await WithFilesAsync(session, ManifestTests.Configuration(rendering, pods).ToJsonString());
                await session.RunAsync("validate", "--config", configuration, "--output", "json");
                var problems = JsonNode.Parse(session.Out)!.AsArray().Select(p => $"{p!["key"]}: {p["cause"]}").ToList();

                // One role reads no vendor, the other reads the sections of its commands only.
                var role = pods.Configuration!.Value.Key;
                problems.RemoveAll(problem => role is "index.json" or "setup.json" && problem.StartsWith("Sources: ", StringComparison.Ordinal));
                Assert.True(problems.Count == 0, $"{rendering.Case}, {pods}: {string.Join('\n', problems)}");
                seen.Add(role);
            }
        }

        Assert.Equal(["all.json", "collect.json", "index.json", "setup.json"], seen.Order());
    }

    [ToolFact("helm")]
    public async Task The_arguments_of_every_container_are_a_command_of_the_product()
    {
        var root = CommandLine.Root(new Shell(Session.Nowhere));
        var commands = (await Chart.AllAsync()).SelectMany(rendering => rendering.Pods).SelectMany(pods => pods.Containers)
            .Select(container => string.Join(' ', container["args"]!.AsArray().Select(Text))).Distinct().ToList();

        Assert.Contains("run --role all --log-format json --log-level info", commands);
        Assert.All(commands, command => Assert.Empty(root.Parse(command).Errors));
    }

    [ToolFact("helm")]
    public async Task Every_variable_is_one_of_the_product_of_telemetry_or_of_dotnet()
    {
        var variables = (await Chart.OfAsync("production")).Pods.SelectMany(pods => pods.Containers).SelectMany(ManifestTests.Variables).Distinct().ToList();

        Assert.Contains("\"ACTIVITY_CONNECTOR_CONFIG\"", await File.ReadAllTextAsync(
            Path.Combine(DeliveredFiles.Root, "connector", "Configuration", "ConfigurationInput.cs")), StringComparison.Ordinal);
        Assert.Equal(
            [
                "ACTIVITY_CONNECTOR_CONFIG", "DOTNET_EnableDiagnostics", "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_METRICS_EXPORTER", "OTEL_RESOURCE_ATTRIBUTES",
                "POD_NAME", "POD_NAMESPACE",
            ],
            variables.Select(v => v.Name).Order());
    }

    [ToolFact("helm")]
    public async Task The_lag_is_that_of_the_group_with_which_the_product_reads()
    {
        var trigger = (await Chart.OfAsync("everything")).Kind("ScaledObject").Single()["spec"]!["triggers"]![0]!["metadata"]!;

        Assert.Equal(new KafkaTopics(new KafkaOptions { TopicPrefix = "audit" }).ReaderGroup(ElasticsearchSink.ReaderName), Text(trigger["consumerGroup"]));
        Assert.Equal("kafka-0.kafka:9093,kafka-1.kafka", Text(trigger["bootstrapServers"]));
        Assert.Equal(("enable", "oauthbearer"), (Text(trigger["tls"]), Text(trigger["sasl"])));
    }

    [Fact]
    public void The_schema_of_the_values_knows_the_options_and_the_files_of_the_product()
    {
        var schema = ChartFiles.ValuesSchema()["$defs"]!["files"]!["patternProperties"]!.AsObject().Select(pattern => new Regex(pattern.Key)).ToList();
        var (files, others) = (OptionKeys.All.Where(ChartFiles.IsPath).ToList(), OptionKeys.All.Where(key => !ChartFiles.IsPath(key)).ToList());

        Assert.NotEmpty(files);
        Assert.All(files, option => Assert.Single(schema, pattern => pattern.IsMatch(option)));
        Assert.DoesNotContain(others, option => schema.Any(pattern => pattern.IsMatch(option)));
        Assert.Contains(schema, pattern => pattern.IsMatch("Sources:Sequence:2:ClientSecretFile"));
    }

    /// <summary>The configuration with its mounted files in the session's folder, as the pod has them.</summary>
    private static async Task<string> WithFilesAsync(Session session, string json)
    {
        foreach (Match path in MountedPath().Matches(json))
        {
            var option = path.Groups[1].Value;
            if (option.EndsWith("Folder", StringComparison.Ordinal))
            {
                var from = Path.Combine(DeliveredFiles.Root, "config", option == "Transform.MappingsFolder" ? "mappings" : "elasticsearch");
                foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
                {
                    session.Write(Path.Combine("files", option, Path.GetRelativePath(from, file)), await File.ReadAllTextAsync(file));
                }
            }
            else
            {
                var isPem = Pem().IsMatch(option);
                session.Write(Path.Combine("files", path.Value[Mounted.Length..]), isPem ? Certificate : "0123456789abcdef0123456789abcdef\n");
            }
        }

        var local = json.Replace(Mounted, Path.Combine(session.Folder, "files") + "/", StringComparison.Ordinal)
            .Replace("/data/journal.db", session.JournalPath, StringComparison.Ordinal);
        return session.Write("connector.json", local);
    }

    [GeneratedRegex("/run/activity-connector/(?:files/)?([A-Za-z0-9.]+)")]
    private static partial Regex MountedPath();

    [GeneratedRegex("(Ca|Certificate|Security.Key)File$")]
    private static partial Regex Pem();
}
