using System.Diagnostics;

namespace ActivityConnector.Tests.Shared.Servers;

/// <summary>A real Kafka that this test run started: brokers can be killed and started again, and Kafka's own tools used on it.</summary>
public sealed class KafkaCluster : IAsyncDisposable
{
    private readonly string _server;
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _settings;
    private readonly IReadOnlyDictionary<string, string> _environment;

    private KafkaCluster(string server, string bootstrap, List<string> settings, IReadOnlyDictionary<string, string> environment) =>
        (_server, Bootstrap, _settings, _environment) = (server, bootstrap, settings, environment);

    /// <summary>What stands in for it when there is no server to be had; null when there is.</summary>
    public static string? Missing { get; } = ServerFolder.Find("kafka") is null
        ? "There is no Kafka here: set KAFKA_TEST_BOOTSTRAP, or put one beside the repository (shared/servers/kafka)."
        : null;

    public string Bootstrap { get; private set; }

    public static Task<KafkaCluster> StartAsync(int nodes = 1, params string[] settings) => StartAsync(new Dictionary<string, string>(), nodes, settings);

    /// <param name="environment">Environment variables of the brokers.</param>
    public static async Task<KafkaCluster> StartAsync(IReadOnlyDictionary<string, string> environment, int nodes, params string[] settings)
    {
        var server = ServerFolder.Find("kafka") ?? throw new InvalidOperationException(Missing);
        // Its controllers are a hundred ports above.
        var port = ServerFolder.FreePorts(nodes, beside: 100);
        List<string> wanted = [.. settings.SelectMany(s => (string[])["--setting", s
            .Replace("CONTROLLERPORT", $"{port + 100}", StringComparison.Ordinal).Replace("PORT", $"{port}", StringComparison.Ordinal)])];
        var cluster = new KafkaCluster(server, string.Join(',', Enumerable.Range(port, nodes).Select(p => $"127.0.0.1:{p}")), wanted, environment);
        await ServerFolder.RunAsync(
            environment, server, "start", ["--data", cluster._folder.Path, "--port", $"{port}", "--nodes", $"{nodes}", "--heap", "320m", .. wanted]);
        return cluster;
    }

    /// <summary>SIGKILL, as a crash.</summary>
    public Task KillAsync(int node = 1) => ServerFolder.RunAsync(_server, "stop", "--data", _folder.Path, "--node", $"{node}", "--kill");

    /// <summary>As an upgrade or a drained node would.</summary>
    public Task StopAsync(int node = 1) => ServerFolder.RunAsync(_server, "stop", "--data", _folder.Path, "--node", $"{node}");

    public Task StartAgainAsync(int node = 1) =>
        ServerFolder.RunAsync(_environment, _server, "start", ["--data", _folder.Path, "--node", $"{node}", .. _settings]);

    /// <summary>The process of a broker stands still, as a machine that is paused, until the answer is disposed.</summary>
    public IDisposable Pause(int node = 1)
    {
        var pid = File.ReadAllText(_folder.File($"node-{node}/pid")).Trim();
        Signal("STOP", pid);
        return new Resumption(() => Signal("CONT", pid));
    }

    /// <summary>What a broker has spent since it was started (again).</summary>
    public TimeSpan CpuTime(int node = 1)
    {
        var pid = File.ReadAllText(_folder.File($"node-{node}/pid"));
        using var broker = Process.GetProcessById(int.Parse(pid, System.Globalization.CultureInfo.InvariantCulture));
        return broker.TotalProcessorTime;
    }

    /// <summary>On a broker's disk, in topics whose names begin so; what is allocated ahead does not count.</summary>
    public long BytesOf(string prefix, int node = 1) => new DirectoryInfo(_folder.File($"node-{node}/topics")).EnumerateDirectories(prefix + "*")
        .SelectMany(topic => topic.EnumerateFiles("*.log")).Sum(file => file.Length);

    /// <summary>One of Kafka's own tools; the address is added.</summary>
    public Task<string> ToolAsync(string tool, params string[] arguments) =>
        ServerFolder.RunAsync(_server, "kafka", [tool, "--bootstrap-server", Bootstrap, .. arguments]);

    public async ValueTask DisposeAsync()
    {
        await ServerFolder.RunAsync(_server, "stop", "--data", _folder.Path, "--kill");
        _folder.Dispose();
    }

    private static void Signal(string name, string pid)
    {
        using var kill = Process.Start("kill", [$"-{name}", pid]);
        kill.WaitForExit();
    }

    private sealed class Resumption(Action resume) : IDisposable
    {
        public void Dispose() => resume();
    }
}
