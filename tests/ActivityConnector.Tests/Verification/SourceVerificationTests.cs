using System.Runtime.CompilerServices;
using System.Text;
using ActivityConnector.Journals.Sqlite;
using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Journals;
using ActivityConnector.Tests.Shared;
using ActivityConnector.Transforms;
using ActivityConnector.Verification;

namespace ActivityConnector.Tests.Verification;

/// <summary>What a report says of events that are gone, have no time, or are not delivered yet. The journal is a file that the test harms.</summary>
public sealed class SourceVerificationTests : IDisposable
{
    private static readonly SourceKey Account = new("plain", "acct");

    private readonly SqliteFile _file = new();
    private readonly ListSource _source;
    private long _commits;

    public SourceVerificationTests() => _source = new ListSource(_file.Time);

    private DateTimeOffset Now => _file.Time.GetUtcNow();

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task An_old_event_that_was_brought_lately_and_is_gone_is_lost_where_the_journal_has_deleted_nothing()
    {
        await CommitAsync("first", age: 70, committed: 2);
        var lost = await CommitAsync("brought by a backfill", age: 60, committed: 1);
        _file.Execute("DELETE FROM event_block WHERE first_pos=2");

        var report = await VerifyAsync();

        Assert.Equal(VerificationOutcome.Different, report.Outcome);
        Assert.Equal([(DifferenceKind.EventLostInJournal, lost)], report.Differences.Select(d => (d.Kind, d.Id)));
        Assert.Empty(report.Explained);
    }

