using System.IO.Compression;
using System.Text;
using System.Text.Json;
using ActivityConnector.Journals.Sqlite;
using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Shared;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActivityConnector.Tests.Commands;

public sealed class DiagnosticsCommandTests : IDisposable
{
    private readonly Session _session = new();

    [Fact]
    public async Task The_bundle_has_versions_configuration_positions_and_counts_and_a_manifest_that_says_so()
    {
        await using (var journal = await SqliteJournal.OpenAsync(
            new JournalOptions { Path = _session.JournalPath }, _session.Time, NullLogger<SqliteJournal>.Instance, default))
        {
            await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
            await writer.CommitAsync(Some.Commit(1, Some.Events(0, 3), null, [Some.DeadLetter(1), Some.DeadLetter(2)]), default);
        }

        _session.Write("run.log", string.Concat(Enumerable.Range(0, 600).Select(n => $"line {n} on {Environment.MachineName}\n")));
        Assert.Equal(0, await _session.RunAsync("diagnostics", "--file", "report.zip", "--log", "run.log", "--set", "Admin:Enabled=false"));

        var parts = Read("report.zip");
        Assert.Equal(parts["manifest.txt"], _session.Error);
        Assert.Equal(
            ["checkpoints.json", "configuration.json", "dead-letters.json", "log.txt", "manifest.txt", "problems.json", "versions.json"], parts.Keys.Order());
        Assert.All(parts.Keys.Where(name => name != "manifest.txt"), name => Assert.Contains(name, parts["manifest.txt"], StringComparison.Ordinal));
        Assert.Contains(
            "left out: status.json (the state of the connector that runs): No connector answers at http://127.0.0.1:8080.",
            parts["manifest.txt"],
            StringComparison.Ordinal);
        Assert.Equal(2, JsonDocument.Parse(parts["dead-letters.json"]).RootElement.GetProperty("page: not an object").GetInt32());
        Assert.Equal(1, JsonDocument.Parse(parts["checkpoints.json"]).RootElement.GetProperty("intercom/abc123").GetProperty("seq").GetInt32());
        Assert.DoesNotContain("evt-", string.Concat(parts.Values), StringComparison.Ordinal);
        Assert.DoesNotContain(Environment.MachineName, parts["log.txt"], StringComparison.OrdinalIgnoreCase);
        Assert.Equal((500, "line 599 on THIS-HOST"), (parts["log.txt"].TrimEnd().Split('\n').Length, parts["log.txt"].TrimEnd().Split('\n')[^1]));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_session.Folder, "report.zip")));
        }
    }

    [Fact]
    public async Task Without_a_journal_or_a_valid_configuration_there_is_a_bundle_all_the_same()
    {
        Assert.Equal(0, await _session.RunAsync("diagnostics", "--file", "report.zip", "--set", "Journal:Colour=red", "--set", "Admin:Url=http://127.0.0.1:1"));

        var parts = Read("report.zip");
        Assert.Contains("Journal:Colour", parts["problems.json"], StringComparison.Ordinal);
        Assert.Contains("left out: checkpoints.json", parts["manifest.txt"], StringComparison.Ordinal);
        Assert.Contains("left out: status.json", parts["manifest.txt"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_there_is_not_written_over()
    {
        var path = _session.Write("report.zip", "mine");

        Assert.Equal(1, await _session.RunAsync("diagnostics", "--file", "report.zip"));
        Assert.Equal($"{path} cannot be written: it is there already. Give another --file.", _session.Error.TrimEnd());
        Assert.Equal("mine", File.ReadAllText(path));
    }

    public void Dispose() => _session.Dispose();

    private Dictionary<string, string> Read(string name)
    {
        using var zip = ZipFile.OpenRead(Path.Combine(_session.Folder, name));
        return zip.Entries.ToDictionary(e => e.FullName, e =>
        {
            using var reader = new StreamReader(e.Open(), Encoding.UTF8);
            return reader.ReadToEnd();
        });
    }
}
