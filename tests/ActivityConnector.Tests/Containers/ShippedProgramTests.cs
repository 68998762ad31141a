using System.Diagnostics;
using System.Globalization;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using ActivityConnector.Tests.Configuration;
using ActivityConnector.Tests.EndToEnd;
using ActivityConnector.Tests.Shared;
using ActivityConnector.Tests.Shared.Servers;

namespace ActivityConnector.Tests.Containers;

/// <summary>What the image and the archives hold, published and run as a container runs it.</summary>
[Trait("Kind", "server")]
[Trait("Kind", "long")]
[Trait("Kind", "slow")]
public sealed partial class ShippedProgramTests(ShippedFolder shipped) : IClassFixture<ShippedFolder>
{
    private const int User = 1654;

    [Fact]
    public void It_holds_what_it_needs_for_its_processor_and_nothing_else()
    {
        var files = ShippedFolder.Digests(shipped.Path).Keys.ToHashSet();

        Assert.Superset(
            new HashSet<string>
            {
                "activity-connector", "activity-connector.dll", "LICENSE", "config/connector.json", "config/connector.schema.json",
                "config/mappings/intercom-ecs.csv", "config/mappings/sequence-ecs.csv", "config/elasticsearch/mappings.json",
            },
            files);
        Assert.Equal(["centos8-librdkafka.so", "libe_sqlite3.so"], files.Where(file => file.EndsWith(".so", StringComparison.Ordinal)).Order());
        Assert.DoesNotContain(files, file => file.EndsWith(".pdb", StringComparison.Ordinal) || file.StartsWith("runtimes/", StringComparison.Ordinal));
        Assert.InRange(files.Sum(file => new FileInfo(Path.Combine(shipped.Path, file)).Length), 1, 70_000_000);
    }

    [Fact]
    public void Its_packages_are_those_of_the_lock_file()
    {
        using var shippedPackages = JsonDocument.Parse(File.ReadAllText(Path.Combine(shipped.Path, "activity-connector.deps.json")));
        using var locked = JsonDocument.Parse(File.ReadAllText(Path.Combine(DeliveredFiles.Root, "connector", "packages.lock.json")));
        var versions = locked.RootElement.GetProperty("dependencies").GetProperty("net10.0").EnumerateObject()
            .Where(package => package.Value.TryGetProperty("contentHash", out _))
            .Select(package => $"{package.Name}/{package.Value.GetProperty("resolved")} sha512-{package.Value.GetProperty("contentHash")}")
            .ToHashSet();
        var packages = shippedPackages.RootElement.GetProperty("libraries").EnumerateObject()
            .Where(library => library.Value.GetProperty("type").GetString() == "package")
            .Select(library => $"{library.Name} {library.Value.GetProperty("sha512").GetString()}").ToList();

        Assert.NotEmpty(packages);
        Assert.All(packages, package => Assert.Contains(package, versions));
    }

