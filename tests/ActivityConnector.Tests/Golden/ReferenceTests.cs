using System.Diagnostics;
using ActivityConnector.Tests.Configuration;
using ActivityConnector.Tests.Shared.Servers;

namespace ActivityConnector.Tests.Golden;

/// <summary>The golden files are what the specification's second writing says: nobody has changed them, or it, alone.</summary>
public sealed class ReferenceTests
{
    [PythonFact]
    public async Task The_golden_files_are_those_that_the_reference_writes()
    {
        var start = new ProcessStartInfo("python3", [Reference.Script, "--check"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var check = Process.Start(start)!;
        var errors = check.StandardError.ReadToEndAsync();
        var changed = await check.StandardOutput.ReadToEndAsync();
        await check.WaitForExitAsync();

        Assert.True(check.ExitCode == 0, $"These pairs differ from what reference.py makes of their records:\n{changed}{await errors}");
    }
}

/// <summary>A test that needs Python 3: skipped, and counted, where there is none; a failure where REQUIRE_SERVERS is 1.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PythonFactAttribute : FactAttribute
{
    public PythonFactAttribute() => Skip = Reason;

    internal static string? Reason { get; } = IsThere() || ServerFolder.IsRequired ? null : "There is no python3 on the PATH.";

    private static bool IsThere() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, "python3")) || File.Exists(Path.Combine(folder, "python3.exe")));
}

/// <inheritdoc cref="PythonFactAttribute"/>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PythonTheoryAttribute : TheoryAttribute
{
    public PythonTheoryAttribute() => Skip = PythonFactAttribute.Reason;
}
