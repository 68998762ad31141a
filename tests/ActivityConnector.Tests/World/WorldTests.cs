using System.Collections.Concurrent;
using System.Globalization;

namespace ActivityConnector.Tests.World;

/// <summary>
/// Worlds from seeds: whatever a vendor answers and whenever the process dies, each record is published once, and "up to date" is true.
/// </summary>
public sealed class WorldTests
{
    [Fact]
    public void In_every_world_each_record_is_published_once_and_up_to_date_is_true()
    {
        var seeds = Number("SEED") is { } one ? [one] : Enumerable.Range(Number("FIRST_SEED") ?? 0, Number("SEEDS") ?? 250);
        var failed = LiveAll(seeds).Where(end => end.Failure is not null).OrderBy(end => end.Seed).ToList();
        if (failed.Count > 0)
        {
            var first = failed[0];
            var history = LiveAll([first.Seed], seed => World.Live(seed, isTold: true)).Single().History;
            Assert.Fail(
                $"{history}\nseed {first.Seed}: {first.Failure}\n{failed.Count} seeds fail: "
                + $"{string.Join(' ', failed.Take(20).Select(f => f.Seed))}; one again: ./test seed {first.Seed}");
        }
    }

    [Fact]
    public void The_same_seed_gives_the_same_history()
    {
        var seeds = Enumerable.Range(0, 24);
        var once = LiveAll(seeds, seed => World.Live(seed, isTold: true)).ToDictionary(end => end.Seed, end => end.History);
        Assert.All(LiveAll(seeds, seed => World.Live(seed, isTold: true)), again => Assert.Equal(once[again.Seed], again.History));
    }

    [Theory]
    [InlineData(PlantedFault.NoOverlap)]
    [InlineData(PlantedFault.Forgetting)]
    public void A_fault_of_the_connector_itself_is_found(PlantedFault planted) =>
        Assert.InRange(LiveAll(Enumerable.Range(0, 60), seed => World.Live(seed, planted)).Count(end => end.Failure is not null), 5, 60);

    internal static IReadOnlyCollection<WorldEnd> LiveAll(IEnumerable<int> seeds, Func<int, WorldEnd>? live = null)
    {
        var waiting = new ConcurrentQueue<int>(seeds);
        var ends = new ConcurrentBag<WorldEnd>();
        // Threads of its own: a world waits for the journal's thread and must not take a place from it in the pool, and where a test runs, its
        // SynchronizationContext would let the connector continue beside the world's clock.
        var workers = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Thread(() =>
        {
            while (waiting.TryDequeue(out var seed))
            {
                try
                {
                    ends.Add((live ?? (s => World.Live(s)))(seed));
                }
                catch (Exception e)
                {
                    ends.Add(new WorldEnd(seed, $"the world itself fails: {e}", null));
                }
            }
        })).ToList();
        workers.ForEach(worker => worker.Start());
        workers.ForEach(worker => worker.Join());
        return ends;
    }

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number) ? number : null;
}
