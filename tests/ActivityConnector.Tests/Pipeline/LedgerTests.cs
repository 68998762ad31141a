using ActivityConnector.Pipeline;
using ActivityConnector.Scheduling;
using ActivityConnector.Tests.Journals;
using ActivityConnector.Tests.Shared;
using ActivityConnector.Transforms;
using Microsoft.Extensions.Logging;

namespace ActivityConnector.Tests.Pipeline;

/// <summary>What was received is accounted for, and a defect that loses a record is told until the record was read again.</summary>
public sealed class LedgerTests : IAsyncLifetime
{
    private readonly ManualTimeProvider _time = new();
    private readonly CollectingLogger<Collector> _log = new();
    private readonly SimulatedJournal _journal = new(new SimulatedDisk(), CrashPlan.None);
    private readonly Forgetful _transform = new();
    private readonly ListSource _source;
    private readonly Collector _collector;

    public LedgerTests()
    {
        _source = new ListSource(_time) { From = _time.GetUtcNow().ToUnixTimeSeconds() - 1_000, Until = _time.GetUtcNow().ToUnixTimeSeconds() };
        _collector = new Collector(_source, _journal, _ => _transform, new CheckpointWriter("1.0.0", "test"), _time, _log);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _collector.DisposeAsync();
        await _journal.DisposeAsync();
    }

    [Fact]
    public async Task Everything_that_was_received_is_published_known_or_revised()
    {
        for (var i = 0; i < 100; i++) _source.Add($"r{i}", _source.From + 10 + (5 * i));

        await _collector.PollAsync(default);
        _source.Replace("r99", version: 2);
        await SweepAsync();

        var ledger = _collector.Checkpoint!.Ledger!;
        Assert.Equal((101, 0), (ledger.Published, ledger.Unaccounted));
        Assert.True(ledger.Known > 0);
        Assert.Equal(ledger.Received, ledger.Records);
        Assert.Equal(ledger.Events, ledger.Published + ledger.Known);
        Assert.Equal(ledger, _collector.Ledger);
    }

    [Theory]
    [InlineData("transform")]
    [InlineData("page")]
    public async Task A_record_that_a_defect_loses_is_an_error_once_and_unhealthy_until_a_sweep_has_read_it_again(string where)
    {
        _source.Add("a", _source.From + 10);
        _source.Add("b", _source.From + 20);
        _transform.Forgets = where == "transform" ? "a" : null;
        _source.Loses = where == "page" ? "a" : null;

        await _collector.PollAsync(default);
        Assert.Equal(1, State().Ledger!.Open);
        Assert.False(State().IsHealthy);
        Assert.Contains("It is not known what became of 1 of the records and events", State().Reason, StringComparison.Ordinal);
        _source.Until += 200;
        await _collector.PollAsync(default);
        var line = Assert.Single(_log.Lines, l => l.Text.Contains("ledger", StringComparison.Ordinal));
        Assert.Equal(LogLevel.Error, line.Level);

        // A sweep in which it is lost again makes nothing good.
        await SweepAsync();
        Assert.False(State().IsHealthy);

        (_transform.Forgets, _source.Loses) = (null, null);
        _time.Advance(TimeSpan.FromSeconds(1));
        await SweepAsync();
        Assert.True(State().IsHealthy);
        Assert.Equal(0, State().Ledger!.Open);
        Assert.Equal(2, _collector.Checkpoint!.Totals.Published);
        Assert.Contains(_log.Lines, l => l.Text.Contains("the ledger balances", StringComparison.Ordinal));
    }

    /// <summary>The sweep of the last days says nothing of a loss among records of a month ago.</summary>
    [Theory]
    [InlineData(RangeKind.Sweep)]
    [InlineData(RangeKind.Backfill)]
    public async Task What_was_lost_is_read_again_only_by_a_sweep_or_backfill_over_all_of_its_time(RangeKind kind)
    {
        var month = TimeSpan.FromDays(30);
        _source.From -= (long)month.TotalSeconds;
        _source.Add("a", _source.From + 10);
        _source.Add("b", _source.From + 20);
        _source.Add("later", _source.From + 200_000);
        (_source.Span, _source.Loses) = (100_000, "b");
        await _collector.PollAsync(default);
        _source.Loses = null;

        _time.Advance(TimeSpan.FromMinutes(1));
        await SweepAsync();
        Assert.Equal(1, State().Ledger!.Open);
        var (lost, fix) = (State().Ledger!.Lost!, State().Fix!);
        Assert.Equal((_source.From + 10, _source.From + 20), (lost.From.ToUnixTimeSeconds(), lost.To.ToUnixTimeSeconds()));
        Assert.Contains($"A sweep over all of {UtcText.Of(lost.From)}..{UtcText.Of(lost.To.AddSeconds(1))} reads them again", fix, StringComparison.Ordinal);

        await ReadRangeAsync(kind, lost.From.AddSeconds(1), lost.To.AddDays(1));
        await ReadRangeAsync(kind, lost.From.AddSeconds(-1), lost.To);
        Assert.False(State().IsHealthy);

        await ReadRangeAsync(kind, lost.From.AddSeconds(-1), lost.To.AddSeconds(1));
        Assert.True(State().IsHealthy);
        Assert.Equal(3, _collector.Checkpoint!.Totals.Published);
        Assert.Contains(_log.Lines, l => l.Text.Contains("the ledger balances", StringComparison.Ordinal));
    }

    private async Task ReadRangeAsync(RangeKind kind, DateTimeOffset from, DateTimeOffset to)
    {
        _time.Advance(TimeSpan.FromMinutes(1));
        var request = new RangeRequest(RangeRequest.NewId(), kind, from, to);
        var bounds = new RangeBounds(DateTimeOffset.UnixEpoch, _time.GetUtcNow(), TimeSpan.Zero);
        await _collector.ChangeAsync(checkpoint => request.AddTo(checkpoint, bounds).Checkpoint, (_, _) => [], default);
        await _collector.ReadRangesAsync(() => false, default);
    }

    private SourceState State() => SourceState.Of("plain", SourceCondition.UpToDate, _collector.Checkpoint, null, _time.GetUtcNow());

    private Task<PollResult> SweepAsync() => _collector.SweepAsync(TimeSpan.FromHours(1), TimeSpan.Zero, () => false, default);

    /// <summary>A transform with a defect.</summary>
    private sealed class Forgetful : IActivityTransform
    {
        private readonly PlainTransform _plain = new();

        public string? Forgets { get; set; }

        public bool HidesValues => false;

        public IReadOnlyList<ulong> BeforeGrowth(EcsEvent e) => [];

        public void Transform(in RawActivity activity, EventBatch output)
        {
            var forgotten = System.Text.Encoding.UTF8.GetBytes($"\"id\":\"{Forgets}\"");
            if (Forgets is null || activity.Json.Span.IndexOf(forgotten) < 0) _plain.Transform(activity, output);
        }
    }
}
