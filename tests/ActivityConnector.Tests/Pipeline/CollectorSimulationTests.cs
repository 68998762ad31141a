using System.Text.Json;
using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Journals;
using ActivityConnector.Tests.Shared;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActivityConnector.Tests.Pipeline;

/// <summary>
/// A seeded world in which the process dies at any await: records arrive late, in ties and with changed content, commits are lost or
/// arrive after the crash. Whatever the seed, nothing is lost and nothing is doubled.
/// </summary>
public sealed class CollectorSimulationTests
{
    private const int Seeds = 1_000;
    private const int Polls = 40;
    private static readonly SourceKey Key = new("plain", "acct");

    [Fact]
    public async Task Whatever_await_the_process_dies_at_every_record_is_in_the_journal_once()
    {
        var crashes = 0;
        for (var seed = 0; seed < Seeds; seed++)
        {
            crashes += await LiveAsync(seed);
        }

        Assert.True(crashes > Seeds, $"only {crashes} crashes: the simulation does not bite");
    }

    [Fact]
    public async Task The_simulation_finds_a_source_that_reads_no_overlap()
    {
        var broken = 0;
        for (var seed = 0; seed < 50; seed++)
        {
            try
            {
                await LiveAsync(seed, lookback: 0);
            }
            catch (Xunit.Sdk.XunitException)
            {
                broken++;
            }
        }

        Assert.True(broken > 0, "late records were not lost although nothing reads them again");
    }

    private static async Task<int> LiveAsync(int seed, int lookback = 60)
    {
        var random = new Random(seed);
        var clock = new ManualTimeProvider();
        var disk = new SimulatedDisk();
        var plan = new CrashPlan(seed, random.NextDouble() * 0.15);
        var source = new ListSource(clock) { Until = 0, Span = random.Next(5, 200), Lookback = lookback };
        source.Before = () => plan.PassAsync("unit").AsTask();
        var arrivals = Enumerable.Range(0, random.Next(1, 80)).Select(i =>
        {
            var at = random.Next(1, 1_000);
            var late = random.Next(10) < 3 ? random.Next(0, 55) : 0;
            return (Id: $"r{i}", At: at, VisibleAt: at + late);
        }).ToList();
        var changed = new Dictionary<string, int>();

        for (var poll = 0; poll < Polls; poll++)
        {
            var until = source.Until + (poll == Polls - 1 ? 1_100 : random.Next(0, 60));
            foreach (var arrival in arrivals.Where(a => a.VisibleAt > source.Until && a.VisibleAt <= until))
            {
                source.Add(arrival.Id, arrival.At);
            }

            source.Until = until;
            foreach (var arrival in arrivals.Where(a => a.VisibleAt <= until && a.At > until - 40 && random.Next(20) == 0))
            {
                changed[arrival.Id] = changed.GetValueOrDefault(arrival.Id) + 1;
                source.Replace(arrival.Id, 1 + changed[arrival.Id]);
            }

            await LifeAsync(disk, plan, source, clock);
            AssertNothingBehindTheCheckpointIsMissing(seed, disk, arrivals, source.Until, lookback);
        }

        source.Before = () => Task.CompletedTask;
        await LifeAsync(disk, CrashPlan.None, source, clock);
        var events = disk.Events;
        Assert.True(events.Count == events.Select(e => e.Id).Distinct().Count(), $"seed {seed}: an id is there twice");
        Assert.True(
            arrivals.Select(a => a.Id).ToHashSet().SetEquals(events.Select(IdOf)), $"seed {seed}: the journal does not hold what the source showed");
        foreach (var versions in events.GroupBy(IdOf))
        {
            Assert.True(versions.Count() <= 1 + changed.GetValueOrDefault(versions.Key), $"seed {seed}: {versions.Key} has more versions than it had contents");
        }

        var stored = disk.Sources[Key];
        Assert.Equal(stored.Sequence, CheckpointText.Parse(stored.Checkpoints[0].Text).Sequence);
        return plan.Crashes;
    }

    /// <summary>One process from its start to its end or its crash.</summary>
    private static async Task LifeAsync(SimulatedDisk disk, CrashPlan plan, ListSource source, TimeProvider clock)
    {
        await using var journal = new SimulatedJournal(disk, plan);
        await using var collector = new Collector(
            source, journal, _ => new PlainTransform(), new CheckpointWriter("1.0.0", "simulation"), clock, NullLogger<Collector>.Instance);
        try
        {
            await collector.PollAsync(CancellationToken.None);
            await plan.PassAsync("between polls");
            await collector.PollAsync(CancellationToken.None);
        }
        catch (SimulatedCrashException)
        {
            // Dead: the next life starts with what is on the disk.
        }
    }

    private static void AssertNothingBehindTheCheckpointIsMissing(
        int seed, SimulatedDisk disk, List<(string Id, int At, int VisibleAt)> arrivals, long present, int lookback)
    {
        if (!disk.Sources.TryGetValue(Key, out var stored) || stored.Checkpoints.Count == 0)
        {
            Assert.Empty(disk.Events);
            return;
        }

        var watermark = CheckpointText.Parse(stored.Checkpoints[0].Text).Window!.Watermark;
        Assert.True(watermark <= present, $"seed {seed}: the watermark is in the future");
        var ids = disk.Events.Select(IdOf).ToHashSet();
        var missing = arrivals.Where(a => a.At <= watermark - lookback && a.VisibleAt <= watermark && !ids.Contains(a.Id)).Select(a => a.Id).ToList();
        Assert.True(missing.Count == 0, $"seed {seed}: {string.Join(", ", missing)} is behind the checkpoint and not in the journal");
    }

    private static string IdOf(JournalEvent e) => JsonDocument.Parse(e.Json).RootElement.GetProperty("event.id").GetString()!;
}
