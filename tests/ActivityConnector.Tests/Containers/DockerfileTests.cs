using System.Text.Json;
using System.Text.RegularExpressions;
using ActivityConnector.Admin;
using ActivityConnector.Commands;
using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Commands;
using ActivityConnector.Tests.Configuration;

namespace ActivityConnector.Tests.Containers;

/// <summary>What the <c>Dockerfile</c> says, held against the product; <see cref="ShippedProgramTests"/> run what the image holds.</summary>
public sealed partial class DockerfileTests
{
    private const string Program = "/app/activity-connector";

    private static readonly string Text = Continuation().Replace(File.ReadAllText(Path.Combine(DeliveredFiles.Root, "Dockerfile")), " ");

    private static readonly List<(string Name, string Value)> Lines =
        [.. Text.Split('\n').Select(line => Instruction().Match(line)).Where(match => match.Success).Select(m => (m.Groups[1].Value, m.Groups[2].Value))];

    /// <summary>Those of the image itself, after the stage that builds.</summary>
    private static readonly List<(string Name, string Value)> Final = [.. Lines.Skip(Lines.FindLastIndex(line => line.Name == "FROM"))];

    [Fact]
    public void It_builds_and_runs_with_the_NET_that_the_repository_names()
    {
        var sdk = JsonDocument.Parse(File.ReadAllText(Path.Combine(DeliveredFiles.Root, "global.json"))).RootElement.GetProperty("sdk");
        var major = string.Join('.', sdk.GetProperty("version").GetString()!.Split('.').Take(2));
        var images = Lines.Where(line => line.Name == "ARG" && line.Value.Contains("mcr.", StringComparison.Ordinal)).Select(line => line.Value.Split('/')[^1]);

        var properties = File.ReadAllText(Path.Combine(DeliveredFiles.Root, "Directory.Build.props"));
        Assert.Contains($"<TargetFramework>net{major}<", properties, StringComparison.Ordinal);
        Assert.Equal([$"sdk:{major}-noble", $"aspnet:{major}-noble-chiseled"], images);
        Assert.Equal(["--platform=$BUILDPLATFORM ${SDK} AS build", "${RUNTIME}"], Lines.Where(line => line.Name == "FROM").Select(line => line.Value));

        // The image has neither ICU nor time zones.
        Assert.Contains("<InvariantGlobalization>true<", properties, StringComparison.Ordinal);
    }

    [Fact]
    public void It_runs_as_a_user_that_is_not_root_by_number_and_needs_no_shell()
    {
        Assert.Equal("1654:1654", Last("USER"));
        Assert.Equal("SIGTERM", Last("STOPSIGNAL"));
        Assert.DoesNotContain(Final, line => line.Name == "RUN");
        Assert.All(["ENTRYPOINT", "CMD"], name => Assert.StartsWith("[", Last(name), StringComparison.Ordinal));
        Assert.Matches(@"^--interval=\S+ .*CMD \[", Last("HEALTHCHECK"));
    }

    [Fact]
    public void Its_commands_are_those_of_the_program()
    {
        Assert.Equal(Program, Assert.Single(JsonSerializer.Deserialize<string[]>(Last("ENTRYPOINT"))!));
        var health = JsonSerializer.Deserialize<string[]>(Last("HEALTHCHECK").Split(" CMD ")[1])!;
        Assert.Equal(Program, health[0]);
        var root = CommandLine.Root(new Shell(Session.Nowhere));
        Assert.Empty(root.Parse(health[1..]).Errors);
        Assert.Empty(root.Parse(JsonSerializer.Deserialize<string[]>(Last("CMD"))!).Errors);
    }

    [Fact]
    public void Its_folder_port_and_memory_are_those_of_the_product()
    {
        var data = Path.GetDirectoryName(Path.GetFullPath(JournalOptions.DefaultPath, Last("WORKDIR")));
        Assert.Contains(Final, line => line.Name == "COPY" && line.Value == $"--from=build --chown=1654:1654 {data} {data}");
        Assert.DoesNotContain(Final, line => line.Name == "VOLUME");
        Assert.Equal($"{new Uri(new AdminOptions().Url).Port}", Last("EXPOSE"));
        var memory = Regex.Match(File.ReadAllText(Path.Combine(DeliveredFiles.Root, "build", "sdk.sh")), @"DOTNET_GCgen0size:-(\w+)").Groups[1].Value;
        Assert.Equal($"DOTNET_GCgen0size={memory}", Last("ENV"));
    }

    [Fact]
    public void What_it_copies_is_there_and_is_not_ignored_and_nothing_else_is_sent()
    {
        var ignored = File.ReadAllLines(Path.Combine(DeliveredFiles.Root, ".dockerignore"));
        var allowed = ignored.Where(line => line.StartsWith('!')).Select(line => line[1..].TrimEnd('/')).ToHashSet();
        var copied = Lines.Where(line => line.Name == "COPY" && !line.Value.StartsWith("--from", StringComparison.Ordinal))
            .SelectMany(line => line.Value.Split(' ')[..^1]).Where(path => path != ".").Select(path => path.TrimEnd('/')).ToList();

        Assert.NotEmpty(copied);
        Assert.Contains("*", ignored);
        Assert.All(copied.Concat(allowed), path => Assert.True(Path.Exists(Path.Combine(DeliveredFiles.Root, path)), path));
        Assert.Subset(allowed, copied.Select(path => path.Split('/')[0]).ToHashSet());
        Assert.DoesNotContain(allowed, path => path is ".git" or "tests" or "secrets" or ".env");
    }

    [Fact]
    public void Image_archives_and_tests_are_published_by_one_script()
    {
        var release = File.ReadAllText(Path.Combine(DeliveredFiles.Root, ".github", "workflows", "release.yml"));
        Assert.Equal(["build/publish \"linux-$TARGETARCH\"", "build/publish \"linux-$TARGETARCH\" /app && mkdir /data"],
            Lines.Where(line => line.Name == "RUN").Select(line => line.Value));
        Assert.Contains("build/publish \"$runtime\"", release, StringComparison.Ordinal);
        Assert.DoesNotContain("dotnet publish", release + Text, StringComparison.Ordinal);
    }

    private static string Last(string name) => Final.Last(line => line.Name == name).Value;

    [GeneratedRegex(@"\\\n\s*")]
    private static partial Regex Continuation();

    [GeneratedRegex(@"^([A-Z]+)\s+(.+?)\s*$")]
    private static partial Regex Instruction();
}
