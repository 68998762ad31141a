using System.CommandLine;
using System.Text.RegularExpressions;
using ActivityConnector.Commands;
using ActivityConnector.Simulation;
using ActivityConnector.Tests.Commands;
using ActivityConnector.Tests.Configuration;
using ActivityConnector.Tests.Shared;
using ActivityConnector.Tests.Shared.Servers;
using YamlDotNet.RepresentationModel;

namespace ActivityConnector.Tests.Containers;

/// <summary>What <c>docker-compose.yml</c> and the files that it mounts say, held against the product and against the real tools.</summary>
public sealed partial class ComposeTests
{
    private static readonly string[] Ours = ["vendors", "connector-demo", "connector", "kibana-objects"];

    [Fact]
    public void Every_image_has_a_whole_version_and_ours_is_that_of_the_product() => Assert.All(ComposeFile.Services, service =>
    {
        var image = ComposeFile.Text(service.Value, "image")!;
        Assert.Matches(WholeVersion(), image);
        Assert.Equal(Ours.Contains(service.Key), image == $"activity-connector:{ConnectorHost.Version}");
    });

    [Fact]
    public void Every_port_is_published_on_loopback_only() => Assert.All(
        ComposeFile.Services.Values.SelectMany(service => ComposeFile.List(service, "ports")),
        port => Assert.StartsWith("127.0.0.1:", port, StringComparison.Ordinal));

    [Fact]
    public void No_service_has_a_capability_or_gains_a_right_and_each_has_a_limit_of_memory() => Assert.All(ComposeFile.Services.Values, service =>
    {
        Assert.Equal(["ALL"], ComposeFile.List(service, "cap_drop"));
        Assert.Equal(["no-new-privileges:true"], ComposeFile.List(service, "security_opt"));
        Assert.Null(ComposeFile.Text(service, "privileged"));
        Assert.Empty(ComposeFile.List(service, "cap_add"));
        Assert.NotNull(ComposeFile.Text(service, "mem_limit"));
    });

    [Fact]
    public void Our_containers_write_to_no_file_but_in_memory() => Assert.All(Ours, name =>
    {
        var service = ComposeFile.Services[name];
        Assert.Equal("true", ComposeFile.Text(service, "read_only"));
        Assert.Null(ComposeFile.Text(service, "user"));
        Assert.All(ComposeFile.List(service, "volumes"), volume => Assert.EndsWith(":ro", volume, StringComparison.Ordinal));
        Assert.All(ComposeFile.List(service, "tmpfs"), place => Assert.Contains("size=", place, StringComparison.Ordinal));
    });

