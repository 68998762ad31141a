namespace ActivityConnector.Tests.Shared.Servers;

/// <summary>A real Elasticsearch or OpenSearch that this test run started: it can be killed and started again on the same data.</summary>
public sealed class SearchServer : IAsyncDisposable
{
    private readonly string _server;
    private readonly TemporaryFolder _folder = new();
    private readonly string _jvm;
    private readonly string[] _arguments;

    private SearchServer(string server, int port, string jvm, string[] arguments) => (_server, Port, _jvm, _arguments) = (server, port, jvm, arguments);

    public int Port { get; }

    public string Url => $"http://127.0.0.1:{Port}";

    /// <summary>What stands in for it when there is no server to be had; null when there is.</summary>
    /// <param name="kind">elasticsearch or opensearch.</param>
    public static string? Missing(string kind) => ServerFolder.Find(kind) is null
        ? $"There is no {kind} here: set {Variable(kind)}, or put one beside the repository (shared/servers/{kind})."
        : null;

    /// <summary>The environment variable with the address of one that is there already.</summary>
    public static string Variable(string kind) => $"{kind.ToUpperInvariant()}_TEST_URL";

    /// <summary>For minutes: its JVM compiles at once and not at its best, which halves the processor time of a start.</summary>
    /// <param name="arguments">Of its start script, such as --password or --setting.</param>
    public static Task<SearchServer> StartAsync(string kind, params string[] arguments) => StartAsync(kind, "-XX:TieredStopAtLevel=1", arguments);

    /// <summary>For long runs and measurements: as it runs in production.</summary>
    /// <inheritdoc cref="StartAsync(string, string[])"/>
    public static Task<SearchServer> StartForLongAsync(string kind, params string[] arguments) => StartAsync(kind, "", arguments);

    public Task StartAgainAsync() => ServerFolder.RunAsync(
        new Dictionary<string, string> { ["JAVA_TOOL_OPTIONS"] = _jvm }, _server, "start", ["--data", _folder.Path, "--port", $"{Port}", .. _arguments]);

    /// <summary>SIGKILL, as a crash.</summary>
    public Task KillAsync() => ServerFolder.RunAsync(_server, "stop", "--data", _folder.Path, "--kill");

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _folder.Dispose();
    }

    private static async Task<SearchServer> StartAsync(string kind, string jvm, string[] arguments)
    {
        var server = ServerFolder.Find(kind) ?? throw new InvalidOperationException(Missing(kind));

        // The parts that this build of Elasticsearch lacks and the templates name.
        string[] parts = kind == "elasticsearch" ? ["--stand-ins"] : [];
        var started = new SearchServer(server, ServerFolder.FreePorts(1), jvm, ["--heap", "384m", .. parts, .. arguments]);
        await started.StartAgainAsync();
        return started;
    }
}
