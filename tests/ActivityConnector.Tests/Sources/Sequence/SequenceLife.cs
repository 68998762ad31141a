using ActivityConnector.Pipeline;
using ActivityConnector.Sources.Sequence;
using ActivityConnector.Tests.Shared;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActivityConnector.Tests.Sources.Sequence;

/// <summary>A vendor with records, the real source and collector, and a journal, on one clock.</summary>
internal sealed class SequenceLife
{
    public static readonly DateTimeOffset Start = new(2026, 11, 21, 20, 0, 0, TimeSpan.Zero);

    public SequenceLife(TimeSpan? keeps = null, Random? random = null, DateTimeOffset? start = null)
    {
        Clock = new ManualTimeProvider(start ?? Start);
        Vendor = new SequenceStore(Clock, random);
        Journal = new ForgettingJournal(Clock, keeps);
    }

    public ManualTimeProvider Clock { get; }

    public SequenceStore Vendor { get; }

    public ForgettingJournal Journal { get; }

    public LogLines Log { get; } = new();

    public SequenceOptions Options { get; } = new() { ClientId = "i", ClientSecret = "s" };

    public IEnumerable<string> Twice => Journal.Published.GroupBy(id => id).Where(g => g.Count() > 1).Select(g => g.Key);

    public IEnumerable<string> Missing =>
        Vendor.Records.Where(r => !r.IsFiltered && r.Visible <= Clock.GetUtcNow()).Select(r => r.Id).Except(Journal.Published);

    /// <summary>Adds records, one each step, the last one at <paramref name="last"/>; all visible at once.</summary>
    public void Add(int count, TimeSpan step, DateTimeOffset last, Func<StoredItem, int, StoredItem>? change = null)
    {
        for (var i = 0; i < count; i++)
        {
            var at = last - (step * (count - 1 - i));
            var item = new StoredItem($"r{Vendor.Records.Count:000000}", at, at);
            Vendor.Records.Add(change?.Invoke(item, i) ?? item);
        }
    }

    /// <summary>One process: polls, and sweeps if asked to. Returns how it ended: null = in order.</summary>
    public SourceException? Run(bool sweep = false) => Clock.Run(async () =>
    {
        using var source = new SequenceSource(Options, Vendor, Clock, new Random(1), Log);
        await using var collector = new Collector(
            source, Journal, _ => new IdTransform(), new CheckpointWriter("1", "test"), Clock, NullLogger<Collector>.Instance);
        SourceException? problem = null;
        try
        {
            await collector.PollAsync(default);
        }
        catch (SourceException e)
        {
            problem = e;
        }

        if (!sweep || problem is not null and not SourceIncompleteException) return problem;

        try
        {
            await collector.SweepAsync(Options.SweepRange, Options.HoldBack, () => false, default);
        }
        catch (SourceException e)
        {
            problem ??= e;
        }

        return problem;
    });
}
