using System.Globalization;
using ActivityConnector.Pipeline;
using ActivityConnector.Sources.Intercom;
using ActivityConnector.Sources.Sequence;
using ActivityConnector.Tests.Shared;
using ActivityConnector.Tests.Sources.Intercom;
using ActivityConnector.Tests.Sources.Sequence;

namespace ActivityConnector.Tests.Sources;

/// <summary>
/// A seeded simulation of the promise: whatever becomes visible within the overlap is given out, with late records, ties, faults at the
/// vendor, refused cursors, and crashes between two batches after which the last commit counts.
/// </summary>
public class LossFreeTests
{
    private const int Minutes = 40;

    private static readonly DateTimeOffset Start = new(2026, 11, 21, 20, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Overlap = TimeSpan.FromSeconds(150);

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 12)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Intercom_loses_nothing_that_appears_within_lookback_and_settle(int seed)
    {
        var (clock, random) = (new ManualTimeProvider(Start), new Random(seed));
        var vendor = new IntercomStore(clock, random) { Inclusive = seed % 2 == 0, FaultRate = 0.03 };
        foreach (var (at, visible) in Arrivals(random, late: Overlap)) vendor.Records.Add(new($"{vendor.Records.Count:000000}", at, visible));
        var options = new IntercomOptions
        {
            AccessToken = "t",
            Lookback = Overlap - TimeSpan.FromSeconds(5),
            Settle = TimeSpan.FromSeconds(5),
            PageSize = seed % 3 == 0 ? 20 : 250,
            MaxWindow = TimeSpan.FromMinutes(seed % 4 == 1 ? 1 : 60),
            StartAt = Start.AddMinutes(-1).ToString("o", CultureInfo.InvariantCulture),
        };

        var given = Collect(clock, random, () => new IntercomSource(options, vendor, clock, random, new LogLines()));

        Assert.Empty(vendor.Records.Select(r => r.Id).Except(given));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Sequence_loses_nothing_that_appears_within_the_hold_back(int seed)
    {
        var (clock, random) = (new ManualTimeProvider(Start), new Random(seed));
        var vendor = new SequenceStore(clock, random) { CursorAtEnd = seed % 2 == 0, FaultRate = 0.03, RefusalRate = seed % 3 == 0 ? 0.02 : 0 };
        foreach (var (at, visible) in Arrivals(random, late: Overlap)) vendor.Records.Add(new($"{vendor.Records.Count:000000}", at, visible));
        var options = new SequenceOptions { ClientId = "i", ClientSecret = "s", HoldBack = Overlap, PageSize = seed % 4 == 0 ? 7 : 100 };

        var given = Collect(clock, random, () => new SequenceSource(options, vendor, clock, random, new LogLines()));

        Assert.Empty(vendor.Records.Select(r => r.Id).Except(given));
    }

    [Fact]
    public void The_simulation_notices_records_that_are_later_than_the_overlap()
    {
        var (clock, random) = (new ManualTimeProvider(Start), new Random(1));
        var vendor = new SequenceStore(clock, random);
        foreach (var (at, visible) in Arrivals(random, late: Overlap * 4)) vendor.Records.Add(new($"{vendor.Records.Count:000000}", at, visible));
        var options = new SequenceOptions { ClientId = "i", ClientSecret = "s", HoldBack = TimeSpan.FromSeconds(30) };

        var given = Collect(clock, random, () => new SequenceSource(options, vendor, clock, random, new LogLines()));
        var swept = Sweep(clock, new SequenceSource(options, vendor, clock, random, new LogLines()));

        Assert.NotEmpty(vendor.Records.Select(r => r.Id).Except(given));
        Assert.Empty(vendor.Records.Select(r => r.Id).Except(swept));
    }

    /// <summary>About one record a second in order of creation, with bursts in one second; three in a hundred are shown late.</summary>
    private static IEnumerable<(DateTimeOffset At, DateTimeOffset Visible)> Arrivals(Random random, TimeSpan late)
    {
        for (var second = 0; second < Minutes * 60; second++)
        {
            var count = random.Next(100) == 0 ? 60 : random.Next(3);
            foreach (var ms in Enumerable.Range(0, count).Select(_ => random.Next(1000)).Order().ToList())
            {
                var at = Start.AddSeconds(second).AddMilliseconds(ms);
                yield return (at, at + (random.Next(100) < 3 ? late * random.NextDouble() : TimeSpan.FromMilliseconds(random.Next(900))));
            }
        }
    }

    /// <summary>Polls each half minute until everything has long been visible, as a collector would that crashes now and then.</summary>
    private static HashSet<string> Collect(ManualTimeProvider clock, Random random, Func<IActivitySource> create)
    {
        var given = new HashSet<string>();
        Checkpoint? committed = null;
        var source = create();
        while (clock.GetUtcNow() < Start.AddMinutes(Minutes + 20))
        {
            clock.Run(async () =>
            {
                try
                {
                    await foreach (var batch in source.ReadAsync(committed, default))
                    {
                        var unit = ReadBatch.Of(batch, clock.GetUtcNow());
                        if (random.Next(100) < 5)
                        {
                            source = create(); // crashed: what was not committed never happened
                            return;
                        }

                        given.UnionWith(unit.Ids);
                        AssertForward(committed, unit.Position);
                        if (unit.NeedsCommit || unit.Records.Count > 0) committed = Checkpoints.Of(unit.Position);
                    }
                }
                catch (SourceException e) when (e is SourceUnavailableException or SourceIncompleteException)
                {
                    // the next firing tries again
                }
            });

            // Now and then it stands still for a while, and comes back to a backlog.
            clock.Advance(TimeSpan.FromSeconds(random.Next(100) < 5 ? 600 : 30));
        }

        return given;
    }

    private static HashSet<string> Sweep(ManualTimeProvider clock, SequenceSource source)
    {
        var sweep = new SweepRun { From = Start.ToUnixTimeSeconds(), To = clock.GetUtcNow().ToUnixTimeSeconds() };
        return [.. ReadBatch.All(clock, source.SweepAsync(Checkpoints.After(null), sweep, default)).SelectMany(u => u.Ids)];
    }

    private static void AssertForward(Checkpoint? committed, SourcePosition next)
    {
        if (committed?.Window is { } window) Assert.True(((WindowPosition)next).Watermark >= window.Watermark, "the watermark never goes back");
    }
}
