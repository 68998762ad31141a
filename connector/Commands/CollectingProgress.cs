using ActivityConnector.Scheduling;
using ActivityConnector.Terminals;

namespace ActivityConnector.Commands;

/// <summary>How far sources are on their way from where they began to the present. It is the slowest one's share, by the times that were read.</summary>
/// <remarks>Not thread-safe, but it may be asked while the sources run.</remarks>
internal sealed class CollectingProgress(IReadOnlyList<SourceRunner> runners, TimeProvider time)
{
    private readonly Dictionary<SourceRunner, DateTimeOffset> _first = [];

    public ProgressState State() => new(runners.Sum(runner => runner.Collector.Published), runners.Min(Share));

    /// <summary>Null as long as the source has not committed.</summary>
    private double? Share(SourceRunner runner)
    {
        if (runner.Last is not null) return 1;

        if (runner.Collector.Checkpoint?.Position.Reached is not { } reached) return null;

        var first = _first.TryAdd(runner, reached) ? reached : _first[runner];
        var all = time.GetUtcNow() - first;
        return all > TimeSpan.Zero ? Math.Clamp((reached - first) / all, 0, 1) : 1;
    }
}
