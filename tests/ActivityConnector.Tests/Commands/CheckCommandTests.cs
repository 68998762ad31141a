using ActivityConnector.Journals.Sqlite;
using ActivityConnector.Simulation;
using ActivityConnector.Tests.Simulation;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActivityConnector.Tests.Commands;

/// <summary><c>check</c>, with both vendors on loopback and a journal in a file.</summary>
public sealed class CheckCommandTests : IDisposable
{
    private readonly Session _session = new();

    [Fact]
    public async Task Everything_that_is_well_passes()
    {
        await using var vendors = await SimulatorSession.StartAsync();

        Assert.Equal(0, await CheckAsync(vendors.Simulator));

        Assert.Equal(
            [
                "credential of intercom", "records of intercom", "clock against intercom",
                "credential of sequence", "records of sequence", "clock against sequence",
                $"journal {_session.JournalPath}", "room of the journal",
            ],
            _session.Lines.Select(line => line.Split('\t')[0]));
        Assert.All(_session.Lines, line => Assert.Equal("pass", line.Split('\t')[1]));
        Assert.False(File.Exists(_session.JournalPath));
    }

    [Fact]
    public async Task Each_thing_that_is_wrong_is_a_row_with_its_fix()
    {
        await using var vendors = await SimulatorSession.StartAsync();
        _session.Write("data/journal.db", "no journal at all, but a text that somebody has put there");
        _session.Time.Advance(TimeSpan.FromMinutes(5));

        Assert.Equal(1, await CheckAsync(vendors.Simulator, "--set", "Sources:Intercom:AccessToken=stolen"));

        var rows = _session.Lines.Select(line => line.Split('\t')).ToDictionary(cells => cells[0]);
        Assert.Equal("fail", rows["credential of intercom"][1]);
        Assert.Contains("AccessToken", rows["credential of intercom"][3], StringComparison.Ordinal);
        Assert.Equal("pass", rows["credential of sequence"][1]);
        Assert.Equal(["fail", "This host's is 300 s ahead.", "Let this host follow a time server."], rows["clock against sequence"][1..]);
        Assert.Equal("fail", rows[$"journal {_session.JournalPath}"][1]);
    }

    [Theory]
    [InlineData(403)]
    [InlineData(404)]
    public async Task A_credential_of_which_the_vendor_does_not_show_the_account_is_not_checked(int status)
    {
        await using var vendors = await SimulatorSession.StartAsync();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var vendor = builder.Build();
        vendor.Run(http =>
        {
            http.Response.StatusCode = http.Request.Path == "/me" ? status : 200;
            return http.Response.WriteAsync(
                """{"type":"activity_log.list","activity_logs":[],"pages":{"type":"pages","page":1,"per_page":250,"total_pages":0}}""");
        });
        await vendor.StartAsync();

        await CheckAsync(vendors.Simulator, "--set", $"Sources:Intercom:BaseUrl={vendor.Urls.First()}", "--set", "Sources:Intercom:Account=abc");

        Assert.Contains(
            $"credential of intercom/abc\tnot checked\tIntercom does not show whose the access token is (HTTP status {status}). "
            + "The configured account abc is believed.\t",
            _session.Out,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_journal_that_a_connector_uses_is_well()
    {
        await using var vendors = await SimulatorSession.StartAsync();
        await using var journal = await SqliteJournal.OpenAsync(
            new() { Path = _session.JournalPath }, _session.Time, NullLogger<SqliteJournal>.Instance, default);

        Assert.Equal(0, await CheckAsync(vendors.Simulator));

        Assert.Contains($"It is in use by process {Environment.ProcessId}", _session.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_full_journal_fails()
    {
        await using var vendors = await SimulatorSession.StartAsync();
        await (await SqliteJournal.OpenAsync(
            new() { Path = _session.JournalPath }, _session.Time, NullLogger<SqliteJournal>.Instance, default)).DisposeAsync();
        await using (var file = new FileStream(_session.JournalPath, FileMode.Open))
        {
            file.SetLength(1 << 20);
        }

        Assert.Equal(1, await CheckAsync(vendors.Simulator, "--set", "Journal:MaxBytes=1048576"));

        Assert.Contains(
            "room of the journal\tfail\tIt has 1 MiB and room for 0 MiB more.\tRaise Journal:MaxBytes",
            _session.Out,
            StringComparison.Ordinal);
    }

    public void Dispose() => _session.Dispose();

    private Task<int> CheckAsync(VendorSimulator vendors, params string[] more) => _session.RunAsync(
    [
        "check",
        "--set", $"Sources:Intercom:BaseUrl={vendors.IntercomBaseUrl}", "--set", $"Sources:Intercom:AccessToken={vendors.Intercom.AccessToken}",
        "--set", $"Sources:Sequence:BaseUrl={vendors.SequenceBaseUrl}", "--set", $"Sources:Sequence:ClientId={vendors.Sequence.ClientId}",
        "--set", $"Sources:Sequence:ClientSecret={vendors.Sequence.ClientSecret}",
        "--set", "Sources:Sequence:RequestsPerMinute=1000000",
        .. more,
    ]);
}
