using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Shared;

namespace ActivityConnector.Tests.Journals;

public sealed class SimulatedJournalContractTests : JournalContract
{
    private readonly SimulatedDisk _disk = new();

    protected override Task<IJournal> OpenAsync() => Task.FromResult<IJournal>(new SimulatedJournal(_disk, CrashPlan.None));

    protected override Task<IReadOnlyList<DeadLetter>> DeadLettersAsync() => Task.FromResult<IReadOnlyList<DeadLetter>>([.. _disk.DeadLetters.Values]);

    protected override Task StoreCheckpointsAsync(SourceKey source, params byte[][] texts)
    {
        var stored = _disk.Sources[source];
        stored.Checkpoints = [.. texts.Select((text, i) => (stored.Sequence - i, text))];
        return Task.CompletedTask;
    }
}

public sealed class SimulatedJournalTests
{
    [Fact]
    public async Task Wherever_the_process_dies_every_record_is_published_once_and_the_checkpoint_tells_the_truth()
    {
        const int Units = 8, PerUnit = 3;
        var places = new HashSet<string>();
        for (var seed = 0; seed < 300; seed++)
        {
            var disk = new SimulatedDisk();
            var crashes = new CrashPlan(seed, 0.05);
            while (!await TryCollectAsync(disk, crashes, Units, PerUnit))
            {
                places.Add(crashes.Steps[^1]);
                Assert.Equal(disk.Sources.Values.Sum(s => s.Sequence) * PerUnit, disk.Events.Count);
            }

            Assert.Equal(Some.Events(0, Units * PerUnit).Select(e => e.Id), disk.Events.Select(e => e.Id));
            Assert.Equal(Units, disk.Sources[Some.Intercom].Sequence);
        }

        Assert.Superset(new HashSet<string> { "begin commit", "write event", "commit in flight", "committed", "find", "open writer" }, places);
    }

    [Fact]
    public async Task The_same_seed_dies_at_the_same_steps()
    {
        async Task<IReadOnlyList<string>> StepsAsync()
        {
            var (disk, crashes) = (new SimulatedDisk(), new CrashPlan(42, 0.1));
            while (!await TryCollectAsync(disk, crashes, 5, 2))
            {
            }

            Assert.NotEqual(0, crashes.Crashes);
            return crashes.Steps;
        }

        Assert.Equal(await StepsAsync(), await StepsAsync());
    }

    /// <summary>One life of a collector as small as it can be; false if it died.</summary>
    private static async Task<bool> TryCollectAsync(SimulatedDisk disk, CrashPlan crashes, int units, int perUnit)
    {
        try
        {
            await using var journal = new SimulatedJournal(disk, crashes);
            await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
            while ((writer.Checkpoint?.Sequence ?? 0) < units)
            {
                var sequence = (writer.Checkpoint?.Sequence ?? 0) + 1;
                // Reads one record of the unit before again, as an overlap does.
                var events = Some.Events(Math.Max(0, ((int)sequence - 1) * perUnit - 1), sequence == 1 ? perUnit : perUnit + 1);
                var known = await writer.FindAsync([.. events.Select(EventKey.Of)], default);
                await writer.CommitAsync(Some.Commit(sequence, [.. events.Where((_, i) => known[i] is null)]), default);
            }

            return true;
        }
        catch (SimulatedCrashException)
        {
            return false;
        }
    }
}
