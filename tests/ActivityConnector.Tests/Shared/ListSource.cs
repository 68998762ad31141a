using System.Runtime.CompilerServices;
using System.Text;
using ActivityConnector.Pipeline;
using ActivityConnector.Transforms;

namespace ActivityConnector.Tests.Shared;

/// <summary>
/// A source over a list of records, read in windows by their time with an overlap, as the vendors are. The test changes the list and
/// the present; <see cref="Before"/> runs before every unit and may throw.
/// </summary>
public sealed class ListSource(TimeProvider time) : IActivitySource
{
    private readonly List<(string Id, long Time, string Json)> _records = [];
    private int _reads;

    public string Name => "plain";

    /// <summary>The account as the vendor names it.</summary>
    public string Account { get; set; } = "acct";

    public bool HasNewCredential { get; set; }

    public long Until { get; set; } = 1_000;

    public long Span { get; set; } = 100;

    public long Lookback { get; set; } = 60;

    /// <summary>Called before each unit is handed out.</summary>
    public Func<Task> Before { get; set; } = () => Task.CompletedTask;

    /// <summary>Called at the start of each read with its number, from 1.</summary>
    public Action<int> OnRead { get; set; } = _ => { };

    public List<string> Trace { get; } = [];

    /// <summary>The id of a record that is received and then lost: a defect.</summary>
    public string? Loses { get; set; }

    /// <summary>Where the first read starts, Unix seconds.</summary>
    public long From { get; set; }

    /// <summary>Called after the last unit of a read; may throw.</summary>
    public Action AtEnd { get; set; } = () => { };

    /// <summary>In how many units a sweep reads its range.</summary>
    public int SweepUnits { get; set; } = 1;

    public Action AfterSweepUnit { get; set; } = () => { };

    /// <summary>Sweeps that were begun, not those that went on.</summary>
    public int Sweeps { get; private set; }

    public int SweptUnits { get; private set; }

    public SweepRun? LastSweep { get; private set; }

    public void Add(string id, long at, int version = 1) =>
        _records.Add((id, at, $$"""{"id":"{{id}}","t":{{at}},"v":{{version}}}"""));

    /// <summary>Adds a record of a vendor.</summary>
    public void Add(string id, long at, string json) => _records.Add((id, at, json));

    /// <summary>Writes every record anew.</summary>
    public void Rewrite(Func<string, string> rewrite)
    {
        for (var i = 0; i < _records.Count; i++) _records[i] = _records[i] with { Json = rewrite(_records[i].Json) };
    }

    public void Replace(string id, int version)
    {
        var index = _records.FindIndex(r => r.Id == id);
        var at = _records[index].Time;
        _records.RemoveAt(index);
        Add(id, at, version);
    }

    public IReadOnlyList<string> Ids => [.. _records.Select(r => r.Id).Distinct()];

    public DateTimeOffset Present => time.GetUtcNow();

    public ValueTask<int> ProbeAsync(CancellationToken cancellationToken) => ValueTask.FromResult(_records.Count);

    public ValueTask<SourceIdentity> IdentifyAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult(new SourceIdentity { Account = Account });

    public async IAsyncEnumerable<ActivityBatch> ReadAsync(Checkpoint? from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        OnRead(++_reads);
        var start = from?.Window!.Watermark ?? From;
        var watermark = start;
        while (watermark < Until)
        {
            await Before();
            cancellationToken.ThrowIfCancellationRequested();
            var to = Math.Min(Until, watermark + Span);
            Trace.Add($"batch to {to}");
            yield return Unit(watermark - Lookback, to, At(to), needsCommit: to - start >= Span);
            watermark = to;
        }

        AtEnd();
    }

    public async IAsyncEnumerable<ActivityBatch> SweepAsync(Checkpoint current, SweepRun run, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Before();
        LastSweep = run;
        Sweeps += run.At is null ? 1 : 0;
        var width = Math.Max(1, (run.To - run.From) / SweepUnits);
        for (var at = run.At ?? run.From; at < run.To;)
        {
            var to = run.To - at < 2 * width ? run.To : at + width;
            SweptUnits++;
            yield return Unit(at, to, current.Position, needsCommit: false, run with { At = to });
            AfterSweepUnit();
            at = to;
        }
    }

    public IAsyncEnumerable<ActivityBatch> ReadRangeAsync(Checkpoint current, SweepRun run, Func<bool> canWait, CancellationToken cancellationToken) =>
        SweepAsync(current, run, cancellationToken);

    private ActivityBatch Unit(long after, long to, SourcePosition position, bool needsCommit, SweepRun? sweep = null)
    {
        var now = time.GetUtcNow();
        var received = _records.Where(r => r.Time > after && r.Time <= to).OrderBy(r => r.Time).ToList();
        var records = received.Where(r => r.Id != Loses).Select(r => new RawActivity(Encoding.UTF8.GetBytes(r.Json), now)).ToList();
        return new ActivityBatch(records, [])
        {
            Position = position,
            NeedsCommit = needsCommit,
            Sweep = sweep,
            Received = received.Count,
            Times = received.Count > 0
                ? (DateTimeOffset.FromUnixTimeSeconds(received[0].Time), DateTimeOffset.FromUnixTimeSeconds(received[^1].Time))
                : null,
        };
    }

    private WindowPosition At(long watermark) =>
        new() { Watermark = watermark, SpanSeconds = Span, LookbackSeconds = Lookback, SettleSeconds = 0, BackfillFrom = 0 };
}
