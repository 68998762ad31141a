using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text;
using System.Text.Json.Nodes;
using ActivityConnector.Commands;
using ActivityConnector.Tests.Admin;
using ActivityConnector.Tests.Commands;
using ActivityConnector.Tests.Detections;
using ActivityConnector.Tests.Shared;
using ActivityConnector.Tests.Shared.Servers;
using Xunit.Abstractions;

namespace ActivityConnector.Tests.Documents;

/// <summary>
/// What a reader of the documents has: a folder, both vendors, a journal in SQLite, and the program as <c>./run</c> and as <c>activity-connector</c>. The
/// service runs when the commands before have started it, or the next one needs it. Each vendor has one record that becomes a dead letter.
/// </summary>
[UnsupportedOSPlatform("windows")]
internal sealed class DocumentScene : IAsyncDisposable
{
    private const string Record = """
        {"id":"1","performed_by":{"type":"admin","id":"7"},"created_at":1796000000,"activity_type":"admin_permission_change","activity_description":"Changed."}
        """;

    private readonly AdminScene _admin;

    private DocumentScene(AdminScene admin) => _admin = admin;

    private string Folder => _admin.Scene.Folder;

    public static async Task<DocumentScene> OpenAsync()
    {
        var scene = new DocumentScene(await AdminScene.OpenAsync());

        // Where nothing is said: data/journal.db in the folder of the reader.
        scene._admin.Scene.Settings.Remove("Journal__Path");
        scene._admin.Scene.AddTooLarge(1);
        scene.WriteProgram("run", "[ $# -gt 0 ] || set -- demo");
        scene.WriteProgram("bin/activity-connector", "");
        scene.Write("records.json", Record);
        foreach (var rule in Directory.GetFiles(DeliveredRules.Folder, "*.yml")) scene.Write($"my-rules/{Path.GetFileName(rule)}", File.ReadAllText(rule));

        scene.Write("FOLDER/permissions.in.json", Record);
        var (exitCode, mapped) = await scene.ShellAsync("./run transform --source intercom < records.json 2> said");
        Assert.True(exitCode == 0, mapped);
        scene.Write("FOLDER/permissions.out.json", mapped);
        return scene;
    }

    /// <summary>The journal is in Kafka from now on; what SQLite knew is in the file that the document imports.</summary>
    public async Task MoveToKafkaAsync(string bootstrap)
    {
        await ExpectAsync("run", "--once");
        var (exitCode, printed) = await ShellAsync("./run checkpoint export > moving.checkpoints");
        Assert.True(exitCode == 0, printed);
        _admin.Scene.UseKafka(bootstrap);
    }

    /// <summary>Events are sent to Elasticsearch from now on.</summary>
    public void SendTo(string url)
    {
        _admin.Scene.Settings["Elasticsearch__Urls__0"] = url;
        _admin.Scene.Settings["Elasticsearch__Prefix"] = SharedSearchServer.NewPrefix();
    }

    /// <summary>Dashboards and rules are imported there from now on.</summary>
    public void ImportInto(string url) => _admin.Scene.Settings["Dashboards__Url"] = url;

    /// <summary>Runs every command of the documents that needs just this, in their order; each must end with 0, and so must the service at the end.</summary>
    public async Task AssertAllSucceedAsync(string? needs, ITestOutputHelper output)
    {
        var failed = new List<string>();
        var commands = Once([.. Document.Commands.Where(c => c.Needs == needs)], isFirst: needs is null);
        Assert.NotEmpty(commands);
        foreach (var command in commands.OrderBy(TakesAway))
        {
            var started = TimeProvider.System.GetTimestamp();
            var (exitCode, printed) = await RunAsync(command);
            output.WriteLine($"{TimeProvider.System.GetElapsedTime(started).TotalSeconds:0.0} s  {command.Place}: {command.Text}");
            if (exitCode != 0) failed.Add($"{command.Place}: {command.Text}\n  ended with {exitCode}: {printed}");
        }

        await StopServiceAsync();
        Assert.True(failed.Count == 0, string.Join('\n', failed));
    }

    public ValueTask DisposeAsync() => _admin.DisposeAsync();

    /// <summary>Those that are repeated once: the README's is the first; the last leaves the path whole that a page about the server ends with.</summary>
    private static IReadOnlyList<DocumentedCommand> Once(IReadOnlyList<DocumentedCommand> commands, bool isFirst)
    {
        static string Key(DocumentedCommand command) => string.Join(' ', command.Arguments.SelectMany(a => a));
        return isFirst ? [.. commands.DistinctBy(Key)] : [.. commands.Reverse().DistinctBy(Key).Reverse()];
    }

