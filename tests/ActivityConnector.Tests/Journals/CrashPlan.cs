namespace ActivityConnector.Tests.Journals;

/// <summary>The process died here: nothing of it runs on, and what was durable stays.</summary>
public sealed class SimulatedCrashException(string step) : Exception($"Crashed at {step}.");

/// <summary>
/// Decides from a seed at which step the simulated process dies. Every part of the simulation passes through it at each of its steps,
/// so that over many seeds each of them is once the last.
/// </summary>
/// <param name="seed">The same seed gives the same crashes.</param>
/// <param name="chance">Of a crash at each step, 0 to 1.</param>
public sealed class CrashPlan(int seed, double chance)
{
    private readonly Lock _gate = new();
    private readonly Random _random = new(seed);
    private readonly List<(string Step, int Times, TaskCompletionSource Passed)> _awaited = [];

    /// <summary>Never crashes.</summary>
    public static CrashPlan None { get; } = new(0, 0);

    /// <summary>The name of a step at which it always dies.</summary>
    public string? CrashesAt { get; init; }

    /// <summary>Every step that was passed or crashed at, in order.</summary>
    public List<string> Steps { get; } = [];

    /// <summary>How many crashes there were.</summary>
    public int Crashes { get; private set; }

    /// <summary>To be awaited at each step; yields, so that other work can come between.</summary>
    /// <exception cref="SimulatedCrashException">The process dies here.</exception>
    public async ValueTask PassAsync(string step)
    {
        await Task.Yield();
        lock (_gate)
        {
            Steps.Add(step);
            foreach (var awaited in _awaited.Where(a => a.Step == step && Steps.Count(s => s == step) >= a.Times))
            {
                awaited.Passed.TrySetResult();
            }

            if (step == CrashesAt || (chance > 0 && _random.NextDouble() < chance))
            {
                Crashes++;
                throw new SimulatedCrashException(step);
            }
        }
    }

    /// <summary>When a step was passed so often.</summary>
    public Task HasPassedAsync(string step, int times)
    {
        lock (_gate)
        {
            var passed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (Steps.Count(s => s == step) >= times) passed.SetResult();

            _awaited.Add((step, times, passed));
            return passed.Task.WaitAsync(TimeSpan.FromSeconds(30));
        }
    }

    /// <summary>A decision of the world outside, such as whether a commit in flight arrived.</summary>
    public bool Toss() => _random.Next(2) == 0;
}
