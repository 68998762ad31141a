using System.Diagnostics;
using System.Globalization;

namespace ActivityConnector.Pipeline;

/// <summary>
/// Places where a test ends this process or makes it stand still: <c>ACTIVITY_FAILPOINT=name[:n[:signal]]</c> sends it the signal (KILL if
/// none is named) at the n-th passing (the first if none is). Nothing when that is not set. A published program does not have them.
/// </summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class FailPoint
{
    private static readonly FailPoint? Wanted = Parse(Environment.GetEnvironmentVariable("ACTIVITY_FAILPOINT"));

    private readonly string _name;
    private readonly string _signal;
    private int _left;

    private FailPoint(string name, int passing, string signal) => (_name, _left, _signal) = (name, passing, signal);

    /// <summary>The process is at this place.</summary>
    [Conditional("FAIL_POINTS")]
    public static void Pass(string name) => Wanted?.Count(name);

    private static FailPoint? Parse(string? text)
    {
        if (string.IsNullOrEmpty(text)) return null;

        var parts = text.Split(':');
        return new(parts[0], parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 1, parts.Length > 2 ? parts[2] : "KILL");
    }

    private void Count(string name)
    {
        if (name != _name || Interlocked.Decrement(ref _left) != 0) return;

        // It comes back only from a signal that the process survives.
        using var kill = Process.Start("kill", [$"-{_signal}", string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}")]);
        kill.WaitForExit();
    }
}
