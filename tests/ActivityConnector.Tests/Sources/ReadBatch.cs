using System.Text;
using System.Text.Json;
using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Shared;

namespace ActivityConnector.Tests.Sources;

/// <summary>A copy of one batch, taken before its buffers go back.</summary>
internal sealed record ReadBatch(
    IReadOnlyList<string> Records, SourcePosition Position, bool NeedsCommit, int Empty, IReadOnlyList<DeadLetter> DeadLetters, DateTimeOffset At)
{
    public int BeforePosition { get; init; }

    public bool IsTail { get; init; }

    public SweepRun? Sweep { get; init; }

    public IEnumerable<string> Ids => Records.Select(IdOf);

    public WindowPosition Window => (WindowPosition)Position;

    public CursorPosition Cursor => (CursorPosition)Position;

    public static string IdOf(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.GetProperty("id").ToString();
    }

    public static ReadBatch Of(ActivityBatch batch, DateTimeOffset at)
    {
        using (batch)
        {
            return new ReadBatch(
                [.. batch.Records.Select(r => Encoding.UTF8.GetString(r.Json.Span))], batch.Position, batch.NeedsCommit, batch.Empty, batch.DeadLetters, at)
            {
                BeforePosition = batch.BeforePosition,
                IsTail = batch.IsTail,
                Sweep = batch.Sweep,
            };
        }
    }

    /// <summary>Everything a read gives up to its end.</summary>
    public static List<ReadBatch> All(ManualTimeProvider clock, IAsyncEnumerable<ActivityBatch> batches) =>
        clock.Run(() => CollectAsync(clock, batches));

    /// <summary>What a read gives before it fails, and the failure.</summary>
    public static (List<ReadBatch> Batches, T Error) UntilFailure<T>(ManualTimeProvider clock, IAsyncEnumerable<ActivityBatch> batches)
        where T : Exception => clock.Run(async () =>
    {
        var units = new List<ReadBatch>();
        var error = await Assert.ThrowsAsync<T>(async () => await CollectAsync(clock, batches, units));
        return (units, error);
    });

    private static async Task<List<ReadBatch>> CollectAsync(
        ManualTimeProvider clock, IAsyncEnumerable<ActivityBatch> batches, List<ReadBatch>? units = null)
    {
        units ??= [];
        await foreach (var batch in batches) units.Add(Of(batch, clock.GetUtcNow()));

        return units;
    }
}
