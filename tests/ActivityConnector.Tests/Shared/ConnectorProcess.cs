using System.Diagnostics;
using System.Text;

namespace ActivityConnector.Tests.Shared;

/// <summary>The real connector as a process of its own, with the settings a test gives it and nothing of the surroundings'.</summary>
public sealed class ConnectorProcess : IAsyncDisposable
{
    /// <summary>Less than the time after which a run of the tests is ended as one that hangs.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private readonly Process _process;
    private readonly StringBuilder _out = new();
    private readonly StringBuilder _error = new();
    private readonly TaskCompletionSource _outEnd = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _errorEnd = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<(string Text, int Times, TaskCompletionSource Seen)> _awaited = [];

    private ConnectorProcess(Process process) => _process = process;

    public static string Program { get; } = Path.Combine(AppContext.BaseDirectory, "activity-connector.dll");

    public int Id => _process.Id;

    /// <summary>Everything printed to stdout so far.</summary>
    public string Output => Read(_out);

    /// <summary>Everything printed to stderr so far.</summary>
    public string Errors => Read(_error);

    public static ConnectorProcess Start(
        string folder, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, string? input = null, string? program = null)
    {
        // What a parent ignores, as nohup and a shell's background do, its children ignore too: a signal that a test sends must arrive.
        var start = new ProcessStartInfo("env", ["--default-signal=HUP,INT,QUIT,TERM", "dotnet", program ?? Program, .. arguments])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var name in start.Environment.Keys.Where(k => k.Contains("__", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name);
        }

        // Many run at a time, and one address is enough for one of them.
        start.Environment["Admin__Enabled"] = "false";
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;

        // Hundreds of them run for a second each: what a service gains by compiling loops in full, they only pay.
        start.Environment["DOTNET_TC_QuickJitForLoops"] = "1";

        var process = new Process { StartInfo = start };
        var connector = new ConnectorProcess(process);
        process.OutputDataReceived += (_, line) => connector.Add(connector._out, line.Data, connector._outEnd);
        process.ErrorDataReceived += (_, line) => connector.Add(connector._error, line.Data, connector._errorEnd);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        if (input is not null) process.StandardInput.Write(input);

        process.StandardInput.Close();
        return connector;
    }

    /// <summary>Runs it to its end and returns the exit code with everything it printed.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(
        string folder, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, string? input = null, string? program = null)
    {
        await using var process = Start(folder, arguments, environment, input, program);
        var exitCode = await process.EndAsync();
        return (exitCode, process.Output, process.Errors);
    }

    /// <summary>How often a text has been printed so far.</summary>
    public int Times(string text) => Output.Split(text).Length + Errors.Split(text).Length - 2;

    /// <summary>
    /// Completes as soon as the text has been printed so often, on either stream; fails if the process ends without it, or after four minutes.
    /// </summary>
    public async Task SeenAsync(string text, int times = 1)
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_awaited)
        {
            if (Times(text) >= times) return;

            _awaited.Add((text, times, seen));
        }

        var ended = EndAsync();
        await Task.WhenAny(seen.Task, ended, Task.Delay(Patience, TimeProvider.System, CancellationToken.None));
        if (seen.Task.IsCompleted) return;

        var instead = ended.IsCompleted ? $"It ended with {await ended}" : $"It ran for {Patience.TotalMinutes} minutes";
        throw new InvalidOperationException($"{instead} before it printed '{text}'.\n{Output}\n{Errors}");
    }

    /// <summary>SIGKILL: no handler runs.</summary>
    public void Kill() => _process.Kill(entireProcessTree: true);

    /// <summary>Sends a signal by its name, as an operator or an orchestrator would.</summary>
    public async Task SignalAsync(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", $"{Id}"]);
        await kill.WaitForExitAsync();
    }

    /// <summary>The exit code, once everything it printed has been read.</summary>
    public async Task<int> EndAsync()
    {
        await _process.WaitForExitAsync();
        await Task.WhenAll(_outEnd.Task, _errorEnd.Task);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private static string Read(StringBuilder text)
    {
        lock (text)
        {
            return text.ToString();
        }
    }

    private void Add(StringBuilder text, string? line, TaskCompletionSource end)
    {
        if (line is null)
        {
            end.TrySetResult();
            return;
        }

        lock (text)
        {
            text.Append(line).Append('\n');
        }

        lock (_awaited)
        {
            foreach (var (awaited, times, seen) in _awaited)
            {
                if (line.Contains(awaited, StringComparison.Ordinal) && Times(awaited) >= times) seen.TrySetResult();
            }
        }
    }
}
