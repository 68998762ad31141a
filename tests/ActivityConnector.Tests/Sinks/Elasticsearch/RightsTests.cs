using System.Text.Json;
using ActivityConnector.Pipeline;
using ActivityConnector.Sinks.Elasticsearch;
using ActivityConnector.Tests.Shared;
using ActivityConnector.Tests.Shared.Servers;

namespace ActivityConnector.Tests.Sinks.Elasticsearch;

/// <summary>Users and API keys of a real Elasticsearch: the connector needs few rights, and says which it lacks.</summary>
[Trait("Kind", "server")]
public sealed class RightsTests(RightsTests.GuardedServer server) : INeedsServer, IClassFixture<RightsTests.GuardedServer>
{
    private const string Password = "changeme-please";

    public static string? Missing => SearchServer.Missing("elasticsearch");

    [ContractFact]
    public async Task A_key_that_may_only_add_documents_is_enough_once_an_administrator_has_set_up()
    {
        await using var admin = await AdministratorAsync();

        var key = await KeyAsync(admin, "create_doc", "create_index", "auto_configure");
        await using var scene = new SinkOnServer(server.Url, admin.Options.Prefix);
        (scene.Options.ApiKey, scene.Options.Setup) = (key, false);
        Assert.Equal(5, (await scene.WriteAsync(SinkOnFake.Events(0, 5))).Stored);
        Assert.Equal(5, (await scene.WriteAsync(SinkOnFake.Events(0, 5))).Known);
        Assert.Equal(5, await admin.Client.CountAsync(admin.Indices));

        var results = await CheckAsync(scene);
        Assert.All(results, f => Assert.True(f.Passed, f.ToString()));
        scene.Options.Setup = true;
        var rights = (await CheckAsync(scene)).Single(f => f.Part == "Elasticsearch rights");
        Assert.Equal(
            "It lacks manage_ilm, manage_index_templates.",
            string.Join(' ', rights.Found.Split(' ').Take(2)) + " " + string.Join(", ", rights.Found[9..^1].Split(", ").Order()) + ".");

        // Without a right, and with a key that is none: held, and nobody's dead letter.
        scene.Options.Setup = false;
        scene.Options.ApiKey = await KeyAsync(admin, "read");
        var refused = await Assert.ThrowsAsync<SinkRefusedException>(
            () => scene.NewSink(waitAtMost: TimeSpan.FromMinutes(1)).WriteAsync(SinkOnFake.Events(5, 5), default).AsTask());
        Assert.Contains("create_doc", refused.Fix, StringComparison.Ordinal);
        var lacking = (await CheckAsync(scene)).Single(f => f.Part == "Elasticsearch rights").Found["It lacks ".Length..^1];
        Assert.Equal(["auto_configure", "create_doc", "create_index"], lacking.Split(", ").Order());
        scene.Options.ApiKey = "no:such";
        await Assert.ThrowsAsync<SinkRefusedException>(() => scene.NewSink(waitAtMost: TimeSpan.FromMinutes(1)).PrepareAsync(default).AsTask());
        Assert.Contains("401", Assert.Single(await CheckAsync(scene)).Found, StringComparison.Ordinal);
    }

    [ContractFact]
    public async Task A_key_that_may_not_look_at_the_cluster_writes_all_the_same_and_what_it_cannot_see_is_said()
    {
        await using var admin = await AdministratorAsync();
        await using var scene = new SinkOnServer(server.Url, admin.Options.Prefix);
        (scene.Options.ApiKey, scene.Options.Setup) = (await KeyAsync(admin, [], "create_doc", "create_index", "auto_configure"), false);

        Assert.Equal(5, (await scene.WriteAsync(SinkOnFake.Events(0, 5))).Stored);

        Assert.Contains(scene.Log.Lines, l => l.Text.StartsWith("Elasticsearch: Elasticsearch of a version this user may not see", StringComparison.Ordinal));
        Assert.Contains(scene.Log.Lines, l => l.Text.Contains("relying on setup elasticsearch having been run", StringComparison.Ordinal));
        Assert.All(await CheckAsync(scene), f => Assert.True(f.Passed, f.ToString()));
    }

    [ContractFact]
    public async Task A_key_that_is_taken_away_in_the_middle_is_waited_for_and_its_successor_goes_on()
    {
        await using var admin = await AdministratorAsync();
        using var folder = new TemporaryFolder();
        await using var scene = new SinkOnServer(server.Url, admin.Options.Prefix);
        (scene.Options.ApiKeyFile, scene.Options.Setup) = (folder.File("key"), false);
        var first = await KeyAsync(admin, "create_doc", "create_index", "auto_configure");
        await File.WriteAllTextAsync(scene.Options.ApiKeyFile, first);
        var sink = scene.NewSink();
        await sink.PrepareAsync(default);
        Assert.Equal(5, (await sink.WriteAsync(SinkOnFake.Events(0, 5), default)).Stored);

        await admin.Client.SendAsync(HttpMethod.Delete, "_security/api_key", JsonSerializer.Serialize(new { ids = new[] { first.Split(':')[0] } }));
        var second = await KeyAsync(admin, "create_doc", "create_index", "auto_configure");
        var waits = 0;
        scene.Time.BeforeJump = _ =>
        {
            if (++waits == 2) File.WriteAllText(scene.Options.ApiKeyFile, second);
        };
        var result = await sink.WriteAsync(SinkOnFake.Events(0, 10), default);

        Assert.Equal((5, 5, 0, 2), (result.Stored, result.Known, result.Refused.Count, waits));
        Assert.Single(scene.Log.Lines, l => l.Text.StartsWith("Elasticsearch refused the credential", StringComparison.Ordinal));
    }

    /// <summary>Has set up a prefix of its own.</summary>
    private async Task<SinkOnServer> AdministratorAsync()
    {
        var admin = new SinkOnServer(server.Url, authorization: "Basic " + Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes("elastic:" + Password)));
        (admin.Options.Username, admin.Options.Password) = ("elastic", Password);
        await admin.NewSink().PrepareAsync(default);
        return admin;
    }

    private static Task<IReadOnlyList<CheckResult>> CheckAsync(SinkOnServer scene)
    {
        scene.Options.SetupFolder = SinkOnFake.SetupFolder;
        return ElasticsearchCheck.RunAsync(scene.Options, TimeProvider.System, default);
    }

    private static Task<string> KeyAsync(SinkOnServer admin, params string[] rights) => KeyAsync(admin, ["monitor"], rights);

    private static async Task<string> KeyAsync(SinkOnServer admin, string[] cluster, params string[] rights)
    {
        var answer = await admin.Client.SendAsync(HttpMethod.Post, "_security/api_key", JsonSerializer.Serialize(new
        {
            name = "connector",
            role_descriptors = new { connector = new { cluster, indices = new[] { new { names = new[] { admin.Indices }, privileges = rights } } } },
        }));
        return $"{answer.GetProperty("id").GetString()}:{answer.GetProperty("api_key").GetString()}";
    }

    /// <summary>A server that asks who somebody is.</summary>
    public sealed class GuardedServer : IAsyncLifetime
    {
        private SearchServer? _server;

        public string Url => _server!.Url;

        public async Task InitializeAsync() => _server = Missing is null ? await SearchServer.StartAsync("elasticsearch", "--password", Password) : null;

        public async Task DisposeAsync()
        {
            if (_server is not null) await _server.DisposeAsync();
        }
    }
}
