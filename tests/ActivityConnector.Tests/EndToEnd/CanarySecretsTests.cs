using System.IO.Compression;
using System.Text;
using ActivityConnector.Configuration;
using ActivityConnector.Tests.Configuration;
using ActivityConnector.Tests.Shared;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ActivityConnector.Tests.EndToEnd;

/// <summary>
/// A canary in every secret option, in every way a secret can be given, through every command and every level of the log; vendors and cluster
/// refuse it and send it back in their errors. It is nowhere to be read, in no encoding.
/// </summary>
public sealed class CanarySecretsTests : IAsyncLifetime
{
    private const string Canary = "canary7f3a9c0b51e28d46f7a1d03c95b8e642f0";

    /// <summary>Every option that holds a secret, by the pattern of its name: a new one is found too.</summary>
    private static readonly string[] Secrets =
    [
        "Sources:Intercom:AccessToken", "Sources:Sequence:ClientId", "Sources:Sequence:ClientSecret", "Elasticsearch:ApiKey", "Elasticsearch:Username",
        "Elasticsearch:Password", "Kafka:Security:Username", "Kafka:Security:Password", "Kafka:Security:KeyPassword",
        "Kafka:SchemaRegistry:Username", "Kafka:SchemaRegistry:Password", "Admin:Token",
    ];

    private static readonly string[] Verbs =
    [
        "validate", "validate -o json", "check", "run --once --timeout 5s", "setup elasticsearch", "transform --source intercom",
        "mapping list --source sequence", "checkpoint show", "export", "dlq list", "version", "nonsense", "config show", "config show -o json", "status",
    ];

    /// <summary>Those that print options or send the secrets: the others read the options by the same code.</summary>
    private static readonly string[] VerbsOfEachWay =
    [
        "validate", "validate -o json", "check", "run --once --timeout 5s", "setup elasticsearch", "config show", "config show -o json", "status",
    ];

    private readonly TemporaryFolder _folder = new();
    private WebApplication _server = null!;
    private string _url = "";

