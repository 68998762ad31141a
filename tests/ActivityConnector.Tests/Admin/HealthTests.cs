using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using ActivityConnector.Tests.Commands;
using ActivityConnector.Tests.Shared.Servers;
using ActivityConnector.Tests.Sinks.Elasticsearch;

namespace ActivityConnector.Tests.Admin;

/// <summary>What an orchestrator and a monitoring system see.</summary>
public sealed class HealthTests
{
    [Fact]
    public async Task A_credential_that_is_refused_makes_the_connector_unready_with_the_reason_and_keeps_it_alive()
    {
        await using var scene = await AdminScene.OpenAsync();
        await scene.StartAsync();
        scene.Scene.Vendors.Intercom.RotateAccessToken();
        await scene.ChangeAsync(HttpMethod.Post, "/api/v1/sources/intercom/run");
        await scene.UntilStatusAsync(s => s["sources"]![0]!["condition"]!.GetValue<string>() == "refused");

        using var ready = await scene.SendAsync(HttpMethod.Get, "/readyz");
        using var alive = await scene.SendAsync(HttpMethod.Get, "/livez");
        using var verbose = await scene.SendAsync(HttpMethod.Get, "/readyz?verbose");

        Assert.Equal((HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK), (ready.StatusCode, alive.StatusCode));
        var text = await ready.Content.ReadAsStringAsync();
        Assert.Contains("source intercom: It is refused: ", text, StringComparison.Ordinal);
        Assert.Contains("AccessToken", text, StringComparison.Ordinal);
        Assert.DoesNotContain("source sequence", text, StringComparison.Ordinal);
        var parts = JsonNode.Parse(await verbose.Content.ReadAsStringAsync())!["parts"]!.AsArray();
        Assert.Equal(["healthy", "unhealthy", "healthy"], parts.Select(p => p!["status"]!.GetValue<string>()));

        // As the health check of a container asks, without the token.
        Assert.Equal((1, "", text), await HealthAsync(scene.Url));
        Assert.Equal((0, "ok\n", ""), await HealthAsync(scene.Url.Replace("127.0.0.1", "*", StringComparison.Ordinal), "--live"));
    }

    [Fact]
    public async Task Health_is_bad_with_the_reason_in_a_line_where_no_connector_answers()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var none = $"http://0.0.0.0:{ServerFolder.FreePorts(1)}";
        await using var server = await FakeElasticsearch.StartAsync();

        var (code, output, error) = await HealthAsync(none);
        Assert.Equal((1, ""), (code, output));
        Assert.StartsWith($"No connector answers at {none.Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal)}/: ", error, StringComparison.Ordinal);
        Assert.EndsWith(" is no connector: it answers 404 at /readyz.\n", (await HealthAsync(server.Url)).Error, StringComparison.Ordinal);
        Assert.EndsWith(" does not answer within 4 seconds.\n", (await HealthAsync($"http://{silent.LocalEndpoint}")).Error, StringComparison.Ordinal);
        Assert.StartsWith("error: Admin:Url: ", (await HealthAsync("127.0.0.1:8080")).Error, StringComparison.Ordinal);
        Assert.Equal((1, "", "Admin:Enabled is false: a running connector cannot be asked.\n"), await HealthAsync(none, "--set", "Admin:Enabled=false"));
    }

    [Fact]
    public async Task A_sink_that_takes_nothing_is_blocked_with_what_to_do_and_well_when_it_takes_events_again()
    {
        await using var server = await FakeElasticsearch.StartAsync();
        await using var scene = await AdminScene.OpenAsync();
        scene.Scene.Settings["Elasticsearch__Urls__0"] = server.Url;
        scene.Scene.Settings["Elasticsearch__Retention"] = "36500.00:00:00";
        await scene.StartAsync();
        await scene.UntilStatusAsync(s => s["sinks"]![0]!["waiting"]!.GetValue<long>() == 0
            && s["sinks"]![0]!["totals"]!["stored"]!.GetValue<long>()
                == s["sources"]!.AsArray().Sum(source => source!["totals"]!["published"]!.GetValue<long>()));

        server.Instead = (_, path) => path == "_bulk" ? (401, """{"error":{"type":"security_exception"}}""") : null;
        var at = scene.Scene.Clock.GetUtcNow().AddMinutes(-5);
        scene.Scene.Vendors.Intercom.Append(
            $$"""{"id":"x","performed_by":{"type":"admin","id":"1"},"created_at":{{at.ToUnixTimeSeconds()}},"activity_type":"app_name_change"}""", at);
        await scene.ChangeAsync(HttpMethod.Post, "/api/v1/sources/intercom/run");
        await scene.UntilStatusAsync(s => s["sinks"]![0] is var sink && sink!["condition"]!.GetValue<string>() == "blocked"
            && sink["waiting"]!.GetValue<long>() == 1 && sink["lag_seconds"]!.GetValue<double>() > 0
            && sink["fix"]!.GetValue<string>().Contains("Elasticsearch:ApiKey", StringComparison.Ordinal));
        using (var ready = await scene.SendAsync(HttpMethod.Get, "/readyz")) Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);

        server.Instead = (_, _) => null;
        await scene.UntilStatusAsync(s => s["sinks"]![0] is var sink && sink!["condition"]!.GetValue<string>() == "up_to_date"
            && sink["waiting"]!.GetValue<long>() == 0 && sink["reason"] is null && sink["last_error"] is not null);
    }

    private static async Task<(int Code, string Output, string Error)> HealthAsync(string url, params string[] options)
    {
        using var session = new Session { Environment = { ["Admin__Url"] = url } };
        return (await session.RunAsync(["health", .. options]), session.Out, session.Error);
    }
}
