using System.Diagnostics;

namespace ActivityConnector.Tests.Commands;

/// <summary>The scripts, run by the shells that are there.</summary>
public sealed class CompletionCommandTests : IDisposable
{
    private readonly Session _session = new();

    [Theory]
    [InlineData("", "run validate config mapping --config --help")]
    [InlineData("ma", "mapping")]
    [InlineData("mapping ", "list show test --output")]
    [InlineData("checkpoint s", "show set")]
    [InlineData("checkpoint set --y", "--yes")]
    [InlineData("run --role ", "all collect index")]
    [InlineData("--set A=b dlq list --by re", "reason")]
    [InlineData("dlq list --source x --stage ", "page size index")]
    [InlineData("mapping list -o j", "json")]
    [InlineData("completion ", "bash zsh fish pwsh")]
    public async Task Bash_completes_commands_options_and_words(string typed, string expected)
    {
        Assert.Equal(0, await _session.RunAsync("completion", "bash"));
        var script = _session.Write("completion.bash", _session.Out);
        var words = typed.Split(' ').Prepend("activity-connector").ToList();

        var completed = await BashAsync(
            $"source {script}; COMP_WORDS=({string.Join(' ', words.Select(w => $"'{w}'"))}); COMP_CWORD={words.Count - 1}; _activity_connector; "
            + "printf '%s\\n' \"${COMPREPLY[@]}\"");

        Assert.Subset(completed.Split('\n').ToHashSet(), expected.Split(' ').ToHashSet());
        Assert.All(completed.Split('\n', StringSplitOptions.RemoveEmptyEntries), word => Assert.StartsWith(words[^1], word, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("zsh")]
    [InlineData("fish")]
    [InlineData("pwsh")]
    public async Task The_other_scripts_know_the_same_words(string name)
    {
        Assert.Equal(0, await _session.RunAsync("completion", name));

        foreach (var word in (string[])["checkpoint set", "--watermark", "all collect index", "activity-connector"])
        {
            Assert.Contains(word, _session.Out, StringComparison.Ordinal);
        }
    }

    public void Dispose() => _session.Dispose();

    private static async Task<string> BashAsync(string script)
    {
        using var bash = Process.Start(new ProcessStartInfo("bash", ["--norc", "-c", script]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = bash.StandardError.ReadToEndAsync();
        var output = await bash.StandardOutput.ReadToEndAsync();
        await bash.WaitForExitAsync();
        Assert.Equal("", await error);
        return output.TrimEnd();
    }
}
