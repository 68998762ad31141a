using System.Text.Json;

namespace ActivityConnector.Tests.Simulation;

public class IntercomContractTests
{
    [Fact]
    public async Task Every_page_keeps_to_the_contract()
    {
        await using var session = await SimulatorSession.StartAsync(SimulatorSession.Small(10_000));

        var pages = await session.WalkIntercomAsync("created_at_after=0&per_page=250");

        Assert.All(pages, page => Assert.Empty(VendorContract.Intercom.Violations(page, "activity_log_list")));
    }

    [Fact]
    public async Task All_types_of_the_contract_and_no_others_occur()
    {
        await using var session = await SimulatorSession.StartAsync(SimulatorSession.Small(60_000));
        var contract = VendorContract.Intercom;

        var types = session.Simulator.Intercom.VisibleRecords().Select(TypeOf).ToHashSet();

        Assert.Equal(contract.EnumOf(contract.Schema("activity_log")["properties"]["activity_type"]).Order(), types.Order());

        static string TypeOf(byte[] record)
        {
            using var document = JsonDocument.Parse(record);
            return document.RootElement.GetProperty("activity_type").GetString()!;
        }
    }

    [Fact]
    public async Task Records_are_as_varied_as_a_real_workspace()
    {
        await using var session = await SimulatorSession.StartAsync(SimulatorSession.Small(5_000));

        var records = session.Simulator.Intercom.VisibleRecords().Select(r => JsonDocument.Parse(r).RootElement).ToList();
        var performers = records.Where(r => r.TryGetProperty("performed_by", out _)).Select(r => r.GetProperty("performed_by")).ToList();
        var seconds = records.Select(r => r.GetProperty("created_at").GetInt64()).ToList();

        Assert.InRange(performers.Count, 4_900, 4_990);
        Assert.Contains(performers, p => !p.TryGetProperty("email", out _));
        Assert.Contains(performers, p => !p.TryGetProperty("ip", out _));
        Assert.Contains(performers, p => p.TryGetProperty("ip", out var ip) && !System.Net.IPAddress.TryParse(ip.GetString(), out _));
        Assert.Contains(records, r => r.GetProperty("metadata").ValueKind == JsonValueKind.Null);
        Assert.True(seconds.Count > seconds.Distinct().Count() * 1.1);
        Assert.Equal(seconds.Order(), seconds);
        Assert.InRange(seconds[^1] - seconds[0], 29 * 86_400, 30 * 86_400);
        Assert.True(records.Count(r => r.GetProperty("activity_type").GetString() is "admin_login_success" or "admin_away_mode_change") > 2_500);
    }

    [Theory]
    [InlineData("created_at_before=1", 404, "parameter_not_found", "created_at_after")]
    [InlineData("created_at_after=", 400, "parameter_invalid", "created_at_after")]
    [InlineData("created_at_after=-1", 400, "parameter_invalid", "created_at_after")]
    [InlineData("created_at_after=1677253093.5", 400, "parameter_invalid", "created_at_after")]
    [InlineData("created_at_after=1677253093000", 400, "parameter_invalid", "created_at_after")]
    [InlineData("created_at_after=0&created_at_before=now", 400, "parameter_invalid", "created_at_before")]
    [InlineData("created_at_after=0&page=0", 400, "parameter_invalid", "page")]
    [InlineData("created_at_after=0&page=x", 400, "parameter_invalid", "page")]
    [InlineData("created_at_after=0&per_page=0", 400, "parameter_invalid", "per_page")]
    [InlineData("created_at_after=0&per_page=251", 400, "parameter_invalid", "per_page")]
    public async Task A_parameter_outside_the_contract_is_refused(string query, int status, string code, string field)
    {
        await using var session = await SimulatorSession.StartAsync();

        using var response = await session.IntercomAsync("/admins/activity_logs?" + query);
        var error = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Empty(VendorContract.Intercom.Violations(error, "error"));
        Assert.Equal(code, error.GetProperty("errors")[0].GetProperty("code").GetString());
        Assert.Equal(field, error.GetProperty("errors")[0].GetProperty("field").GetString());
    }

