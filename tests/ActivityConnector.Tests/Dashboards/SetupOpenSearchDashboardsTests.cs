using ActivityConnector.Dashboards;

namespace ActivityConnector.Tests.Dashboards;

/// <summary><c>setup opensearch-dashboards</c>: what differs from Kibana.</summary>
public sealed class SetupOpenSearchDashboardsTests : IAsyncLifetime
{
    private DashboardsScene _scene = null!;

    public async Task InitializeAsync() => _scene = await DashboardsScene.StartAsync(DashboardsProduct.OpenSearchDashboards);

    public async Task DisposeAsync() => await _scene.DisposeAsync();

    [Fact]
    public async Task Saved_objects_are_created_once_and_what_a_user_changed_is_kept()
    {
        await _scene.ExpectAsync();
        _scene.AssertAll("created");
        _scene.Server.Saved.Edit("dashboard", "board", attributes => attributes["title"] = "Mine");
        _scene.Server.Requests.Clear();

        await _scene.ExpectAsync();

        Assert.Equal(("kept", "is there"), (_scene.Rows["Overview"].Outcome, _scene.Rows["Sign-ins"].Outcome));
        Assert.Empty(_scene.Server.Writes);
        Assert.DoesNotContain(_scene.Server.Requests, request => request.Contains("detection_engine", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_tenant_has_objects_of_its_own()
    {
        await _scene.ExpectAsync();
        await _scene.ExpectAsync("--tenant", "analysts");

        _scene.AssertAll("created");
        Assert.NotNull(_scene.Server.Saved.Find("dashboard", "board", "analysts"));
        Assert.Equal(6, _scene.Server.Saved.Count);
    }

    [Theory]
    [InlineData(true, "The server at Dashboards:Url is OpenSearch Dashboards. Run setup opensearch-dashboards.")]
    [InlineData(false, "The server at Dashboards:Url is Kibana. Run setup kibana.")]
    public async Task The_verb_of_the_other_product_is_said(bool isOpenSearch, string error)
    {
        await using var scene = await DashboardsScene.StartAsync(isOpenSearch ? DashboardsProduct.Kibana : DashboardsProduct.OpenSearchDashboards);
        await using var other = await KibanaStandIn.StartAsync(isOpenSearch);
        scene.Session.Environment["Dashboards__Url"] = other.Url;

        Assert.Equal(1, await scene.RunAsync());
        Assert.StartsWith(error, scene.Session.Error, StringComparison.Ordinal);
    }
}