    [Fact]
    public async Task Old_events_that_are_gone_are_explained_by_retention_only_as_far_as_the_journal_shows_that()
    {
        await CommitAsync("deleted", age: 45, committed: 40);
        await CommitAsync("as old as the retention", age: 35, committed: 30);
        await CommitAsync("brought by a backfill", age: 60, committed: 10);
        await CommitAsync("brought by another", age: 50, committed: 5);
        await CommitAsync("last", age: 2, committed: 1);

        _file.Execute("DELETE FROM event_block WHERE first_pos=1");
        var report = await VerifyAsync();
        Assert.Equal(VerificationOutcome.Complete, report.Outcome);
        Assert.Equal(("deleted by retention", 1), Assert.Single(report.Explained.Select(e => (e.Name, e.Count))));
        Assert.Contains("It holds every event that was committed after 2026-10-22T21:00:00Z", report.Explained[0].Text, StringComparison.Ordinal);

        _file.Execute("DELETE FROM event_block WHERE first_pos=2");
        report = await VerifyAsync();
        Assert.Equal(VerificationOutcome.Complete, report.Outcome);
        Assert.Equal(("deleted by retention", 2), Assert.Single(report.Explained.Select(e => (e.Name, e.Count))));
        Assert.Contains("When they were committed is not known", report.Explained[0].Text, StringComparison.Ordinal);

        _file.Execute("DELETE FROM event_block WHERE first_pos=4");
        report = await VerifyAsync();
        Assert.Equal(VerificationOutcome.NotShown, report.Outcome);
        Assert.Equal(("deleted by retention", 3), Assert.Single(report.Explained.Select(e => (e.Name, e.Count))));
        Assert.Contains("When they were committed is not known", report.Explained[0].Text, StringComparison.Ordinal);
        Assert.StartsWith("1 event is gone from the middle", Assert.Single(report.NotShown), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_that_happened_after_the_last_one_that_was_deleted_is_lost_although_it_is_older_than_the_retention_is_long()
    {
        await CommitAsync("deleted", age: 60, committed: 60);
        await CommitAsync("kept, because a sink has not got it", age: 50, committed: 50);
        var lost = await CommitAsync("gone", age: 45, committed: 45);
        await CommitAsync("last", age: 2, committed: 1);
        _file.Execute("DELETE FROM event_block WHERE first_pos IN (1, 3)");

        var report = await VerifyAsync();

        Assert.Equal([(DifferenceKind.EventLostInJournal, lost)], report.Differences.Select(d => (d.Kind, d.Id)));
    }

    [Fact]
    public async Task An_event_without_a_time_is_found_wherever_it_was_received_and_named_when_it_is_gone()
    {
        await CommitAsync("dated", age: 2, committed: 2);
        var undated = await CommitAsync("undated", age: null, committed: 50);

        var report = await VerifyAsync(days: 10);
        Assert.Equal(VerificationOutcome.Complete, report.Outcome);
        Assert.Equal(1, Assert.Single(report.Days, day => day.Day is null).Journal);

        _file.Execute("DELETE FROM event_block WHERE first_pos=2");
        report = await VerifyAsync(days: 10);
        var lost = Assert.Single(report.Differences);
        Assert.Equal((DifferenceKind.EventLostInJournal, null), (lost.Kind, lost.Time));
        Assert.StartsWith(lost.Id, undated, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_without_a_time_is_missed_in_the_sink_or_counted_where_the_sink_cannot_be_asked_for_it()
    {
        using var sink = new ListedSink();
        var undated = await CommitAsync("undated", age: null, committed: 50);
        var dated = await CommitAsync("dated", age: 2, committed: 2);
        await DeliverAsync(sink, dated);

        var report = await VerifyAsync(sink, days: 10);
        Assert.Equal([(DifferenceKind.MissingInSink, undated)], report.Differences.Select(d => (d.Kind, d.Id)));

        _file.Execute("DELETE FROM event_block WHERE first_pos=1");
        report = await VerifyAsync(sink, days: 10);
        Assert.Empty(report.Differences);
        Assert.Contains(("deleted by retention", 1), report.Explained.Select(e => (e.Name, e.Count)));
        Assert.Contains(report.NotCovered, what => what.StartsWith("1 event without a time in list:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Events_that_wait_for_the_sink_are_neither_missing_there_nor_complete_until_they_are_delivered()
    {
        using var sink = new ListedSink();
        var delivered = await CommitAsync("delivered", age: 3, committed: 3);
        await DeliverAsync(sink, delivered);
        var waiting = await CommitAsync("waits", age: 2, committed: 2);

        var report = await VerifyAsync(sink);
        Assert.Equal(VerificationOutcome.NotShown, report.Outcome);
        Assert.Empty(report.Differences);
        Assert.Equal(("waiting", 1), Assert.Single(report.Explained.Select(e => (e.Name, e.Count))));
        Assert.StartsWith("1 event waits for list.", Assert.Single(report.NotShown), StringComparison.Ordinal);

        await DeliverAsync(sink, waiting);
        report = await VerifyAsync(sink);
        Assert.Equal(VerificationOutcome.Complete, report.Outcome);
        Assert.Empty(report.Explained);
    }

    [Fact]
    public async Task An_event_that_the_sink_acknowledged_and_does_not_have_is_missing_there()
    {
        using var sink = new ListedSink();
        var missing = await CommitAsync("missing", age: 3, committed: 3);
        await DeliverAsync(sink, missing);
        sink.Stored.Clear();

        var report = await VerifyAsync(sink);

        Assert.Equal([(DifferenceKind.MissingInSink, missing)], report.Differences.Select(d => (d.Kind, d.Id)));
    }

    [Fact]
    public async Task A_host_clock_that_cannot_be_right_is_named_and_nothing_is_compared()
    {
        await CommitAsync("known", age: 2, committed: 1);

        var report = await VerifyAsync(clock: new ManualTimeProvider(Now.AddDays(-2)));

        Assert.Equal(VerificationOutcome.NotShown, report.Outcome);
        Assert.StartsWith("This host's clock says 2026-11-19", Assert.Single(report.NotShown), StringComparison.Ordinal);
    }

    /// <summary>A record that the vendor shows, committed in a block of its own; ages are days.</summary>
    /// <param name="age">Null = it has no time, and the vendor does not show it again.</param>
    /// <returns>The id of its document.</returns>
    private async Task<string> CommitAsync(string id, int? age, int committed)
    {
        var json = age is { } days ? $$"""{"id":"{{id}}","t":{{Now.AddDays(-days).ToUnixTimeSeconds()}}}""" : $$"""{"id":"{{id}}"}""";
        if (age is not null) _source.Add(id, Now.AddDays(-age.Value).ToUnixTimeSeconds(), json);

        using var batch = new EventBatch();
        new PlainTransform().Transform(new RawActivity(Encoding.UTF8.GetBytes(json), Now.AddDays(-committed)), batch);
        await using var journal = await _file.OpenAsync(retention: TimeSpan.FromDays(3_000));
        await using var writer = await journal.OpenWriterAsync(Account, default);
        var checkpoint = Some.Checkpoint(++_commits, Account, watermark: Now) with { CommittedAt = Now.AddDays(-committed) };
        await writer.CommitAsync(new JournalCommit([.. batch.Events], [], checkpoint), default);
        return batch.Events.Single().Id;
    }

    /// <summary>The sink stores these, and acknowledges all that was committed.</summary>
    private async Task DeliverAsync(ListedSink sink, params string[] ids)
    {
        await using var journal = await _file.OpenAsync(retention: TimeSpan.FromDays(3_000));
        await using var reader = await journal.OpenReaderAsync(sink.Name, default);
        var last = default(JournalEvent);
        while (await reader.ReadAsync(100, default) is { Count: > 0 } some)
        {
            foreach (var e in some.Where(e => ids.Contains(e.Id))) sink.Stored[e.Id] = e.Time;

            last = some[^1];
        }

        await reader.AcknowledgeAsync(last!, default);
    }

    private async Task<SourceReport> VerifyAsync(ISinkView? sink = null, int days = 100, TimeProvider? clock = null)
    {
        await using var view = await SqliteJournalView.OpenAsync(_file.Path, default);
        return await new SourceVerification(new VerificationScope
        {
            Source = _source,
            Name = "plain",
            Transform = _ => new PlainTransform(),
            Journal = view,
            Sink = sink,
            Clock = clock ?? _file.Time,
            Overlap = TimeSpan.FromMinutes(15),
            Retention = TimeSpan.FromDays(30),
            From = Now.AddDays(-days),
        }).RunAsync(default);
    }

    private sealed class ListedSink : ISinkView
    {
        public string Name => "list";

        public Dictionary<string, DateTimeOffset> Stored { get; } = [];

        public async IAsyncEnumerable<StoredEvent> StoredAsync(
            string vendor, DateTimeOffset from, DateTimeOffset until, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.CompletedTask;
            foreach (var (id, time) in Stored.Where(s => s.Value >= from && s.Value < until)) yield return new StoredEvent(id, time);
        }

        public ValueTask<IReadOnlySet<string>> FindAsync(
            string vendor, IReadOnlyList<(string Id, DateTimeOffset Time)> events, CancellationToken cancellationToken) =>
            ValueTask.FromResult<IReadOnlySet<string>>(events.Select(e => e.Id).Where(Stored.ContainsKey).ToHashSet());

        public bool LeavesOut(DateTimeOffset time, DateTimeOffset present) => false;

        public void Dispose()
        {
        }
    }
}
