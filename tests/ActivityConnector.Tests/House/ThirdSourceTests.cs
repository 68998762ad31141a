using System.Diagnostics;
using System.Text.RegularExpressions;
using ActivityConnector.Tests.Configuration;
using ActivityConnector.Tests.Shared;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ActivityConnector.Tests.House;

/// <summary>CONTRIBUTING says which files a third source needs: a vendor made of them alone is collected.</summary>
[Trait("Kind", "long")]
[Trait("Kind", "slow")]
public sealed partial class ThirdSourceTests
{
    private static readonly string Root = DeliveredFiles.Root;

    [Fact]
    public async Task A_third_source_is_made_of_the_files_that_the_contributing_guide_lists()
    {
        using var folder = new TemporaryFolder();
        foreach (var part in new[] { "connector", "transforms", "config" }) Copy(Path.Combine(Root, part), folder.File(part));
        foreach (var file in Directory.EnumerateFiles(Root).Where(f => Path.GetExtension(f) is ".props" or ".json" or ".txt" or ".editorconfig"))
        {
            File.Copy(file, folder.File(Path.GetFileName(file)));
        }

        foreach (var file in FilesOf()) await ApplyAsync(file, folder.File(file));
        var build = Process.Start(new ProcessStartInfo(
            "dotnet",
            [
                "build", folder.File("connector"), "-c", "Release", "-v", "quiet", "-nologo", "-clp:ErrorsOnly", "-nodeReuse:false",
                "-o", folder.File("out"), "-p:RunAnalyzers=false",
            ])
        {
            RedirectStandardOutput = true,
        })!;
        var problems = await build.StandardOutput.ReadToEndAsync();
        await build.WaitForExitAsync();
        Assert.True(build.ExitCode == 0, problems);

        await using var acme = await StartAcmeAsync();
        var address = acme.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        async Task<string> RunAsync(params string[] arguments)
        {
            var (code, output, errors) = await ConnectorProcess.RunAsync(
                folder.Path,
                [.. arguments, "--set", $"Sources:Acme:BaseUrl={address}", "--set", "Sources:Acme:Token=t"],
                program: folder.File("out/activity-connector.dll"));
            Assert.True(code == 0, errors);
            return output;
        }

        await RunAsync("run", "--once");
        await RunAsync("run", "--once");
        var events = (await RunAsync("export", "--source", "acme")).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(3, events.Length);
        Assert.All(events, e => Assert.Contains("\"event.dataset\":\"acme.audit\"", e, StringComparison.Ordinal));
        Assert.Contains("authentication", await RunAsync("mapping", "show", "sign_in", "--output", "json"), StringComparison.Ordinal);
    }

    /// <summary>The paths of the table that are not tests and not optional.</summary>
    private static IEnumerable<string> FilesOf() =>
        TableRow().Matches(File.ReadAllText(Path.Combine(Root, "CONTRIBUTING.md"))).Select(m => m.Groups[1].Value)
            .Where(path => path.StartsWith("config/", StringComparison.Ordinal) || path.EndsWith(".cs", StringComparison.Ordinal));

    private static async Task ApplyAsync(string path, string to)
    {
        var parts = Path.Combine(Root, "tests", "ActivityConnector.Tests", "House", "ThirdSource");
        var part = Path.Combine(parts, Path.GetFileName(path) + (path.EndsWith(".cs", StringComparison.Ordinal) ? ".txt" : ""));
        if (File.Exists(part))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(part, to);
            return;
        }

        var (before, line) = Path.GetFileName(path) switch
        {
            "Vendor.cs" => ("        SequenceVendor.Create(),\n", "        AcmeVendor.Create(),\n"),
            "ConnectorOptions.cs" => (
                "    public IReadOnlyList<SequenceOptions> Sequence { get; init; } = [];\n",
                "    /// <summary>Acme accounts.</summary>\n    public IReadOnlyList<Sources.Acme.AcmeOptions> Acme { get; init; } = [];\n"),
            _ => throw new InvalidOperationException($"CONTRIBUTING.md lists {path}, which no part of Acme is."),
        };
        var text = await File.ReadAllTextAsync(to);
        Assert.Contains(before, text, StringComparison.Ordinal);
        await File.WriteAllTextAsync(to, text.Replace(before, before + line, StringComparison.Ordinal));
    }

    private static async Task<WebApplication> StartAcmeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = ["--urls", "http://127.0.0.1:0"] });
        builder.Logging.ClearProviders();
        var acme = builder.Build();
        acme.MapGet("/events", () => Results.Text(
            """{"events":[{"id":"1","at":"2026-01-01T00:00:00Z","who":"a","what":"sign_in"}"""
            + """,{"id":"2","at":"2026-01-02T00:00:00Z","who":"b","what":"sign_in"}"""
            + """,{"id":"3","at":"2026-01-03T00:00:00Z","who":"c","what":"dance"}]}""",
            "application/json"));
        await acme.StartAsync();
        return acme;
    }

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var name = Path.GetRelativePath(from, file);
            if (name.Split('/') is ["bin" or "obj", ..]) continue;

            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(to, name))!);
            File.Copy(file, Path.Combine(to, name));
        }
    }

    [GeneratedRegex(@"^\| `([^`]*[aA]cme[^`]*|connector/Vendors/Vendor\.cs|connector/Configuration/[^`]*)` \|", RegexOptions.Multiline)]
    private static partial Regex TableRow();
}
