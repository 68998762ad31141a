using System.Text;
using System.Text.Json;
using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Shared;

namespace ActivityConnector.Tests.Sources;

/// <summary>A copy of one batch, taken before its buffers go back.</summary>
internal sealed record ReadUnit(
    IReadOnlyList<string> Records, SourcePosition Position, bool MovesFar, int Invalid, IReadOnlyList<DeadLetter> DeadLetters, DateTimeOffset At)
{
    public SweepRun? Sweep { get; init; }

    public IEnumerable<string> Ids => Records.Select(IdOf);

    public WindowPosition Window => (WindowPosition)Position;

    public CursorPosition Cursor => (CursorPosition)Position;

    public static string IdOf(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.GetProperty("id").ToString();
    }

    public static ReadUnit Of(ActivityBatch batch, DateTimeOffset at)
    {
        using (batch)
        {
            return new ReadUnit(
                [.. batch.Records.Select(r => Encoding.UTF8.GetString(r.Json.Span))], batch.Position, batch.MovesFar, batch.Invalid, batch.DeadLetters, at)
            {
                Sweep = batch.Sweep,
            };
        }
    }

    /// <summary>Everything a read gives up to its end.</summary>
    public static List<ReadUnit> All(ManualTimeProvider clock, IAsyncEnumerable<ActivityBatch> batches) =>
        clock.Run(() => CollectAsync(clock, batches));

    /// <summary>What a read gives before it fails, and the failure.</summary>
    public static (List<ReadUnit> Units, T Error) UntilFailure<T>(ManualTimeProvider clock, IAsyncEnumerable<ActivityBatch> batches)
        where T : Exception => clock.Run(async () =>
    {
        var units = new List<ReadUnit>();
        var error = await Assert.ThrowsAsync<T>(async () => await CollectAsync(clock, batches, units));
        return (units, error);
    });

    private static async Task<List<ReadUnit>> CollectAsync(
        ManualTimeProvider clock, IAsyncEnumerable<ActivityBatch> batches, List<ReadUnit>? units = null)
    {
        units ??= [];
        await foreach (var batch in batches) units.Add(Of(batch, clock.GetUtcNow()));

        return units;
    }
}