    public static TheoryData<string> Ways => ["value", "file", "file that is wrong", "path", "address", "both"];

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = ["--urls", "http://127.0.0.1:0"] });
        builder.Logging.ClearProviders();
        _server = builder.Build();
        _server.MapFallback((HttpRequest request) =>
        {
            var sent = request.Headers.Authorization.ToString();
            return Results.Json(
                new { type = "error.list", errors = new[] { new { code = sent, message = sent } }, error = new { type = sent, reason = sent } },
                statusCode: 401);
        });
        await _server.StartAsync();
        _url = _server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>Verbs that need none of the secrets, or do the same with them as another one.</summary>
    private static readonly string[] MoreVerbs =
    [
        "demo --nonsense", "simulate --nonsense", "mapping show admin_login_success", "mapping test .", "dlq show x", "dlq replay --all",
        "dlq discard --all --yes", "checkpoint set intercom --watermark 2026-01-01 --yes", "checkpoint reset intercom --yes", "checkpoint import --yes",
        "replay --from 2026-01-01 --to 2026-01-02",
    ];

    [Fact]
    public void Every_option_that_can_be_a_file_has_its_canary()
    {
        // Certificates and the privacy key are no secrets in one line; they are in the tests of their own.
        string[] others = ["CaFile", "CertificateFile", "KeyFile"];
        var options = File.ReadAllText(Path.Combine(DeliveredFiles.Root, "config", "connector.json"));
        var files = System.Text.RegularExpressions.Regex.Matches(options, "\"(\\w+File)\":").Select(m => m.Groups[1].Value).Except(others).Distinct();
        Assert.Equal(files.Order(), Secrets.Select(s => s.Split(':')[^1] + "File").Distinct().Order());
    }

    /// <summary>Every command with two of the ways, and those of <see cref="VerbsOfEachWay"/> with the others; at full size, every command with each.</summary>
    [Theory]
    [MemberData(nameof(Ways))]
    public async Task No_command_shows_it(string way)
    {
        var settings = Settings(way);
        var isInFull = Scene.IsLong || way is "value" or "file that is wrong";
        foreach (var verb in isInFull ? Verbs : VerbsOfEachWay)
        {
            var (_, output, errors) = await ConnectorProcess.RunAsync(_folder.Path, [.. verb.Split(' '), "--verbose"], settings, input: "{}");
            AssertHidden(verb, output + errors);
        }

        await AssertHiddenInBundleAsync(settings);

        // One that is unreachable, which takes its time to say so.
        if (!isInFull) return;

        foreach (var verb in MoreVerbs)
        {
            var (_, output, errors) = await ConnectorProcess.RunAsync(_folder.Path, [.. verb.Split(' '), "--verbose"], settings, input: "{}");
            AssertHidden(verb, output + errors);
        }

        settings["Journal__Kind"] = "Kafka";
        foreach (var verb in (string[])["check", "setup kafka --dry-run"])
        {
            var (_, output, errors) = await ConnectorProcess.RunAsync(_folder.Path, [.. verb.Split(' '), "--verbose"], settings);
            AssertHidden(verb, output + errors);
        }
    }

    [Theory]
    [InlineData("value")]
    [InlineData("file")]
    public async Task No_level_of_the_log_shows_it(string way)
    {
        var lines = new AllLines();
        using var logs = LoggerFactory.Create(logging => logging.AddProvider(lines).SetMinimumLevel(LogLevel.Trace));
        var loaded = LoadedConfiguration.Load(
            new ConfigurationInput { Environment = Settings(way), WorkingDirectory = _folder.Path }, TimeProvider.System);
        Assert.True(loaded.CanRun, string.Join('\n', loaded.Problems));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5), TimeProvider.System);
        await using var connector = await ConnectorHost.OpenAsync(loaded.Options, Role.All, TimeSpan.FromSeconds(1), TimeProvider.System, logs, default);

        await connector.RunOnceAsync(limit.Token, CancellationToken.None);
        await connector.Sink!.DrainAsync(limit.Token);

        var all = lines.ToString();
        Assert.Contains("Sources:Intercom:AccessToken", all, StringComparison.Ordinal);
        AssertHidden("run", all);
    }

    /// <summary>With the secret in the log that is put in, too.</summary>
    private async Task AssertHiddenInBundleAsync(Dictionary<string, string> settings)
    {
        var (bundle, log) = (_folder.File("bundle.zip"), _folder.File("run.log"));
        File.WriteAllText(log, $"error Bearer {Canary}, Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes(Canary))}\n");
        var (_, output, errors) = await ConnectorProcess.RunAsync(_folder.Path, ["diagnostics", "--file", bundle, "--log", log], settings);
        AssertHidden("diagnostics", output + errors);
        using var zip = ZipFile.OpenRead(bundle);
        Assert.Contains(zip.Entries, e => e.FullName == "configuration.json");
        foreach (var entry in zip.Entries)
        {
            using var reader = new StreamReader(entry.Open());
            AssertHidden(entry.FullName, await reader.ReadToEndAsync());
        }
    }

    private static void AssertHidden(string verb, string text)
    {
        string[] forms = [Canary, .. new[] { $"{Canary}:{Canary}", Canary }.Select(t => Convert.ToBase64String(Encoding.UTF8.GetBytes(t)).TrimEnd('=')[..^1])];
        Assert.All(forms, form => Assert.False(text.Contains(form, StringComparison.OrdinalIgnoreCase), $"{verb} shows {form}:\n{text}"));
    }

    private Dictionary<string, string> Settings(string way)
    {
        var settings = new Dictionary<string, string>
        {
            ["Sources__Intercom__BaseUrl"] = _url,
            ["Sources__Sequence__BaseUrl"] = _url + "/api",
            ["Elasticsearch__Urls__0"] = _url,
            ["Kafka__BootstrapServers"] = "127.0.0.1:1",
            ["Kafka__SchemaRegistry__Url"] = _url,
            ["Kafka__Security__Protocol"] = "sasl_plaintext",
            ["Journal__Path"] = _folder.File("journal.db"),
        };
        var file = _folder.File(way == "file that is wrong" ? "wrong" : "right");
        File.WriteAllText(file, way == "file that is wrong" ? $"Bearer {Canary}\n{Canary}" : Canary);
        foreach (var secret in Secrets)
        {
            // An API key and a user are not given together.
            if (secret is "Elasticsearch:Username" or "Elasticsearch:Password" && way is not "both") continue;

            var name = secret.Replace(":", "__", StringComparison.Ordinal);
            if (way is "value" or "both" or "address") settings[name] = Canary;

            if (way is not ("value" or "address")) settings[name + "File"] = way == "path" ? Canary : file;
        }

        if (way == "address")
        {
            foreach (var url in settings.Where(s => s.Value.StartsWith(_url, StringComparison.Ordinal)).Select(s => s.Key).ToList())
            {
                settings[url] = settings[url].Replace("http://", $"http://{Canary}:{Canary}@", StringComparison.Ordinal);
            }

            settings["Kafka__BootstrapServers"] = $"{Canary}:{Canary}@127.0.0.1:1";
        }

        return settings;
    }

    private sealed class AllLines : ILoggerProvider, ILogger
    {
        private readonly StringBuilder _lines = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (_lines)
            {
                _lines.AppendLine($"{logLevel} {formatter(state, exception)} {exception}");
            }
        }

        public override string ToString()
        {
            lock (_lines)
            {
                return _lines.ToString();
            }
        }

        public void Dispose()
        {
        }
    }
}
