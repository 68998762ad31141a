using System.Text.Json;
using ActivityConnector.Journals.Sqlite;
using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Shared;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActivityConnector.Tests.Pipeline;

/// <summary>The collector over a real journal.</summary>
public sealed class CollectorTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly ManualTimeProvider _time = new();
    private readonly ListSource _source;
    private SqliteJournal _journal = null!;
    private Collector _collector = null!;

    public CollectorTests() => _source = new ListSource(_time);

    public async Task InitializeAsync()
    {
        _journal = await OpenAsync();
        _collector = Collector();
    }

    public async Task DisposeAsync()
    {
        await _collector.DisposeAsync();
        await _journal.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Every_record_is_committed_once_although_each_unit_reads_an_overlap_again()
    {
        for (var i = 0; i < 500; i++) _source.Add($"r{i}", i * 2);

        var result = await _collector.PollAsync(CancellationToken.None);

        Assert.Equal(500, result.Counts.Published);
        Assert.True(result.Counts.Known > 0, "the overlap was read again");
        Assert.Equal(_source.Ids, await EventIdsAsync());
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("a\nb")]
    [InlineData("..")]
    [InlineData("")]
    [InlineData("äöü")]
    public async Task A_source_whose_account_has_a_name_that_keys_cannot_hold_is_refused_in_words_each_time(string account)
    {
        _source.Account = account;
        _source.Add("a", 10);

        for (var time = 0; time < 2; time++)
        {
            var refused = await Assert.ThrowsAsync<SourceRefusedException>(() => _collector.PollAsync(CancellationToken.None));
            Assert.Contains("cannot be the name of an account", refused.Message, StringComparison.Ordinal);
        }

        Assert.Empty(await EventIdsAsync());
    }

    [Fact]
    public async Task The_checkpoint_keeps_no_more_of_an_id_than_it_can_hold()
    {
        _source.Add(new string('x', 255) + "💥" + new string('y', 300_000), 10);

        await _collector.PollAsync(CancellationToken.None);

        Assert.Equal(new string('x', 255), _collector.Checkpoint!.Last!.EventId);
    }

    [Fact]
    public async Task The_checkpoint_says_what_was_done()
    {
        _source.Add("a", 10);
        _source.Add("b", 20);

        await _collector.PollAsync(CancellationToken.None);

        var checkpoint = _collector.Checkpoint!;
        Assert.Equal(1_000, checkpoint.Window!.Watermark);
        Assert.Equal(10, checkpoint.Sequence);
        Assert.Equal(2, checkpoint.Totals.Published);
        Assert.Equal("b", checkpoint.Last!.EventId);
        Assert.Equal(new SourceKey("plain", "acct"), checkpoint.Source);
    }

    [Fact]
    public async Task A_poll_of_an_idle_source_commits_nothing()
    {
        _source.Add("a", 10);
        await _collector.PollAsync(CancellationToken.None);
        var before = _collector.Checkpoint!.Sequence;

        _source.Until += 30;
        var result = await _collector.PollAsync(CancellationToken.None);

        Assert.Equal(0, result.Commits);
        Assert.Equal(before, _collector.Checkpoint!.Sequence);
    }

    [Fact]
    public async Task A_unit_that_moves_far_is_committed_even_when_it_is_empty()
    {
        _source.Until = 5_000;

        var result = await _collector.PollAsync(CancellationToken.None);

        Assert.Equal(50, result.Commits);
        Assert.Equal(5_000, _collector.Checkpoint!.Window!.Watermark);
    }

    [Fact]
    [Trait("EdgeCase", "49")]
    public async Task A_new_process_goes_on_from_the_committed_checkpoint()
    {
        for (var i = 0; i < 100; i++) _source.Add($"r{i}", i * 10);

        var batches = 0;
        _source.Before = () => ++batches == 5 ? throw new IOException("the network is gone") : Task.CompletedTask;
        await Assert.ThrowsAsync<IOException>(() => _collector.PollAsync(CancellationToken.None));
        await _collector.DisposeAsync();
        await _journal.DisposeAsync();
        _journal = await OpenAsync();
        _collector = Collector();

        await _collector.PollAsync(CancellationToken.None);

        Assert.Equal(_source.Ids, await EventIdsAsync());
        Assert.Equal(["batch to 400", "batch to 500"], _source.Trace[3..5]);
    }

    [Fact]
    public async Task After_any_failure_the_checkpoint_is_read_back_from_the_journal()
    {
        _source.Add("a", 10);
        await _collector.PollAsync(CancellationToken.None);
        _source.Before = () => throw new IOException("the network is gone");
        _source.Until += 100;
        await Assert.ThrowsAsync<IOException>(() => _collector.PollAsync(CancellationToken.None));
        await using var other = await _journal.OpenWriterAsync(new SourceKey("plain", "acct"), CancellationToken.None);
        await other.CommitAsync(new JournalCommit([], [], other.Checkpoint! with { Sequence = other.Checkpoint.Sequence + 1 }), CancellationToken.None);
        _source.Before = () => Task.CompletedTask;
        _source.Add("b", 1_050);

        await _collector.PollAsync(CancellationToken.None);

        Assert.Equal(["a", "b"], await EventIdsAsync());
        Assert.Equal(other.Checkpoint!.Sequence + 1, _collector.Checkpoint!.Sequence);
    }

    [Fact]
    [Trait("EdgeCase", "35")]
    public async Task A_record_whose_content_changed_is_a_second_event_tagged_revised_with_an_id_of_its_own()
    {
        _source.Add("a", 990);
        await _collector.PollAsync(CancellationToken.None);
        _source.Replace("a", version: 2);
        _source.Until += 30;

        var second = await _collector.PollAsync(CancellationToken.None);
        var third = await _collector.PollAsync(CancellationToken.None);

        Assert.Equal(1, second.Counts.Revised);
        Assert.Equal(0, third.Counts.Published);
        var events = await EventsAsync();
        Assert.Equal(2, events.Count);
        Assert.Equal(2, events.Select(e => e.Id).Distinct().Count());
        Assert.Equal(["a", "a"], events.Select(EventId));
        Assert.Contains("revised", JsonDocument.Parse(events[1].Json).RootElement.GetProperty("tags").EnumerateArray().Select(t => t.GetString()));
        Assert.Equal(1, _collector.Checkpoint!.Totals.Revised);
    }

    [Fact]
    public async Task Two_versions_of_one_record_in_one_unit_are_two_events()
    {
        _source.Add("a", 10, version: 1);
        _source.Add("a", 10, version: 2);
        _source.Add("a", 10, version: 2);

        var result = await _collector.PollAsync(CancellationToken.None);

        Assert.Equal(2, result.Counts.Published);
        Assert.Equal(1, result.Counts.Revised);
    }

    [Fact]
    [Trait("EdgeCase", "32")]
    public async Task A_record_that_appears_behind_the_overlap_is_found_by_the_sweep_and_counted_late()
    {
        for (var i = 0; i < 10; i++) _source.Add($"r{i}", i * 100);

        await _collector.PollAsync(CancellationToken.None);
        _source.Add("late", 150);
        _source.Until += 30;
        Assert.Equal(0, (await _collector.PollAsync(CancellationToken.None)).Counts.Published);

        var sweep = await _collector.SweepAsync(
            _time.GetUtcNow() - DateTimeOffset.UnixEpoch,
            _time.GetUtcNow() - DateTimeOffset.FromUnixTimeSeconds(900),
            () => false,
            CancellationToken.None);

        Assert.Equal(1, sweep.Counts.Late);
        Assert.Equal(1, _collector.Checkpoint!.Sweep.LateTotal);
        Assert.Equal(900, _collector.Checkpoint.Sweep.CompletedTo);
        Assert.Equal(1_000, _collector.Checkpoint.Window!.Watermark);
        Assert.Contains("late", await EventIdsAsync());
    }

    [Fact]
    [Trait("EdgeCase", "32")]
    public async Task A_record_that_becomes_visible_within_the_overlap_while_a_sweep_runs_is_left_to_the_next_poll()
    {
        var now = _time.GetUtcNow().ToUnixTimeSeconds();
        (_source.From, _source.Until, _source.Span, _source.Lookback) = (now - 7_200, now, 7_200, 900);
        _source.Add("old", now - 3_600);
        await _collector.PollAsync(CancellationToken.None);
        _source.Before = () =>
        {
            _source.Add("late", now - 900);
            _source.Add("fresh", now - 899);
            return Task.CompletedTask;
        };

        var sweep = await _collector.SweepAsync(TimeSpan.FromDays(2), TimeSpan.FromMinutes(15), () => false, CancellationToken.None);
        _source.Before = () => Task.CompletedTask;
        _source.Until = now + 30;
        var poll = await _collector.PollAsync(CancellationToken.None);

        Assert.Equal((1, 1), (sweep.Counts.Published, sweep.Counts.Late));
        Assert.Equal((1, 0), (poll.Counts.Published, poll.Counts.Late));
        Assert.Equal(["old", "late", "fresh"], await EventIdsAsync());
    }

    [Fact]
    public async Task A_sweep_before_the_first_poll_does_nothing()
    {
        var sweep = await _collector.SweepAsync(TimeSpan.FromDays(7), TimeSpan.Zero, () => false, CancellationToken.None);

        Assert.Equal(PollResult.None, sweep);
        Assert.Null(_collector.Checkpoint);
    }

    [Fact]
    public async Task An_event_too_large_for_the_journal_becomes_a_dead_letter_once_and_the_unit_goes_on()
    {
        _source.Add("before", 980);
        _source.Add(new string('x', _journal.MaxEventBytes), 985);
        _source.Add("after", 990);

        await _collector.PollAsync(CancellationToken.None);
        var again = await _collector.PollAsync(CancellationToken.None);

        Assert.Equal(["before", "after"], await EventIdsAsync());
        await using var view = await SqliteJournalView.OpenAsync(_folder.File("journal.db"), CancellationToken.None);
        var letter = Assert.Single(await view.DeadLettersAsync(CancellationToken.None).ToListAsync());
        Assert.Equal(DeadLetterStage.Size, letter.Stage);
        Assert.Equal(DeadLetter.MaxBodyBytes, letter.Body.Length);
        Assert.Equal(0, again.Counts.DeadLetters);
        Assert.Equal(0, again.Commits);
    }

    [Fact]
    [Trait("EdgeCase", "51")]
    public async Task A_second_collector_of_the_same_source_takes_over_and_the_first_commits_nothing_more()
    {
        _source.Add("a", 10);
        await _collector.PollAsync(CancellationToken.None);
        await using var second = Collector();
        await second.PollAsync(CancellationToken.None);
        _source.Add("b", 1_010);
        _source.Until += 100;

        await Assert.ThrowsAsync<JournalFencedException>(() => _collector.PollAsync(CancellationToken.None));
        Assert.Equal(["a"], await EventIdsAsync());

        await second.PollAsync(CancellationToken.None);
        Assert.Equal(["a", "b"], await EventIdsAsync());
    }

    private async ValueTask<SqliteJournal> OpenAsync() => await SqliteJournal.OpenAsync(
        new JournalOptions { Path = _folder.File("journal.db") }, _time, NullLogger<SqliteJournal>.Instance, CancellationToken.None);

    private Collector Collector() => new(
        _source, _journal, _ => new PlainTransform(), new CheckpointWriter("1.0.0", "test"), _time, NullLogger<Collector>.Instance);

    private async Task<List<string>> EventIdsAsync() => [.. (await EventsAsync()).Select(EventId)];

    private async Task<IReadOnlyList<JournalEvent>> EventsAsync()
    {
        await using var reader = await _journal.OpenReaderAsync("test", CancellationToken.None);
        return await reader.ReadAsync(100_000, CancellationToken.None);
    }

    private static string EventId(JournalEvent e) => JsonDocument.Parse(e.Json).RootElement.GetProperty("event.id").GetString()!;
}
