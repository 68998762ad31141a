using ActivityConnector.Tests.Configuration;

namespace ActivityConnector.Tests.Dashboards;

/// <remarks>After a change of <c>config/kibana/dashboard.yml</c>: run these with <c>UPDATE_CONFIG=1</c>, then look at what changed.</remarks>
public sealed class SavedObjectFilesTests
{
    public static TheoryData<string> Files { get; } = [.. SavedObjectFiles.Kibana, .. SavedObjectFiles.OpenSearch];

    [Theory]
    [MemberData(nameof(Files))]
    public void The_delivered_file_is_what_the_description_of_the_dashboard_says(string name)
    {
        var path = Path.Combine(DeliveredFiles.Root, name);
        var expected = SavedObjectFiles.Expected(name);
        if (Environment.GetEnvironmentVariable("UPDATE_CONFIG") == "1" && (!File.Exists(path) || File.ReadAllText(path) != expected))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, expected);
            Assert.Fail($"{name} was written: look at what changed, and run this again without UPDATE_CONFIG.");
        }

        Assert.Equal(expected, File.ReadAllText(path));
    }

    [Theory]
    [InlineData("size: [49, 5]", "size such as [24, 10]")]
    [InlineData("size: [8, 5], colour: red", "colour")]
    [InlineData("size: [8, 5], show: [average event.severity]", "'average event.severity' is no number")]
    public void A_mistake_in_the_description_is_said(string panel, string says)
    {
        var yaml = File.ReadAllText(Path.Combine(DeliveredFiles.Root, "config", "kibana", "dashboard.yml"));

        var error = Assert.ThrowsAny<Exception>(() => BoardFile.Parse($"{yaml}\n  - {{id: wrong, title: Wrong, kind: metric, {panel}}}\n"));
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
    }
}