    [Theory]
    [InlineData("connector-demo")]
    [InlineData("connector")]
    public async Task The_configuration_of_a_connector_is_valid_without_a_warning(string name)
    {
        using var session = new Session();
        var secrets = Secrets(name).ToDictionary(path => path, path => session.Write(path.TrimStart('/'), "0123456789abcdef0123456789abcdef\n"));
        foreach (var (variable, value) in ComposeFile.Environment(name))
        {
            session.Environment[variable] = Interpolated(secrets.GetValueOrDefault(value, value));
        }

        Assert.True(await session.RunAsync("validate") == 0, session.Out + session.Error);
        Assert.StartsWith("The configuration is valid", session.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_vendor_that_is_off_needs_no_credential()
    {
        using var session = new Session();
        foreach (var (variable, value) in ComposeFile.Environment("connector")) session.Environment[variable] = Interpolated(value);
        session.Environment["Sources__Intercom__Enabled"] = "false";
        session.Environment["Sources__Sequence__ClientIdFile"] = session.Write("id", "id\n");
        session.Environment["Sources__Sequence__ClientSecretFile"] = session.Write("secret", "secret\n");
        session.Environment["Admin__TokenFile"] = session.Write("token", "0123456789abcdef\n");

        Assert.True(await session.RunAsync("validate") == 0, session.Out + session.Error);
    }

    [Fact]
    public void Every_secret_is_a_file_that_compose_mounts() => Assert.All(ComposeFile.Connectors.Keys, name =>
    {
        var service = ComposeFile.Services[name];
        var mounted = ComposeFile.List(service, "secrets").Select(secret => $"/run/secrets/{secret}").Append("/run/tokens/admin").ToHashSet();
        Assert.All(Secrets(name), path => Assert.Contains(path, mounted));
        Assert.Contains("tokens:/run/tokens:ro", ComposeFile.List(service, "volumes"));
        var defined = ComposeFile.Map(ComposeFile.Root, "secrets");
        Assert.All(ComposeFile.List(service, "secrets"), secret => Assert.Equal($"./secrets/{secret}", ComposeFile.Text(defined[secret], "file")));
        Assert.DoesNotContain(
            ComposeFile.Environment(name),
            variable => SecretName().IsMatch(variable.Key) && !variable.Value.StartsWith("simulated-", StringComparison.Ordinal));
    });

    [Fact]
    public async Task The_demo_reads_the_simulators_that_run_beside_it()
    {
        var command = ComposeFile.List(ComposeFile.Services["vendors"], "command");
        var port = command[command.ToList().IndexOf("--port") + 1];
        await using var vendors = await VendorSimulator.StartAsync(new SimulatorOptions(), TimeProvider.System, CancellationToken.None);
        var demo = ComposeFile.Environment("connector-demo");

        Assert.Equal("service:vendors", ComposeFile.Text(ComposeFile.Services["connector-demo"], "network_mode"));
        Assert.Equal(new UriBuilder(vendors.IntercomBaseUrl) { Port = int.Parse(port, null) }.Uri.ToString(), demo["Sources__Intercom__BaseUrl"]);
        Assert.Equal(new UriBuilder(vendors.SequenceBaseUrl) { Port = int.Parse(port, null) }.Uri.ToString(), demo["Sources__Sequence__BaseUrl"]);
        Assert.Equal(vendors.Intercom.AccessToken, demo["Sources__Intercom__AccessToken"]);
        Assert.Equal(vendors.Sequence.ClientId, demo["Sources__Sequence__ClientId"]);
        Assert.Equal(vendors.Sequence.ClientSecret, demo["Sources__Sequence__ClientSecret"]);
    }

    [Fact]
    public void Every_command_is_one_of_the_program()
    {
        var root = CommandLine.Root(new Shell(Session.Nowhere));
        var commands = Ours.Select(name => ComposeFile.List(ComposeFile.Services[name], "command"))
            .Concat(ComposeFile.Connectors.Values.Select(service => ComposeFile.List(service["healthcheck"], "test").Skip(2).ToList()));

        Assert.All(commands, command => Assert.Empty(root.Parse([.. command]).Errors));
    }

    [Fact]
    public void A_service_waits_for_what_has_a_health_check_or_an_end()
    {
        foreach (var (name, service) in ComposeFile.Services)
        {
            Assert.All(ComposeFile.Map(service, "depends_on"), needed =>
            {
                var other = ComposeFile.Services[needed.Key];
                var ends = ComposeFile.Text(other, "restart") == "no";
                Assert.Equal(
                    ends ? "service_completed_successfully" : needed.Key == "vendors" ? "service_started" : "service_healthy",
                    ComposeFile.Text(needed.Value, "condition"));
                if (needed.Key != "vendors" && !ends) Assert.NotEmpty(ComposeFile.List(other["healthcheck"], "test"));

                // What needs a service that only some profiles have stands in one of them.
                var profiles = ComposeFile.List(other, "profiles");
                if (profiles.Count > 0) Assert.Equal(profiles, ComposeFile.List(service, "profiles"));
            });
        }
    }

    [Fact]
    public void Every_address_leads_to_a_service_that_listens_there()
    {
        var listeners = ComposeFile.Environment("kafka")["KAFKA_ADVERTISED_LISTENERS"].Split(',');
        var collector = ComposeFile.Load("config", "otel", "collector.yaml");
        var grpc = ComposeFile.Text(collector["receivers"]["otlp"]["protocols"]["grpc"], "endpoint")!;
        var scraped = ComposeFile.Load("config", "prometheus", "prometheus.yml")["scrape_configs"][0];
        foreach (var name in ComposeFile.Connectors.Keys)
        {
            var settings = ComposeFile.Environment(name);
            Assert.Contains($"INSIDE://{settings["Kafka__BootstrapServers"]}", listeners);
            Assert.Equal($"http://collector:{grpc.Split(':')[1]}", settings["OTEL_EXPORTER_OTLP_ENDPOINT"]);
            Assert.Equal("http://elasticsearch:9200", settings["Elasticsearch__Urls__0"]);
            Assert.Equal("connector:8080", ComposeFile.Text(scraped["static_configs"][0]["targets"][0]));
            Assert.Equal("http://*:8080", settings["Admin__Url"]);
            Assert.Equal(settings["Admin__TokenFile"], ComposeFile.Text(scraped["authorization"], "credentials_file"));
        }

        Assert.Equal("http://kibana:5601", ComposeFile.Environment("kibana-objects")["Dashboards__Url"]);
        Assert.Contains("connector", ComposeFile.List(ComposeFile.Services["vendors"]["networks"]["default"], "aliases"));
        Assert.Equal("127.0.0.1:8080:8080", ComposeFile.List(ComposeFile.Services["vendors"], "ports").Single());
        Assert.Equal(ComposeFile.Text(ComposeFile.Services["elasticsearch"], "image")!.Split(':')[1],
            ComposeFile.Text(ComposeFile.Services["kibana"], "image")!.Split(':')[1]);
    }

    [Fact]
    public void Everything_that_is_mounted_is_there()
    {
        var volumes = ComposeFile.Map(ComposeFile.Root, "volumes");
        var mounts = ComposeFile.Services.Values.SelectMany(service => ComposeFile.List(service, "volumes")).Select(mount => mount.Split(':')[0]).ToHashSet();

        Assert.All(mounts, mount => Assert.True(mount.StartsWith("./", StringComparison.Ordinal)
            ? Path.Exists(Path.Combine(DeliveredFiles.Root, mount))
            : volumes.ContainsKey(mount), mount));
        Assert.Subset(mounts, volumes.Keys.ToHashSet());
    }

    [Fact]
    public void Without_a_profile_the_demo_is_started()
    {
        var line = File.ReadAllLines(Path.Combine(DeliveredFiles.Root, ".env")).Single(text => !text.StartsWith('#'));
        Assert.Equal("COMPOSE_PROFILES=demo", line);
        Assert.Equal(["demo", "real"], ComposeFile.Services.Values.SelectMany(service => ComposeFile.List(service, "profiles")).Distinct());
    }

    [Fact]
    public void The_script_that_makes_the_token_makes_one_that_the_product_takes_and_keeps_it()
    {
        using var folder = new TemporaryFolder();
        var script = ComposeFile.List(ComposeFile.Services["tokens"], "command").Single().Replace("/run/tokens", folder.Path, StringComparison.Ordinal);
        string[] Run()
        {
            using var process = System.Diagnostics.Process.Start("sh", ["-ec", script]);
            process.WaitForExit();
            Assert.Equal(0, process.ExitCode);
            return File.ReadAllLines(folder.File("admin"));
        }

        var token = Run();
        Assert.Matches("^[0-9a-f]{64}$", Assert.Single(token));
        Assert.Equal(token, Run());
        Assert.Equal([folder.File("admin")], Directory.EnumerateFiles(folder.Path));
    }

    [ToolFact("promtool")]
    [Trait("Kind", "server")]
    public async Task Prometheus_takes_its_configuration_with_our_alerts()
    {
        using var folder = new TemporaryFolder();
        var source = Path.Combine(DeliveredFiles.Root, "config", "prometheus");
        File.Copy(Path.Combine(source, "activity-connector.rules.yml"), folder.File("activity-connector.rules.yml"));
        File.WriteAllText(folder.File("admin"), "token");
        File.WriteAllText(
            folder.File("prometheus.yml"),
            File.ReadAllText(Path.Combine(source, "prometheus.yml")).Replace("/run/tokens", folder.Path, StringComparison.Ordinal));

        var (exitCode, output) = await ToolFolder.RunAsync("promtool", "", "check", "config", folder.File("prometheus.yml"));

        Assert.True(exitCode == 0, output);
        Assert.Contains("rules found", output, StringComparison.Ordinal);
    }

    [ToolFact(OtelCollector.Tool)]
    [Trait("Kind", "server")]
    public async Task The_collector_takes_its_configuration()
    {
        var (exitCode, output) = await OtelCollector.ValidateAsync(Path.Combine(DeliveredFiles.Root, "config", "otel", "collector.yaml"));
        Assert.True(exitCode == 0, output);
    }

    /// <summary>The files that options of a connector name.</summary>
    private static IEnumerable<string> Secrets(string name) =>
        ComposeFile.Environment(name).Where(variable => variable.Key.EndsWith("File", StringComparison.Ordinal)).Select(variable => variable.Value);

    private static string Interpolated(string value) => Default().Replace(value, "$1");

    [GeneratedRegex(@":v?[0-9]+\.[0-9]+\.[0-9]+$")]
    private static partial Regex WholeVersion();

    [GeneratedRegex("(Token|Secret|Password|ApiKey|ClientId)$")]
    private static partial Regex SecretName();

    [GeneratedRegex(@"\$\{\w+:-(\w*)\}")]
    private static partial Regex Default();
}
