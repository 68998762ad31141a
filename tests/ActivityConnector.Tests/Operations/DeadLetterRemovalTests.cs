using System.Text.Json;
using ActivityConnector.Journals.Sqlite;
using ActivityConnector.Operations;
using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Journals;
using ActivityConnector.Tests.Shared;
using ActivityConnector.Transforms;

namespace ActivityConnector.Tests.Operations;

/// <summary>Dead letters are discarded and sent again: each that goes is named by an audit event, whatever happens in between.</summary>
public sealed class DeadLetterRemovalTests : IAsyncLifetime
{
    private static readonly OperatorAudit Audit =
        new("ada", null, new AgentIdentity("5b0c1c1e-9a53-4d0b-8d47-0f1f3f7b1a11", "host", "0.1.0", "5b0c1c1e-9a53-4d0b-8d47-0f1f3f7b1a12"), Some.Start);

    private readonly SqliteFile _file = new();
    private SqliteJournal _journal = null!;
    private SqliteJournalView _view = null!;

    public async Task InitializeAsync()
    {
        _journal = await _file.OpenAsync();
        _view = await SqliteJournalView.OpenAsync(_file.Path, default);
        foreach (var source in (SourceKey[])[Some.Intercom, new("intercom", "def")])
        {
            await using var writer = await _journal.OpenWriterAsync(source, default);
            await writer.CommitAsync(Some.Commit(1, [], source), default);
        }
    }

    public async Task DisposeAsync()
    {
        await _view.DisposeAsync();
        await _journal.DisposeAsync();
        _file.Dispose();
    }

    [Fact]
    public async Task What_comes_in_while_all_are_discarded_stays()
    {
        await KeepAsync(Some.DeadLetter(1), Some.DeadLetter(2));
        var removal = new DeadLetterRemoval(_view, _journal, Audit.Discarded)
        {
            TellHereAsync = async (_, _, _) =>
            {
                await KeepAsync(Some.DeadLetter(3));
                return false;
            },
        };

        Assert.Equal(2, await DeadLetterDiscard.RunAsync(null, _view, removal, default));

        Assert.Equal([Some.DeadLetter(3).Id], await OpenAsync());
        var told = Assert.Single(await ToldAsync());
        Assert.Equal([Some.DeadLetter(2).Id, Some.DeadLetter(1).Id], told.Ids);
    }

