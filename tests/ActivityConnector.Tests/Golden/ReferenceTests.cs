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
        var script = Path.Combine(DeliveredFiles.Root, "tests", "ActivityConnector.Tests", "Golden", "reference.py");
        using var check = Process.Start(new ProcessStartInfo("python3", [script, "--check"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
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
    private static readonly bool IsThere = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, "python3")) || File.Exists(Path.Combine(folder, "python3.exe")));

    public PythonFactAttribute() => Skip = IsThere || ServerFolder.IsRequired ? null : "There is no python3 on the PATH.";
}
