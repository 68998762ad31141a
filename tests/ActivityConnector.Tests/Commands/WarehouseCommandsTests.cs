using System.Text.Json;
using ActivityConnector.Journals.Sqlite;
using ActivityConnector.Tests.Shared;
using ActivityConnector.Tests.Warehouse;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActivityConnector.Tests.Commands;

/// <summary><c>export --format parquet</c> and <c>schema</c>.</summary>
public sealed class WarehouseCommandsTests : IDisposable
{
    private readonly Session _session = new();

    private string Folder => Path.Combine(_session.Folder, "warehouse");

    [Fact]
    public async Task Events_are_exported_to_a_folder_beside_a_running_connector_and_again_only_what_is_new()
    {
        await using var journal = await OpenAsync();
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        await writer.CommitAsync(Some.Commit(1, Some.Events(0, 3)), default);

        Assert.Equal(0, await _session.RunAsync("export", "--format", "parquet", "--to", "warehouse"));
        Assert.Equal("intercom\t2026-11-21\t2026-11-21\t1\t3\t0", Assert.Single(_session.Lines));

        await writer.CommitAsync(Some.Commit(2, Some.Events(3, 2)), default);
        Assert.Equal(0, await _session.RunAsync("export", "--format", "parquet", "--to", "warehouse", "-o", "json"));
        var row = JsonDocument.Parse(_session.Out).RootElement[0];
        Assert.Equal((1, 2, 3), (row.GetProperty("files").GetInt32(), row.GetProperty("added").GetInt64(), row.GetProperty("already_there").GetInt64()));
        Assert.Equal(
            ["source=intercom/day=2026-11-21/part-00001.parquet", "source=intercom/day=2026-11-21/part-00002.parquet"], ParquetFolder.Files(Folder));
        Assert.Equal(Some.Events(0, 5).Select(e => e.Id).Order(), (await ParquetFolder.ReadAsync(Folder)).Select(r => r.Id).Order());
    }

    [Fact]
    public async Task An_export_can_be_bounded()
    {
        await FillAsync();

        Assert.Equal(0, await _session.RunAsync(
            "export", "--format", "parquet", "--to", "warehouse", "--source", "intercom", "--since", "2026-11-21T20:00:01Z",
            "--until", "2026-11-21T20:00:02Z"));

        Assert.Equal(Some.Event(1).Id, Assert.Single(await ParquetFolder.ReadAsync(Folder)).Id);
    }

    [Fact]
    public async Task An_export_of_nothing_makes_no_file()
    {
        await FillAsync();

        Assert.Equal(0, await _session.RunAsync("export", "--format", "parquet", "--to", "warehouse", "--source", "sequence"));

        Assert.Empty(ParquetFolder.Files(Folder));
    }

    [Theory]
    [InlineData("--format parquet", "--format parquet needs a folder: --to FOLDER.")]
    [InlineData("--to x", "--to goes with --format parquet; the others go to standard output.")]
    [InlineData("--format csv --to x", "--to goes with --format parquet; the others go to standard output.")]
    [InlineData("--format parquet --to x --follow", "--follow does not go with --format parquet. Export again: only what is new is added.")]
    [InlineData("--format parquet --to x --fields message", "--fields goes with --format csv.")]
    [InlineData("--format parquet --to x --bom", "--bom goes with --format csv.")]
    [InlineData("--fields message", "--fields goes with --format csv.")]
    [InlineData("--format csv --fields message,user.emial", "--fields: no event has a field user.emial. Did you mean user.email?")]
    [InlineData("--format xml", "--format xml: give ndjson or csv or parquet.")]
    public async Task Options_that_do_not_go_together_are_wrong_usage(string options, string error)
    {
        Assert.Equal(2, await _session.RunAsync(["export", .. options.Split(' ')]));

        Assert.StartsWith(error, _session.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_is_no_folder()
    {
        await FillAsync();
        var file = _session.Write("file", "");

        Assert.Equal(2, await _session.RunAsync("export", "--format", "parquet", "--to", "file"));

        Assert.Equal($"--to {file}: it is a file. Give a folder.", _session.Error.TrimEnd());
    }

    [Theory]
    [InlineData("urn:activity:ecs:8.17.0-1")]
    [InlineData("urn:activity:ecs:8.17.0-1", "--format", "flat")]
    [InlineData("urn:activity:ecs:8.17.0-1:nested", "--format", "nested")]
    public async Task The_schema_is_printed_without_a_configuration(string id, params string[] options)
    {
        Assert.Equal(0, await _session.RunAsync(["schema", .. options, "--config", "missing.json"]));

        Assert.Equal(id, JsonDocument.Parse(_session.Out).RootElement.GetProperty("$id").GetString());
        Assert.Empty(_session.Error);
    }

    public void Dispose() => _session.Dispose();

    private async Task FillAsync()
    {
        await using var journal = await OpenAsync();
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        await writer.CommitAsync(Some.Commit(1, Some.Events(0, 3)), default);
    }

    private Task<SqliteJournal> OpenAsync() =>
        SqliteJournal.OpenAsync(new() { Path = _session.JournalPath }, _session.Time, NullLogger<SqliteJournal>.Instance, default).AsTask();
}
