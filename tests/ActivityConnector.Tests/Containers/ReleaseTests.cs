using System.Diagnostics;
using System.Text.RegularExpressions;
using ActivityConnector.Tests.Configuration;
using ActivityConnector.Tests.Shared;
using YamlDotNet.RepresentationModel;

namespace ActivityConnector.Tests.Containers;

/// <summary>Version, change log, chart and tag agree, and the workflow of a release has no right that it does not need.</summary>
public sealed partial class ReleaseTests
{
    private static readonly YamlNode Workflow = ComposeFile.Load(".github", "workflows", "release.yml");
    private static readonly string Text = File.ReadAllText(Path.Combine(DeliveredFiles.Root, ".github", "workflows", "release.yml"));

    [Fact]
    public async Task The_version_and_the_newest_heading_of_the_change_log_agree()
    {
        var (exitCode, output) = await VersionAsync(DeliveredFiles.Root);

        Assert.True(exitCode == 0, output);
        Assert.Equal(ConnectorHost.Version, output.Trim());
    }

    [Theory]
    [InlineData("v1.2.3", "1.2.3 — 2026-12-05", "1.2.3", "1.2.3", "")]
    [InlineData("v1.2.4", "1.2.3 — 2026-12-05", "1.2.3", "1.2.3", "The tag v1.2.4 is not v1.2.3")]
    [InlineData("1.2.3", "1.2.3 — 2026-12-05", "1.2.3", "1.2.3", "The tag 1.2.3 is not v1.2.3")]
    [InlineData("v1.2.3", "1.2.3 — unreleased", "1.2.3", "1.2.3", "CHANGELOG.md has no date")]
    [InlineData("v1.2.3", "1.2.2 — 2026-12-05", "1.2.3", "1.2.3", "the newest heading of CHANGELOG.md is '## 1.2.2")]
    [InlineData("v1.2.3", "1.2.3 — 2026-12-05", "1.2.2", "1.2.3", "has another version than 1.2.3")]
    [InlineData("v1.2.3", "1.2.3 — 2026-12-05", "1.2.3", "1.2.2", "The chart of 1.2.3 is not kept")]
    public async Task A_tag_is_released_only_when_it_is_the_version_of_everything(string tag, string heading, string chart, string kept, string refusal)
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("build"));
        Directory.CreateDirectory(folder.File("charts/activity-connector"));
        Directory.CreateDirectory(folder.File($"tests/ActivityConnector.Tests/Charts/Released/{kept}"));
        File.Copy(Path.Combine(DeliveredFiles.Root, "build", "version"), folder.File("build/version"));
        File.WriteAllText(folder.File("Directory.Build.props"), "<Project>\n    <Version>1.2.3</Version>\n</Project>\n");
        File.WriteAllText(folder.File("CHANGELOG.md"), $"# Change log\n\n## {heading}\n\n## 1.0.0 — 2025-01-01\n");
        File.WriteAllText(folder.File("charts/activity-connector/Chart.yaml"), $"name: activity-connector\nversion: {chart}\nappVersion: \"{chart}\"\n");

        var (exitCode, output) = await VersionAsync(folder.Path, tag);

        Assert.Equal(refusal.Length == 0 ? (0, "1.2.3\n") : (1, output), (exitCode, output));
        Assert.Contains(refusal, output, StringComparison.Ordinal);
    }

    [Fact]
    public void It_begins_with_the_version_and_ends_with_the_release()
    {
        var jobs = ComposeFile.Map(Workflow["jobs"]);
        Assert.Contains("build/version \"$TAG\"", Scripts(jobs["version"]), StringComparison.Ordinal);
        Assert.All(jobs.Where(job => job.Key != "version"), job => Assert.NotEmpty(Needs(job.Value)));
        Assert.All(jobs.Where(job => job.Key != "release"), job => Assert.Contains(job.Key, All("release")));

        IEnumerable<string> All(string name) => Needs(jobs[name]).SelectMany(needed => All(needed).Prepend(needed));
    }

    [Fact]
    public void No_job_has_a_right_that_it_does_not_need()
    {
        Assert.Equal(["contents: read"], Rights(Workflow));
        foreach (var (name, job) in ComposeFile.Map(Workflow["jobs"]))
        {
            var expected = new HashSet<string>();
            var text = Scripts(job) + string.Join('\n', Actions(job));
            if (text.Contains("cosign", StringComparison.Ordinal)) expected.Add("id-token: write");
            if (text.Contains("attest-build-provenance", StringComparison.Ordinal)) expected.UnionWith(["id-token: write", "attestations: write"]);
            if (text.Contains("docker/login-action", StringComparison.Ordinal)) expected.Add("packages: write");
            if (expected.Count > 0 || name == "release") expected.Add(name == "release" ? "contents: write" : "contents: read");
            Assert.Equal(expected.Order(), Rights(job).Order());
        }
    }

    [Fact]
    public void Every_action_has_a_version_and_no_image_is_called_latest()
    {
        var jobs = ComposeFile.Map(Workflow["jobs"]).Values;
        Assert.All(jobs.SelectMany(Actions), action => Assert.Matches(@"^[\w-]+/[\w-]+@(v[0-9]+(\.[0-9]+)*|[0-9a-f]{40})$", action));
        Assert.All(jobs, job => Assert.NotNull(ComposeFile.Text(job, "timeout-minutes")));
        Assert.Contains("flavor: latest=false", Text, StringComparison.Ordinal);
    }

    /// <summary>The default shell of a forge does not set pipefail.</summary>
    [Fact]
    public void A_command_that_fails_in_a_pipe_ends_its_job() =>
        Assert.Equal("bash", ComposeFile.Text(Workflow["defaults"]["run"], "shell"));

    [Fact]
    public void What_a_tag_says_is_no_part_of_a_script() => Assert.All(
        ComposeFile.Map(Workflow["jobs"]).Values, job => Assert.DoesNotMatch(@"\$\{\{\s*(github\.(ref|event|head)|steps|needs)", Scripts(job)));

    [Fact]
    public void Archives_are_made_for_the_systems_that_are_tested()
    {
        var runners = Runner().Matches(File.ReadAllText(Path.Combine(DeliveredFiles.Root, ".github", "workflows", "ci.yml"))).Select(m => m.Value).ToHashSet();
        Assert.Subset(new HashSet<string> { "ubuntu-24.04", "ubuntu-24.04-arm" }, runners);
        Assert.Contains("for runtime in linux-x64 linux-arm64; do", Scripts(Workflow["jobs"]["pack"]), StringComparison.Ordinal);
        Assert.Contains("platforms: linux/amd64,linux/arm64", Text, StringComparison.Ordinal);
    }

    private static IEnumerable<YamlNode> Steps(YamlNode job) => (YamlSequenceNode)job["steps"];

    private static string Scripts(YamlNode job) => string.Join('\n', Steps(job).Select(step => ComposeFile.Text(step, "run")));

    private static IEnumerable<string> Actions(YamlNode job) => Steps(job).Select(step => ComposeFile.Text(step, "uses")).OfType<string>();

    private static IEnumerable<string> Rights(YamlNode of) =>
        ComposeFile.Map(of, "permissions").Select(right => $"{right.Key}: {ComposeFile.Text(right.Value)}");

    private static IReadOnlyList<string> Needs(YamlNode job) =>
        ComposeFile.Text(job, "needs") is { } one ? [one] : ComposeFile.List(job, "needs");

    private static async Task<(int ExitCode, string Output)> VersionAsync(string root, params string[] tag)
    {
        var start = new ProcessStartInfo("bash", [Path.Combine(root, "build", "version"), .. tag])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await errors);
    }

    [GeneratedRegex(@"(ubuntu|windows|macos)-[\w.-]+")]
    private static partial Regex Runner();
}
