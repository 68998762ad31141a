using ActivityConnector.Pipeline;

namespace ActivityConnector.Tests.World;

/// <summary>What a sink has stored: outlives the processes that write to it.</summary>
internal sealed class SinkStore
{
    public HashSet<string> Ids { get; } = [];

    /// <summary>Ids in the order in which they were stored.</summary>
    public List<string> Order { get; } = [];
}

/// <summary>A sink that stores each id once. The process can die in the middle of a write.</summary>
internal sealed class WorldSink(SinkStore store, Life life) : IEventSink
{
    public string Name => "store";

    public int BatchSize => 7;

    public ValueTask PrepareAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public async ValueTask<SinkResult> WriteAsync(IReadOnlyList<JournalEvent> events, CancellationToken cancellationToken)
    {
        var stored = 0;
        foreach (var e in events)
        {
            await life.StepAsync("write to the sink");
            if (store.Ids.Add(e.Id))
            {
                store.Order.Add(e.Id);
                stored++;
            }
        }

        await life.StepAsync("written");
        return new SinkResult(stored, events.Count - stored, 0, []);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
