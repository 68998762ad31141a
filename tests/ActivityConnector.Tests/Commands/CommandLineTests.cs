using System.CommandLine;
using System.Text.Json;
using ActivityConnector.Commands;

namespace ActivityConnector.Tests.Commands;

public sealed class CommandLineTests : IDisposable
{
    private readonly Session _session = new();

    /// <summary>The commands that print a table, which --output turns into JSON.</summary>
    private static readonly string[] WithResults =
    [
        "run", "validate", "check", "setup kafka", "setup elasticsearch", "setup kibana", "setup opensearch-dashboards", "checkpoint show", "dlq list",
        "dlq show", "mapping list", "mapping show", "mapping test", "config show", "version", "status", "export", "backfill status", "verify",
        "transform", "detections list", "detections test",
    ];

    private static readonly string[] WithoutConfiguration = ["simulate", "config new", "completion", "schema"];

    public static TheoryData<string> Verbs => [.. Paths(CommandLine.Root(new Shell(Session.Nowhere)), "")];

    [Theory]
    [InlineData("run", "fatal")]
    [InlineData("validate --log-level loud", "error")]
    [InlineData("no-such-verb", "error")]
    [InlineData("checkpoint show --set Journal:Path=missing.db", "fatal")]
    public async Task With_json_every_line_that_is_no_result_is_an_object_with_ecs_fields(string arguments, string level)
    {
        Assert.NotEqual(0, await _session.RunAsync([.. arguments.Split(' '), "--log-format", "json"]));

        var lines = _session.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.NotEmpty(lines);
        Assert.All(lines, line =>
        {
            Assert.Equal(level, line.GetProperty("log.level").GetString());
            Assert.NotEmpty(line.GetProperty("message").GetString()!);
            Assert.Equal("activity-connector", line.GetProperty("service.name").GetString());
            Assert.Equal(_session.Time.GetUtcNow(), line.GetProperty("@timestamp").GetDateTimeOffset());
        });
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task Every_verb_explains_itself_and_shows_the_options_that_mean_something_to_it(string command)
    {
        Assert.Equal(0, await _session.RunAsync([.. command.Split(' '), "--help"]));
        Assert.Contains($"{command} ", _session.Out, StringComparison.Ordinal);
        var isGroup = WithResults.Any(verb => verb.StartsWith(command + " ", StringComparison.Ordinal));
        Assert.Equal(WithResults.Contains(command) || isGroup, _session.Out.Contains("--output <table|json>", StringComparison.Ordinal));
        Assert.Equal(!WithoutConfiguration.Contains(command), _session.Out.Contains("--config <FILE>", StringComparison.Ordinal));
        Assert.Equal(!WithoutConfiguration.Contains(command), _session.Out.Contains("--set <KEY=VALUE>", StringComparison.Ordinal));
        Assert.Empty(_session.Error);
    }

    private static IEnumerable<string> Paths(Command command, string path) => command.Subcommands.SelectMany(sub =>
        Paths(sub, $"{path} {sub.Name}".Trim()).Prepend($"{path} {sub.Name}".Trim()));

    [Theory]
    [InlineData("", "Required command was not provided.\nTry: activity-connector --help\n")]
    [InlineData("validat", "Unknown: validat. Did you mean validate?\nTry: activity-connector --help\n")]
    [InlineData("frobnicate", "Unknown: frobnicate.\nTry: activity-connector --help\n")]
    [InlineData("run --onse", "Unknown: --onse. Did you mean --once?\nTry: activity-connector run --help\n")]
    [InlineData("checkpoint set x --hel", "Unknown: --hel. Did you mean --help?\nTry: activity-connector checkpoint set --help\n")]
    [InlineData("run --role both", "--role both: give all or collect or index.\nTry: activity-connector run --help\n")]
    [InlineData("validate --output xml", "--output xml: give table or json.\nTry: activity-connector validate --help\n")]
    [InlineData("validate --set PageSize", "--set: write it as Key:Sub=value, without a space.\nTry: activity-connector validate --help\n")]
    [InlineData(
        "validate --set Sources:Intercom:AccessToken= hunter2",
        "Unknown: a word, which is not shown because beside --set it may be a secret. Write --set Key:Sub=value without a space."
        + "\nTry: activity-connector validate --help\n")]
    [InlineData("transform", "Option '--source' is required.\nTry: activity-connector transform --help\n")]
    [InlineData(
        "export --since -3q",
        "--since -3q: write a time as 2026-01-31T12:00:00Z, or a span before now as -30d, -12h or -90m.\nTry: activity-connector export --help\n")]
    [InlineData(
        "sweep --source intercom --from soon --to -1d",
        "--from soon: write a time as 2026-01-31T12:00:00Z, or a span before now as -30d, -12h or -90m.\nTry: activity-connector sweep --help\n")]
    [InlineData(
        "verify --to 2026-02-30",
        "--to 2026-02-30: write a time as 2026-01-31T12:00:00Z, or a span before now as -30d, -12h or -90m.\nTry: activity-connector verify --help\n")]
    [InlineData("verify --from -1d --to -1d", "--from must be before --to.\nTry: activity-connector verify --help\n")]
    [InlineData("simulate --port 70000", "--port 70000: give a whole number from 0 to 65535.\nTry: activity-connector simulate --help\n")]
    [InlineData("simulate --rate fast", "--rate fast: give a number of records a second.\nTry: activity-connector simulate --help\n")]
    [InlineData("simulate --fault", "Required argument missing for option: '--fault'.\nTry: activity-connector simulate --help\n")]
    [InlineData("dlq discard", "Give an ID, or --all.\nTry: activity-connector dlq discard --help\n")]
    public async Task Wrong_usage_is_said_in_a_line_with_a_hint(string arguments, string error)
    {
        Assert.Equal(2, await _session.RunAsync(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
        Assert.Equal(error, _session.Error.ReplaceLineEndings("\n"));
        Assert.Empty(_session.Out);
    }

    [Fact]
    public async Task Validate_prints_a_line_for_each_problem_and_fails()
    {
        Assert.Equal(64, await _session.RunAsync("validate", "--set", "Sources:Intercom:PageSize=0", "--set", "Journal:Pth=x"));
        Assert.Equal(
            ["error\tJournal:Pth", "error\tSources:Intercom:PageSize", "error\tSources"],
            _session.Lines.Select(line => string.Join('\t', line.Split('\t')[..2])));
        Assert.All(_session.Lines, line => Assert.Equal(5, line.Split('\t').Length));
    }

    [Fact]
    public async Task Validate_prints_json_when_asked()
    {
        Assert.Equal(64, await _session.RunAsync("validate", "--output", "json"));
        var problem = JsonDocument.Parse(_session.Out).RootElement[0];
        Assert.Equal(["level", "key", "cause", "fix", "set_by"], problem.EnumerateObject().Select(p => p.Name));

        Assert.Equal(0, await _session.RunAsync("validate", "--output", "json", "--set", "Sources:Intercom:AccessToken=t"));
        Assert.Equal(0, JsonDocument.Parse(_session.Out).RootElement.GetArrayLength());
    }

    [Fact]
    public async Task A_valid_configuration_is_said_to_be_valid()
    {
        var file = _session.Write("config/connector.json", """{ "Sources": { "Intercom": { "AccessToken": "t" } } }""");

        Assert.Equal(0, await _session.RunAsync("validate", "--config", "config/connector.json"));
        Assert.Equal($"The configuration is valid ({file}).", _session.Lines.Single());
    }

    [Fact]
    public async Task Run_lists_every_problem_before_it_touches_anything()
    {
        Assert.Equal(64, await _session.RunAsync("run", "--once", "--set", "Sources:Sequence:ClientId=c", "--set", "Transform:Namespace=A"));
        Assert.Equal(2, _session.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_session.Folder));
    }

    [Fact]
    public async Task Version_names_its_parts()
    {
        Assert.Equal(0, await _session.RunAsync("version"));
        Assert.Equal(
            ["connector", ".net", "system", "librdkafka", "mapping intercom-ecs.csv", "mapping sequence-ecs.csv"],
            _session.Lines.Select(line => line.Split('\t')[0]));
    }

    [Fact]
    public async Task A_control_character_of_a_value_does_not_reach_the_terminal()
    {
        await _session.RunAsync("validate", "--set", "Sources:Intercom:Account=a\u001b[31m\tb");
        Assert.DoesNotContain('\u001b', _session.Out);
        Assert.All(_session.Lines, line => Assert.Equal(5, line.Split('\t').Length));
    }

    public void Dispose() => _session.Dispose();
}