    [Fact]
    public async Task A_wrong_credential_gets_the_contracts_401_without_rate_limit_headers()
    {
        await using var session = await SimulatorSession.StartAsync();
        var old = session.Simulator.Intercom.AccessToken;
        session.Simulator.Intercom.RotateAccessToken();

        foreach (var path in new[] { "/me", "/admins/activity_logs?created_at_after=0" })
        {
            using var refused = await session.IntercomAsync(path, r => r.Headers.Authorization = new("Bearer", old));
            using var absent = await session.IntercomAsync(path, r => r.Headers.Authorization = null);
            using var accepted = await session.IntercomAsync(path);

            var error = JsonDocument.Parse(await refused.Content.ReadAsStringAsync()).RootElement;
            Assert.Equal((401, 401, 200), ((int)refused.StatusCode, (int)absent.StatusCode, (int)accepted.StatusCode));
            Assert.Empty(VendorContract.Intercom.Violations(error, "error"));
            Assert.Equal("unauthorized", error.GetProperty("errors")[0].GetProperty("code").GetString());
            Assert.False(refused.Headers.Contains("X-RateLimit-Limit"));
            Assert.True(accepted.Headers.Contains("X-RateLimit-Limit"));
        }
    }

    [Fact]
    public async Task Only_the_contracts_versions_and_a_json_accept_header_are_taken()
    {
        await using var session = await SimulatorSession.StartAsync();
        const string Path = "/admins/activity_logs?created_at_after=0";
        var contract = VendorContract.Intercom;

        foreach (var version in contract.EnumOf(contract.Schema("intercom_version")))
        {
            using var response = await session.IntercomAsync(Path, r => SetVersion(r, version));
            Assert.Equal(200, (int)response.StatusCode);
        }

        using var without = await session.IntercomAsync(Path, r => r.Headers.Remove("Intercom-Version"));
        using var unknown = await session.IntercomAsync(Path, r => SetVersion(r, "2.99"));
        using var html = await session.IntercomAsync(Path, r => SetAccept(r, "text/html"));
        using var none = await session.IntercomAsync(Path, r => r.Headers.Accept.Clear());
        Assert.Equal(
            (200, 400, 406, 406),
            ((int)without.StatusCode, (int)unknown.StatusCode, (int)html.StatusCode, (int)none.StatusCode));

        static void SetVersion(HttpRequestMessage request, string version)
        {
            request.Headers.Remove("Intercom-Version");
            request.Headers.Add("Intercom-Version", version);
        }

        static void SetAccept(HttpRequestMessage request, string type)
        {
            request.Headers.Accept.Clear();
            request.Headers.Accept.ParseAdd(type);
        }
    }

    [Fact]
    public async Task Me_says_which_workspace_and_region_it_is()
    {
        await using var session = await SimulatorSession.StartAsync(new() { Intercom = new() { Workspace = "abc12345", Region = "EU" } });

        var app = (await session.IntercomJsonAsync("/me")).GetProperty("app");

        Assert.Equal("abc12345", app.GetProperty("id_code").GetString());
        Assert.Equal("EU", app.GetProperty("region").GetString());
        Assert.NotEmpty(app.GetProperty("name").GetString()!);
        Assert.NotEmpty(app.GetProperty("timezone").GetString()!);
    }

    [Fact]
    public async Task Another_method_or_path_is_not_found()
    {
        await using var session = await SimulatorSession.StartAsync();

        using var post = await session.IntercomAsync("/admins/activity_logs?created_at_after=0", r => r.Method = HttpMethod.Post);
        using var other = await session.IntercomAsync("/admins/activity_log");

        Assert.Equal((404, 404), ((int)post.StatusCode, (int)other.StatusCode));
    }
}
