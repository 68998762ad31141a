using System.Runtime.Versioning;
using ActivityConnector.Tests.Dashboards;
using Xunit.Abstractions;

namespace ActivityConnector.Tests.Documents;

/// <summary>The commands of the documents that are marked as needing Kibana or OpenSearch Dashboards, with a stand-in.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class DocumentedDashboardsCommandsTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("Kibana", false)]
    [InlineData("OpenSearch Dashboards", true)]
    public async Task Every_command_that_needs_one_succeeds(string needs, bool isOpenSearch)
    {
        await using var server = await KibanaStandIn.StartAsync(isOpenSearch);
        server.Spaces.Add("security");
        await using var scene = await DocumentScene.OpenAsync();
        scene.ImportInto(server.Url);
        await scene.AssertAllSucceedAsync(needs, output);
    }
}
