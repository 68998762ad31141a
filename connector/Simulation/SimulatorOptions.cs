using ActivityConnector.Simulation.Intercom;
using ActivityConnector.Simulation.Sequence;

namespace ActivityConnector.Simulation;

/// <summary>What the vendor simulators serve and how they misbehave. The same options and clock give the same records and faults.</summary>
public sealed record SimulatorOptions
{
    /// <summary>The loopback port; 0 takes any free one.</summary>
    public int Port { get; init; }

    /// <summary>Records and faults follow from it.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>The history of each vendor is spread over this time, up to the start.</summary>
    public TimeSpan Span { get; init; } = TimeSpan.FromDays(30);

    /// <summary>New records a second and vendor, from the start on.</summary>
    public double RatePerSecond { get; init; }

    /// <summary>New records that arrive with every list request: the page set shifts under the walk.</summary>
    public int ArrivalsPerRequest { get; init; }

    /// <summary>Records visible later than created; none by default.</summary>
    public LateArrivals? Late { get; init; }

    /// <summary>The share, 0 to 1, of records listed twice with equal content.</summary>
    public double DuplicateShare { get; init; }

    /// <summary>The share, 0 to 1, of records that the contract does not allow or that are hard to digest.</summary>
    public double HostileShare { get; init; }

    /// <summary>Faults of both vendors; each vendor may have more of its own.</summary>
    public IReadOnlyList<FaultSpec> Faults { get; init; } = [];

    /// <summary>How long each answer takes; requests that come meanwhile are answered as fast.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>How long a <see cref="FaultKind.Slow"/> answer pauses in the middle of its body.</summary>
    public TimeSpan SlowDelay { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The Retry-After of a <see cref="FaultKind.TooManyRequests"/>; a used-up quota gives the time to its end instead.</summary>
    /// <remarks>In whole seconds. Null leaves the header out everywhere: Intercom then gives its Reset alone, Sequence nothing.</remarks>
    public TimeSpan? RetryAfter { get; init; } = TimeSpan.FromSeconds(1);

    public IntercomSimulation Intercom { get; init; } = new();

    public SequenceSimulation Sequence { get; init; } = new();
}
