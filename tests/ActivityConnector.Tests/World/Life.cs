namespace ActivityConnector.Tests.World;

/// <summary>
/// One process of the connector, as far as it can die. Everything it does outside itself passes through <see cref="StepAsync"/>: where it
/// dies, that never comes back, so that nothing of the process runs on, not even its exception handlers.
/// </summary>
internal sealed class Life(Random random, Func<double> chance, Action<string> told)
{
    // Of this life alone: what waits for it without end would otherwise be kept beyond the life.
    private readonly Task _never = new TaskCompletionSource().Task;

    public bool IsDead { get; private set; }

    /// <summary>The process is at this place; the task never completes when it dies here.</summary>
    public Task StepAsync(string step)
    {
        if (IsDead || Dies(step)) return _never;

        return Task.CompletedTask;
    }

    /// <summary>Whether it dies here; the caller does what the world does meanwhile, and then awaits <see cref="StepAsync"/>.</summary>
    public bool Dies(string step)
    {
        if (!IsDead && random.Is(chance()))
        {
            IsDead = true;
            told(step);
        }

        return IsDead;
    }

    /// <summary>The operator ends it, or the machine.</summary>
    public void End() => IsDead = true;
}
