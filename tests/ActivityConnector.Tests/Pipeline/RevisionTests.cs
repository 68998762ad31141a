using System.Text.Json;
using ActivityConnector.Journals.Sqlite;
using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Shared;
using ActivityConnector.Tests.Transforms;
using ActivityConnector.Transforms.Intercom;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActivityConnector.Tests.Pipeline;

/// <summary>Records of Intercom that are read again in another form, over a real journal.</summary>
public sealed class RevisionTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly ManualTimeProvider _time = new();
    private readonly ListSource _source;
    private SqliteJournal _journal = null!;
    private Collector _collector = null!;

    public RevisionTests() => _source = new ListSource(_time);

    public async Task InitializeAsync()
    {
        _journal = await SqliteJournal.OpenAsync(
            new JournalOptions { Path = _folder.File("journal.db") }, _time, NullLogger<SqliteJournal>.Instance, CancellationToken.None);
        _collector = new(
            _source, _journal, _ => new IntercomTransform(Mapped.IntercomTable, Mapped.IntercomSettings), new CheckpointWriter("1.0.0", "test"), _time,
            NullLogger<Collector>.Instance);
        for (var i = 0; i < 20; i++) _source.Add($"r{i}", 950 + i, Record(i));

        Assert.Equal(20, (await _collector.PollAsync(CancellationToken.None)).Counts.Published);
    }

    public async Task DisposeAsync()
    {
        await _collector.DisposeAsync();
        await _journal.DisposeAsync();
        _folder.Dispose();
    }

    public static TheoryData<string, string> OtherForms => new()
    {
        {
            "reordered",
            """{"activity_type":"app_name_change","performed_by":{"id":"1","type":"admin"},"activity_description":"d","id":"ID","created_at":TIME}"""
        },
        {
            "nulls",
            """{"id":"ID","created_at":TIME,"via":null,"activity_type":"app_name_change","performed_by":{"type":"admin","id":"1","role":null}"""
            + ""","activity_description":"d"}"""
        },
        {
            "white space, escapes, numbers",
            """{ "id": "ID", "created_at": TIME.0, "activity_type": "app\u005fname_change", "performed_by": {"type":"admin","id":"1"}"""
            + """, "activity_description":"d" }"""
        },
    };

    [Theory, MemberData(nameof(OtherForms))]
    public async Task A_serializer_that_writes_the_same_content_in_another_way_publishes_nothing_and_nothing_is_late(string what, string form)
    {
        _source.Rewrite(json => form.Replace("ID", IdOf(json), StringComparison.Ordinal).Replace("TIME", TimeOf(json), StringComparison.Ordinal));

        var (poll, sweep) = await ReadAgainAsync();

        Assert.Equal((what, 0, 20, 0), (what, poll.Counts.Published, poll.Counts.Known, poll.Counts.Grown + poll.Counts.Revised));
        Assert.Equal((what, 0, 20, 0), (what, sweep.Counts.Published, sweep.Counts.Known, sweep.Counts.Grown + sweep.Counts.Revised + sweep.Counts.Late));
    }

    [Theory]
    [InlineData("\"activity_description\"", "\"region\":\"eu\",\"activity_description\"")]
    [InlineData("\"type\":\"admin\"", "\"type\":\"admin\",\"role\":{\"name\":\"owner\",\"seats\":[1,2]}")]
    public async Task A_new_field_in_every_record_is_counted_as_grown_and_publishes_nothing(string where, string with)
    {
        _source.Rewrite(json => json.Replace(where, with, StringComparison.Ordinal));

        var (poll, sweep) = await ReadAgainAsync();

        Assert.Equal((0, 0, 20, 0), (poll.Counts.Published, poll.Counts.Known, poll.Counts.Grown, poll.Counts.Revised));
        Assert.Equal((0, 0, 20, 0, 0), (sweep.Counts.Published, sweep.Counts.Known, sweep.Counts.Grown, sweep.Counts.Revised, sweep.Counts.Late));
    }

    [Fact]
    public async Task What_has_grown_is_in_the_totals_of_the_next_commit()
    {
        _source.Rewrite(json => json.Replace("\"type\"", "\"role\":1,\"type\"", StringComparison.Ordinal));
        _source.Until += 10;
        _source.Add("new", 1_005, Record(1_000));

        var result = await _collector.PollAsync(CancellationToken.None);

        Assert.Equal((1, 20), (result.Counts.Published, result.Counts.Grown));
        Assert.Equal(20, _collector.Checkpoint!.Totals.Grown);
    }

    [Fact]
    public async Task A_changed_value_is_one_revision_however_often_and_in_whatever_order_it_is_read_and_the_sweep_does_not_call_it_late()
    {
        _source.Rewrite(json => IdOf(json) == "r3" ? json.Replace("\"d\"", "\"other\"", StringComparison.Ordinal) : json);
        _source.Add("late", 945, Record(-5));
        var sweep = await _collector.SweepAsync(
            _time.GetUtcNow() - DateTimeOffset.UnixEpoch,
            _time.GetUtcNow() - DateTimeOffset.FromUnixTimeSeconds(990),
            () => false,
            CancellationToken.None);

        _source.Rewrite(json => json.Replace(",\"activity_description\":\"other\"", "", StringComparison.Ordinal) is var rest && rest != json
            ? "{\"activity_description\":\"other\"," + rest[1..]
            : json);
        var (poll, again) = await ReadAgainAsync();

        Assert.Equal((2, 1, 1), (sweep.Counts.Published, sweep.Counts.Revised, sweep.Counts.Late));
        Assert.Equal(1, _collector.Checkpoint!.Sweep.LateTotal);
        Assert.Equal((0, 0), (poll.Counts.Published, again.Counts.Published));
    }

    [Fact]
    public async Task A_removed_value_is_a_revision()
    {
        _source.Rewrite(json => json.Replace(",\"activity_description\":\"d\"", "", StringComparison.Ordinal));

        var (poll, sweep) = await ReadAgainAsync();

        Assert.Equal((20, 20, 0), (poll.Counts.Published, poll.Counts.Revised, poll.Counts.Grown));
        Assert.Equal(0, sweep.Counts.Published);
    }

    [Fact]
    public async Task A_content_of_0_in_the_journal_is_not_compared()
    {
        var transform = new IntercomTransform(Mapped.IntercomTable, Mapped.IntercomSettings);
        using var batch = new PreparedBatch(transform, () => int.MaxValue, _time);
        using var records = await Records(_source);

        await batch.PrepareAsync(new OldWriter(), records, _time.GetUtcNow(), CancellationToken.None);

        Assert.Equal(new CollectedCounts { Known = 20 }, batch.Counts);
        Assert.Empty(batch.Events);
    }

    private static async Task<ActivityBatch> Records(ListSource source) =>
        await source.SweepAsync(new Checkpoint
        {
            Source = new SourceKey("plain", "acct"),
            Sequence = 1,
            CommittedAt = DateTimeOffset.UnixEpoch,
            Writer = new CheckpointWriter("1", "test"),
            Window = new WindowPosition { Watermark = 0, SpanSeconds = 1, LookbackSeconds = 0, SettleSeconds = 0, BackfillFrom = 0 },
        }, new SweepRun { From = 0, To = 2_000 }, CancellationToken.None).SingleAsync();

    private static string Record(int number) =>
        $$"""{"id":"r{{number}}","performed_by":{"type":"admin","id":"1"},"created_at":{{950 + number}}"""
        + ""","activity_type":"app_name_change","activity_description":"d"}""";

    private static string IdOf(string json) => JsonDocument.Parse(json).RootElement.GetProperty("id").GetString()!;

    private static string TimeOf(string json) => JsonDocument.Parse(json).RootElement.GetProperty("created_at").GetRawText();

    /// <summary>By the overlap of a poll, and by a sweep.</summary>
    private async Task<(PollResult Poll, PollResult Sweep)> ReadAgainAsync()
    {
        _source.Until += 5;
        var poll = await _collector.PollAsync(CancellationToken.None);
        var sweep = await _collector.SweepAsync(
            _time.GetUtcNow() - DateTimeOffset.UnixEpoch,
            _time.GetUtcNow() - DateTimeOffset.FromUnixTimeSeconds(2_000),
            () => false,
            CancellationToken.None);
        return (poll, sweep);
    }

    /// <summary>Knows every event, from a time before contents were compared.</summary>
    private sealed class OldWriter : IJournalWriter
    {
        public SourceKey Source { get; } = new("intercom", "xyz789");

        public Checkpoint? Checkpoint => null;

        public bool WasReset => false;

        public ValueTask<IReadOnlyList<KnownEvent?>> FindAsync(IReadOnlyList<EventKey> keys, CancellationToken cancellationToken) =>
            ValueTask.FromResult<IReadOnlyList<KnownEvent?>>([.. keys.Select(_ => (KnownEvent?)default(KnownEvent))]);

        public ValueTask CommitAsync(JournalCommit commit, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