    [Fact]
    public async Task Each_is_told_of_in_the_stream_of_its_own_account_and_a_part_of_a_page_in_one_of_its_vendor()
    {
        await KeepAsync(
            Some.DeadLetter(1) with { Origin = "intercom/def" },
            Some.DeadLetter(2) with { Origin = "intercom/other" },
            Some.DeadLetter(3) with { Origin = "intercom /admins/activity_logs" },
            Some.DeadLetter(4) with { Origin = "sequence /activity-logs" });

        Assert.Equal(4, await DeadLetterDiscard.RunAsync(null, _view, new(_view, _journal, Audit.Discarded), default));

        Assert.Equal(
            [(Some.Intercom, Some.DeadLetter(3).Id), (new SourceKey("intercom", "def"), Some.DeadLetter(1).Id)],
            (await ToldAsync()).Select(told => (told.Source, Assert.Single(told.Ids))).OrderBy(told => told.Source.Account, StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_caller_that_goes_away_after_it_was_told_leaves_no_letter_behind()
    {
        await KeepAsync(Some.DeadLetter(1));
        using var caller = new CancellationTokenSource();
        var removal = new DeadLetterRemoval(_view, _journal, Audit.Discarded)
        {
            TellHereAsync = async (_, _, _) =>
            {
                await caller.CancelAsync();
                return true;
            },
        };

        Assert.Equal(1, await DeadLetterDiscard.RunAsync(null, _view, removal, caller.Token));
        Assert.Empty(await OpenAsync());
    }

    [Fact]
    public async Task What_a_sink_took_before_it_failed_is_told_of_and_gone_and_the_rest_stays()
    {
        await KeepAsync([.. Enumerable.Range(0, 5).Select(number => Refused(number))]);
        await using var sink = new CountingSink { BatchSize = 2, FailsAt = 2 };
        var replay = new DeadLetterReplay(_view, new(_view, _journal, Audit.Replayed), sink);

        await Assert.ThrowsAsync<SinkUnavailableException>(() => replay.AllAsync(default));

        Assert.Equal(3, (await OpenAsync()).Count);
        Assert.Equal(2, Assert.Single(await ToldAsync()).Ids.Count);
        Assert.Equal((2, 5), (replay.Results.Count, replay.Total));

        Assert.Equal(3, (await new DeadLetterReplay(_view, new(_view, _journal, Audit.Replayed), sink).AllAsync(default)).Count);
        Assert.Empty(await OpenAsync());
    }

    [Fact]
    public async Task What_cannot_be_told_of_stays()
    {
        await KeepAsync(Refused(1), Refused(2));
        await using var sink = new CountingSink();
        var removal = new DeadLetterRemoval(_view, _journal, Audit.Replayed)
        {
            TellHereAsync = (_, _, _) => throw new JournalStandbyException("Another instance collects it.", "Ask that one."),
        };

        await Assert.ThrowsAsync<JournalStandbyException>(() => new DeadLetterReplay(_view, removal, sink).AllAsync(default));

        Assert.Equal(2, (await OpenAsync()).Count);
    }

    [Fact]
    public async Task Many_large_ones_are_not_sent_all_at_once()
    {
        await KeepAsync([.. Enumerable.Range(0, 200).Select(number => Refused(number, bytes: 60_000))]);
        await using var sink = new CountingSink();

        await new DeadLetterReplay(_view, new(_view, _journal, Audit.Replayed), sink).AllAsync(default);

        Assert.Equal(200, sink.Writes.Sum(write => write.Events));
        Assert.All(sink.Writes, write => Assert.InRange(write.Bytes, 1, 8 * 1024 * 1024));
        Assert.Empty(await OpenAsync());
    }

    private static DeadLetter Refused(int number, int bytes = 0)
    {
        var e = Some.Event(number, bytes: bytes);
        return DeadLetter.OfEvent(DeadLetterStage.Index, e.Id, Some.Intercom, e.Json, "document_parsing_exception", Some.Start);
    }

    private async Task KeepAsync(params DeadLetter[] letters) => await _journal.KeepDeadLettersAsync(letters, default);

    private async Task<List<string>> OpenAsync() => await _view.DeadLettersAsync(default).Select(letter => letter.Id).ToListAsync();

    /// <summary>The audit events of the journal: in whose stream each is, and the letters that it names.</summary>
    private async Task<List<(SourceKey Source, IReadOnlyList<string> Ids)>> ToldAsync() =>
        await _view.EventsAsync(new EventFilter(), follow: null, default).Select(e => (e.Source, (IReadOnlyList<string>)IdsOf(e))).ToListAsync();

    private static string[] IdsOf(JournalEvent e)
    {
        using var json = JsonDocument.Parse(e.Json);
        return json.RootElement.GetProperty("activity_connector.change.before").GetString()!.Split(", ");
    }

    private sealed class CountingSink : IEventSink
    {
        public string Name => "counting";

        public int BatchSize { get; init; } = 1_000;

        /// <summary>The number of the write that fails; 0 = none.</summary>
        public int FailsAt { get; init; }

        public List<(int Events, long Bytes)> Writes { get; } = [];

        public ValueTask PrepareAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public ValueTask<SinkResult> WriteAsync(IReadOnlyList<JournalEvent> events, CancellationToken cancellationToken)
        {
            Writes.Add((events.Count, events.Sum(e => e.Json.Length)));
            return Writes.Count == FailsAt
                ? throw new SinkUnavailableException("It is down.", "Start it.")
                : ValueTask.FromResult(new SinkResult(events.Count, 0, 0, []));
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
