namespace ActivityConnector.Simulation.Sequence;

/// <summary>The Sequence half of the simulator. The defaults are the documented behaviour.</summary>
public sealed record SequenceSimulation
{
    /// <summary>Activity logs of history.</summary>
    public int Records { get; init; } = 1000;

    /// <summary>Requests allowed in each minute.</summary>
    public int RequestsPerMinute { get; init; } = 1500;

    /// <summary>The last page has an <c>after</c> too, which leads to a page without items.</summary>
    public bool AfterOnLastPage { get; init; }

    /// <summary>Faults besides those of <see cref="SimulatorOptions.Faults"/>.</summary>
    public IReadOnlyList<FaultSpec> Faults { get; init; } = [];
}
