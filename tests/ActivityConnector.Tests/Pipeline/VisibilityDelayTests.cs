using System.Diagnostics.Metrics;
using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Journals;
using ActivityConnector.Tests.Shared;

namespace ActivityConnector.Tests.Pipeline;

/// <summary>How late a vendor shows its records is measured where it can be, and told before records are lost to it.</summary>
public sealed class VisibilityDelayTests : IAsyncLifetime
{
    private readonly ManualTimeProvider _time = new();
    private readonly CollectingLogger<Collector> _log = new();
    private readonly SimulatedJournal _journal = new(new SimulatedDisk(), CrashPlan.None);
    private readonly MeterListener _listener = new();
    private readonly List<double> _measured = [];
    private readonly ListSource _source;
    private readonly Collector _collector;

    public VisibilityDelayTests()
    {
        _source = new ListSource(_time) { From = Now - 10_000, Until = Now, Lookback = 900, Account = Guid.NewGuid().ToString("n") };
        _collector = new Collector(_source, _journal, _ => new PlainTransform(), new CheckpointWriter("1.0.0", "test"), _time, _log)
        {
            Overlap = TimeSpan.FromMinutes(15),
            OverlapOption = "Sources:Plain:Lookback",
        };
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "activity_connector.source.visibility_delay") listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<double>((_, value, tags, _) =>
        {
            if (tags[0].Value as string == _source.Name) _measured.Add(value);
        });
        _listener.Start();
    }

    private long Now => _time.GetUtcNow().ToUnixTimeSeconds();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        _listener.Dispose();
        await _collector.DisposeAsync();
        await _journal.DisposeAsync();
    }

    [Fact]
    public async Task Only_what_a_poll_finds_soon_after_another_is_measured()
    {
        _source.Add("history", Now - 5_000);
        await PollAfterAsync(TimeSpan.Zero);
        Assert.Empty(_measured);

        _source.Add("live", Now - 100);
        await PollAfterAsync(TimeSpan.FromSeconds(30));
        Assert.Equal([130], _measured);

        // After an hour in which nothing was read.
        _source.Add("outage", Now + 60);
        await PollAfterAsync(TimeSpan.FromHours(1));
        Assert.Equal([130], _measured);

        // A poll that does not come to its end is no start for the next one.
        _source.AtEnd = () => throw new SourceUnavailableException("The vendor cannot be reached.", "Look at the network.");
        await Assert.ThrowsAsync<SourceUnavailableException>(() => PollAfterAsync(TimeSpan.FromSeconds(30)));
        _source.AtEnd = () => { };
        _source.Add("after", Now - 10);
        await PollAfterAsync(TimeSpan.FromSeconds(30));
        Assert.Equal([130], _measured);

        // What only a sweep finds is late, and counted as that.
        _source.Add("late", Now - 3_000);
        await _collector.SweepAsync(TimeSpan.FromHours(2), TimeSpan.FromMinutes(15), () => false, default);
        Assert.Equal((1, 1), (_measured.Count, _collector.Result.Counts.Late));
    }

    [Fact]
    public async Task A_delay_that_comes_near_the_overlap_is_told_with_the_option_to_raise_and_once_an_hour()
    {
        await PollAfterAsync(TimeSpan.Zero);
        for (var minute = 0; minute < 90; minute++)
        {
            _source.Add($"r{minute}", Now - 690);
            await PollAfterAsync(TimeSpan.FromMinutes(1));
        }

        var lines = _log.Lines.Where(l => l.Text.Contains("became visible", StringComparison.Ordinal)).ToList();
        Assert.Equal(2, lines.Count);
        Assert.Contains("Raise Sources:Plain:Lookback", lines[0].Text, StringComparison.Ordinal);
        Assert.Contains("00:12:30", lines[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_vendor_that_shows_its_records_in_time_makes_no_warning()
    {
        await PollAfterAsync(TimeSpan.Zero);
        for (var i = 0; i < 30; i++)
        {
            _source.Add($"r{i}", Now - 60);
            await PollAfterAsync(TimeSpan.FromSeconds(30));
        }

        Assert.Equal(30, _measured.Count);
        Assert.DoesNotContain(_log.Lines, l => l.Text.Contains("became visible", StringComparison.Ordinal));
    }

    private Task<PollResult> PollAfterAsync(TimeSpan wait)
    {
        _time.Advance(wait);
        _source.Until = Now;
        return _collector.PollAsync(default);
    }
}