    /// <summary>What deletes is run last: the commands before it find what they tell of.</summary>
    private static bool TakesAway(DocumentedCommand command) => command.Arguments[0] is ["dlq", "discard", ..] or ["checkpoint", "reset", ..];

    /// <summary>Runs a line as the document has it.</summary>
    private async Task<(int ExitCode, string Printed)> RunAsync(DocumentedCommand command)
    {
        var arguments = command.Arguments[0];
        switch (arguments)
        {
            case ["demo"]:
                await StopServiceAsync();
                return await UntilAsync(arguments, "Live, as the vendors write them.");
            case ["simulate", ..]:
                return await UntilAsync(arguments, "# Then:");
            case ["run", ..] when !arguments.Contains("--once"):
                await StopServiceAsync();
                await _admin.StartAsync();
                return (0, "");
            case ["run", ..] or ["checkpoint", "set" or "reset" or "import" or "accept", ..]:
                await StopServiceAsync();
                break;
            case ["status" or "health" or "source" or "sweep" or "backfill", ..] when _admin.Connector is null:
                await _admin.StartAsync();
                break;
        }

        var id = arguments is [var group, .., "ID"] ? await SomeIdAsync(group) : "ID";
        var ended = command.NeedsShell ? await ShellAsync(InFolder(command.Text)) : await CallAsync([.. arguments.Select(a => a == "ID" ? id : InFolder(a))]);
        if (arguments is ["source", "pause", var paused]) await ExpectAsync("source", "resume", paused);

        return ended;
    }

    /// <summary>SIGTERM, which must end it with 0.</summary>
    private async Task StopServiceAsync()
    {
        if (_admin.Connector is not null) await _admin.StopAsync();
    }

    /// <summary>The documents' other folders are below that of the reader here.</summary>
    private string InFolder(string text) => text.Replace("/srv/", $"{Folder}/srv/", StringComparison.Ordinal);

    /// <summary>An open dead letter, or a range that is open because its source is paused.</summary>
    private async Task<string> SomeIdAsync(string group)
    {
        if (group == "dlq") return (string)JsonNode.Parse(await ExpectAsync("dlq", "list", "--output", "json"))![0]!["id"]!;

        await ExpectAsync("source", "pause", "intercom");
        await ExpectAsync("backfill", "start", "--source", "intercom", "--from", "-800d", "--to", "-799d");
        var ranges = JsonNode.Parse(await ExpectAsync("backfill", "status", "--output", "json"))!.AsArray();
        return (string)ranges.Single(range => (string)range!["state"]! == "waiting")!["id"]!;
    }

    /// <summary>In this process, with a reader who says yes.</summary>
    private async Task<(int ExitCode, string Printed)> CallAsync(IReadOnlyList<string> arguments)
    {
        using var bytes = new MemoryStream();
        await using var output = new StreamWriter(bytes, new UTF8Encoding(false)) { AutoFlush = true };
        using var error = new StringWriter();
        using var yes = new MemoryStream("y\n"u8.ToArray());
        var terminal = Session.Nowhere with
        {
            In = yes,
            Out = output,
            OutBytes = bytes,
            Error = error,
            CanAsk = true,
            Environment = _admin.Scene.Settings,
            WorkingDirectory = Folder,
        };
        var exitCode = await CommandLine.InvokeAsync(arguments, terminal, CancellationToken.None);
        return (exitCode, Encoding.UTF8.GetString(bytes.ToArray()) + error);
    }

    private async Task<string> ExpectAsync(params string[] arguments)
    {
        var (exitCode, printed) = await CallAsync(arguments);
        Assert.True(exitCode == 0, $"{string.Join(' ', arguments)}: {exitCode}\n{printed}");
        return printed;
    }

    private async Task<(int ExitCode, string Printed)> ShellAsync(string line)
    {
        var start = new ProcessStartInfo("bash", ["-o", "pipefail", "-c", line])
        {
            WorkingDirectory = Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in _admin.Scene.Settings) start.Environment[name] = value;

        start.Environment["PATH"] = $"{Folder}/bin:{start.Environment["PATH"]}";
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output + await error);
    }

    /// <summary>Ctrl-C once it has printed the text.</summary>
    private async Task<(int ExitCode, string Printed)> UntilAsync(IReadOnlyList<string> arguments, string text)
    {
        await using var process = _admin.Scene.Start([.. arguments]);
        await process.SeenAsync(text);
        await process.SignalAsync("INT");
        return (await process.EndAsync(), process.Output + process.Errors);
    }

    private void WriteProgram(string name, string first)
    {
        var path = Write(name, $"#!/usr/bin/env bash\n{first}\nexec dotnet '{ConnectorProcess.Program}' \"$@\"\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private string Write(string name, string content)
    {
        var path = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        return path;
    }
}