    [ContainedFact]
    public async Task It_collects_without_root_on_a_read_only_file_system_says_that_it_is_well_and_stops_within_its_grace()
    {
        await using var scene = await Scene.OpenAsync(
            o => o with { Intercom = o.Intercom with { Records = 200 }, Sequence = o.Sequence with { Records = 200 } });
        using var data = new TemporaryFolder();
        await RunAsync("chown", $"{User}:{User}", data.Path);
        var settings = scene.Settings.Where(setting => setting.Key != "Journal__Path").ToDictionary();
        settings["Admin__Url"] = $"http://*:{ServerFolder.FreePorts(1)}";
        settings["Admin__Token"] = "0123456789abcdef";
        settings["DOTNET_GCgen0size"] = "0x1000000";
        settings["DOTNET_ROOT"] = "/usr/share/dotnet";

        // The base image sets it, for programs that ask for no address.
        settings["ASPNETCORE_HTTP_PORTS"] = "8080";
        using var connector = Start(settings, data.Path, "run");
        var lines = ReadAsync(connector.StandardError, "sequence: ", "intercom: ");
        var log = await lines;
        var (ready, said) = await HealthAsync(settings, data.Path);
        var status = File.ReadAllText($"/proc/{connector.Id}/status");
        var started = TimeProvider.System.GetTimestamp();
        await RunAsync("kill", "-TERM", connector.Id.ToString(CultureInfo.InvariantCulture));
        log += await connector.StandardError.ReadToEndAsync();
        await connector.WaitForExitAsync();

        Assert.True((ready, said) == (0, "ok\n"), said + log);
        Assert.True(connector.ExitCode == 0, log);
        Assert.Contains("journal /data/journal.db.", log, StringComparison.Ordinal);
        Assert.DoesNotContain(" warn ", log, StringComparison.Ordinal);
        Assert.Contains("Stopped by SIGTERM", log, StringComparison.Ordinal);
        Assert.InRange(TimeProvider.System.GetElapsedTime(started), TimeSpan.Zero, GracePeriod());
        Assert.Matches($@"Uid:\s+{User}\s+{User}\s+{User}\s+{User}", status);
        Assert.Matches(@"CapEff:\s+0+\n", status);
        Assert.Equal(["journal.db", "journal.db.lock"], Directory.EnumerateFiles(data.Path).Select(Path.GetFileName).Order());

        var (exported, events) = await RunAsync(settings, data.Path, "export");
        Assert.Equal(0, exported);
        Assert.Equal(scene.ExpectedEvents, events.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    /// <summary>At full size, it is published again in another place, without git beside it.</summary>
    [Fact]
    public async Task Nothing_in_it_depends_on_the_folder_that_it_was_built_in()
    {
        Assert.All(["activity-connector.dll", "ActivityConnector.Transforms.dll"], name =>
        {
            using var assembly = new PEReader(File.OpenRead(Path.Combine(shipped.Path, name)));
            var entry = assembly.ReadDebugDirectory().Single(e => e.Type == DebugDirectoryEntryType.EmbeddedPortablePdb);
            using var symbols = assembly.ReadEmbeddedPortablePdbDebugDirectoryData(entry);
            var reader = symbols.GetMetadataReader();
            Assert.NotEmpty(reader.Documents);
            Assert.All(reader.Documents, document =>
                Assert.StartsWith("/_/", reader.GetString(reader.GetDocument(document).Name), StringComparison.Ordinal));
        });
        if (!Scene.IsLong) return;

        using var other = new TemporaryFolder();
        foreach (var file in File.ReadLines(Path.Combine(DeliveredFiles.Root, ".dockerignore")).Where(line => line.StartsWith('!')).Select(line => line[1..]))
        {
            await RunAsync("sh", "-c", $"cd '{DeliveredFiles.Root}' && cp -r --parents '{file}' '{other.Path}'");
        }

        await ShippedFolder.PublishAsync(other.Path, other.File("app"));

        // The generator of log messages of .NET 10 writes its classes in an order of its own (dotnet/runtime issue 119587, corrected in 11).
        var (one, two) = (ShippedFolder.Digests(shipped.Path), ShippedFolder.Digests(other.File("app")));
        Assert.Equal(one.Keys.Order(), two.Keys.Order());
        Assert.DoesNotContain(one, file => two[file.Key] != file.Value && file.Key != "activity-connector.dll");
    }

    private static TimeSpan GracePeriod() => TimeSpan.FromSeconds(int.Parse(
        Seconds().Match(ComposeFile.Text(ComposeFile.Connectors.Values.First(), "stop_grace_period")!).Groups[1].Value, CultureInfo.InvariantCulture));

    private Process Start(IReadOnlyDictionary<string, string> settings, string data, params string[] arguments)
    {
        var script = Path.Combine(DeliveredFiles.Root, "tests", "ActivityConnector.Tests", "Containers", "contained");
        var start = new ProcessStartInfo("unshare", ["--mount", "--propagation", "private", script, shipped.Path, data, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(name => name != "PATH").ToList()) start.Environment.Remove(name);
        foreach (var (name, value) in settings) start.Environment[name] = value;

        return Process.Start(start)!;
    }

    /// <summary>Asked up to three times: on a busy machine an answer can take longer than the four seconds that <c>health</c> waits.</summary>
    private async Task<(int ExitCode, string Output)> HealthAsync(IReadOnlyDictionary<string, string> settings, string data)
    {
        var said = "";
        for (var asked = 1; ; asked++)
        {
            var (exitCode, output) = await RunAsync(settings, data, "health");
            if (exitCode == 0 || asked == 3) return (exitCode, exitCode == 0 ? output : said + output);

            said += output;
        }
    }

    private async Task<(int ExitCode, string Output)> RunAsync(IReadOnlyDictionary<string, string> settings, string data, params string[] arguments)
    {
        using var process = Start(settings, data, arguments);
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, process.ExitCode == 0 ? await output : await output + await errors);
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }

    /// <summary>Reads lines until each text was in one that tells of committed events.</summary>
    private static async Task<string> ReadAsync(StreamReader reader, params string[] texts)
    {
        var (read, missing) = (new StringBuilder(), texts.ToHashSet());
        while (missing.Count > 0 && await reader.ReadLineAsync() is { } line)
        {
            read.Append(line).Append('\n');
            if (line.Contains("events committed", StringComparison.Ordinal)) missing.RemoveWhere(text => line.Contains(text, StringComparison.Ordinal));
        }

        return read.ToString();
    }

    [GeneratedRegex("^([0-9]+)s$")]
    private static partial Regex Seconds();
}
