using System.Text;
using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Journals;
using ActivityConnector.Tests.Shared;
using ActivityConnector.Transforms;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActivityConnector.Tests.Pipeline;

/// <summary>Where an event becomes too large for the journal, to the byte.</summary>
public sealed class LargestEventTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly SimulatedDisk _disk = new();

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public async Task An_event_may_be_as_large_as_the_journal_takes_and_is_a_dead_letter_with_one_byte_more(int more, bool published)
    {
        await using var journal = new SimulatedJournal(_disk, CrashPlan.None);
        var json = Json(journal.MaxEventBytes + more);

        var result = await PollAsync(journal, json);

        Assert.Equal(published ? (1, 0) : (0, 1), (result.Counts.Published, result.Counts.DeadLetters));
        Assert.Equal(published ? 1 : 0, _disk.Events.Count(e => e.Json.Span.SequenceEqual(json)));
        Assert.Equal(published ? 0 : 1, _disk.DeadLetters.Values.Count(l => l.Id == Some.Event(1).Id && l.OriginalLength == json.Length));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public async Task Without_the_vendors_own_text_the_same_limit_holds(int more, bool published)
    {
        await using var journal = new SimulatedJournal(_disk, CrashPlan.None);
        const string Original = ",\"event.original\":\"the vendor's own text\"";
        const string Tag = ",\"tags\":[\"truncated\"]";
        var json = Json(journal.MaxEventBytes - Tag.Length + Original.Length + more, Original);

        var result = await PollAsync(journal, json);

        Assert.Equal(published ? (1, 0) : (0, 1), (result.Counts.Published, result.Counts.DeadLetters));
        Assert.Equal(published ? [journal.MaxEventBytes] : [], _disk.Events.Select(e => e.Json.Length));
    }

    private async Task<PollResult> PollAsync(IJournal journal, byte[] json)
    {
        var source = new ListSource(_time) { Until = 100 };
        source.Add("a", 50);
        await using var collector = new Collector(
            source, journal, _ => new One(Some.Event(1, json: json)), new CheckpointWriter("1.0.0", "test"), _time, NullLogger<Collector>.Instance);
        return await collector.PollAsync(CancellationToken.None);
    }

    private static byte[] Json(int length, string original = "")
    {
        var start = $$"""{"@timestamp":"2026-11-21T20:00:00.000Z","message":"m"{{original}},"sequence.metadata":" """.TrimEnd();
        return Encoding.UTF8.GetBytes(start + new string('x', length - start.Length - 2) + "\"}");
    }

    /// <summary>The same event for every record.</summary>
    private sealed class One(EcsEvent e) : IActivityTransform
    {
        public bool HidesValues => false;

        public void Transform(in RawActivity activity, EventBatch output) => output.Add(e);

        public IReadOnlyList<ulong> BeforeGrowth(EcsEvent revised) => [];
    }
}
