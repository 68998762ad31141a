using System.Text.Json;
using ActivityConnector.Configuration;
using ActivityConnector.Tests.Commands;
using ActivityConnector.Tests.Shared;

namespace ActivityConnector.Tests.Configuration;

/// <remarks>After a change of an options type: run these with <c>UPDATE_CONFIG=1</c>, then look at what changed in config/ and docs/.</remarks>
public sealed class DeliveredFilesTests
{
    [Fact]
    public void The_delivered_file_holds_every_option_with_its_default() => Compare("config/connector.json", DeliveredFiles.Defaults());

    [Fact]
    public void The_schema_says_what_the_options_types_say() => Compare("config/connector.schema.json", DeliveredFiles.Schema());

    [Fact]
    public void The_reference_has_a_table_for_each_section_that_says_what_the_options_types_say()
    {
        var reference = File.ReadAllText(Path.Combine(DeliveredFiles.Root, "docs", "configuration.md"));

        Assert.Equal(ConfigurationReference.Sections.Keys, ConfigurationReference.MarkedIn(reference));
        Compare("docs/configuration.md", ConfigurationReference.Of(reference));
    }

    [Fact]
    public async Task The_rules_for_elastic_are_those_that_the_rule_files_give()
    {
        using var session = new Session();

        Assert.Equal(0, await session.RunAsync("detections", "export"));
        Compare("config/kibana/detection-rules.ndjson", session.Out);
    }

    [Fact]
    public void The_delivered_file_alone_has_no_problem_but_that_no_source_is_on()
    {
        var loaded = LoadedConfiguration.Load(
            new ConfigurationInput { Environment = new Dictionary<string, string>(), BinaryDirectory = DeliveredFiles.Root }, new ManualTimeProvider());

        Assert.Equal("Sources", Assert.Single(loaded.Problems).Key);
        Assert.Equal(Path.Combine(DeliveredFiles.Root, "config", "connector.json"), loaded.File);
    }

    [Fact]
    public void The_delivered_file_holds_no_secret()
    {
        var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(DeliveredFiles.Root, "config", "connector.json"))).RootElement.GetProperty("Sources");

        Assert.Equal(JsonValueKind.Null, json.GetProperty("Intercom").GetProperty("AccessToken").ValueKind);
        Assert.Equal(JsonValueKind.Null, json.GetProperty("Sequence").GetProperty("ClientSecret").ValueKind);
    }

    private static void Compare(string name, string expected)
    {
        var path = Path.Combine(DeliveredFiles.Root, name);
        if (Environment.GetEnvironmentVariable("UPDATE_CONFIG") == "1" && File.ReadAllText(path) != expected)
        {
            File.WriteAllText(path, expected);
            Assert.Fail($"{name} was written: look at what changed, and run this again without UPDATE_CONFIG.");
        }

        Assert.Equal(expected, File.ReadAllText(path));
    }
}
