using System.Globalization;
using ActivityConnector.Journals.Sqlite;
using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Shared;

namespace ActivityConnector.Tests.Journals;

/// <summary>Events are stored in compressed blocks, and nobody outside notices.</summary>
public sealed class SqliteBlockTests : IDisposable
{
    private readonly SqliteFile _file = new();

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task Similar_events_of_one_commit_share_a_block_and_take_little_room()
    {
        await using var journal = await _file.OpenAsync();
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        await writer.CommitAsync(Some.Commit(1, Some.Events(0, 250, bytes: 2_000)), default);
        await writer.CommitAsync(Some.Commit(2, Some.Events(250, 3)), default);

        Assert.Equal(3, _file.Number("SELECT count(*) FROM event_block"));
        Assert.InRange(_file.Number("SELECT sum(length(body)) FROM event_block"), 253 * 32, 253 * 200);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100)]
    public async Task A_block_is_read_in_parts_without_a_gap_or_a_repetition(int maxEvents)
    {
        await using var journal = await _file.OpenAsync();
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        var events = Some.Events(0, 300, bytes: 2_000);
        await writer.CommitAsync(Some.Commit(1, events), default);
        await using var reader = await journal.OpenReaderAsync("elasticsearch", default);

        var read = new List<JournalEvent>();
        while (await reader.ReadAsync(maxEvents, default) is { Count: > 0 } part)
        {
            Assert.InRange(part.Count, 1, maxEvents);
            read.AddRange(part);
        }

        Assert.Equal(events.Select(e => e.Id), read.Select(e => e.Id));
        Assert.Equal(events.Select(e => e.TraceId), read.Select(e => e.TraceId));
        Assert.All(events.Zip(read), pair => Assert.True(pair.First.Json.Span.SequenceEqual(pair.Second.Json.Span)));
    }

    [Fact]
    public async Task A_reader_reopened_in_the_middle_of_a_block_goes_on_there()
    {
        await using (var journal = await _file.OpenAsync())
        {
            await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
            await writer.CommitAsync(Some.Commit(1, Some.Events(0, 10)), default);
            await using var reader = await journal.OpenReaderAsync("elasticsearch", default);
            await reader.AcknowledgeAsync((await reader.ReadAsync(4, default))[^1], default);
        }

        await using var reopened = await _file.OpenAsync();
        await using var again = await reopened.OpenReaderAsync("elasticsearch", default);
        Assert.Equal(Some.Events(4, 6).Select(e => e.Id), (await again.ReadAsync(100, default)).Select(e => e.Id));
    }

    [Fact]
    public async Task Positions_stay_dense_and_in_order_over_sources_and_restarts()
    {
        for (var sequence = 1; sequence <= 3; sequence++)
        {
            await using var journal = await _file.OpenAsync();
            await using var intercom = await journal.OpenWriterAsync(Some.Intercom, default);
            await using var other = await journal.OpenWriterAsync(Some.Sequence, default);
            await intercom.CommitAsync(Some.Commit(sequence, Some.Events(sequence * 1000, 250, bytes: 2_000)), default);
            await other.CommitAsync(Some.Commit(sequence, Some.Events((sequence * 1000) + 500, 3), Some.Sequence), default);
        }

        Assert.Equal(Enumerable.Range(1, 3 * 253).Select(i => (long)i), (await EventsAsync(new EventFilter())).Select(e => e.Position));
    }

    [Fact]
    public async Task Times_are_compared_for_each_event_of_a_block()
    {
        await using var journal = await _file.OpenAsync();
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        // Not in the order of time.
        await writer.CommitAsync(Some.Commit(1, [.. Some.Events(50, 50), .. Some.Events(0, 50)]), default);

        var events = await EventsAsync(new EventFilter { Since = Some.Start.AddSeconds(45), Until = Some.Start.AddSeconds(55) });

        Assert.Equal([.. Some.Events(50, 5).Select(e => e.Id), .. Some.Events(45, 5).Select(e => e.Id)], events.Select(e => e.Id));
        Assert.Empty(await EventsAsync(new EventFilter { Since = Some.Start.AddSeconds(100) }));
        Assert.Empty(await EventsAsync(new EventFilter { Until = Some.Start }));
        Assert.Single(await EventsAsync(new EventFilter { Since = Some.Start.AddSeconds(99) }));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_event_of_the_largest_size_is_a_block_of_its_own(bool compressible)
    {
        await using var journal = await _file.OpenAsync();
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        var large = compressible ? Some.Event(1, bytes: journal.MaxEventBytes) : Noise.Event(1, bytes: journal.MaxEventBytes);
        await writer.CommitAsync(Some.Commit(1, [Some.Event(0), large, Some.Event(2)]), default);
        await using var reader = await journal.OpenReaderAsync("elasticsearch", default);

        var read = await reader.ReadAsync(10, default);

        Assert.Equal(3, _file.Number("SELECT count(*) FROM event_block"));
        Assert.Equal([Some.Event(0).Id, large.Id, Some.Event(2).Id], read.Select(e => e.Id));
        Assert.True(large.Json.Span.SequenceEqual(read[1].Json.Span));
    }

    [Fact]
    public async Task A_damaged_block_is_refused_by_name_and_the_events_before_it_are_read()
    {
        await using var journal = await _file.OpenAsync();
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        await writer.CommitAsync(Some.Commit(1, Some.Events(0, 3)), default);
        await writer.CommitAsync(Some.Commit(2, Some.Events(3, 4)), default);
        _file.Execute("UPDATE event_block SET body=substr(body, 1, 150) || x'00' || substr(body, 152) WHERE first_pos=4");
        await using var reader = await journal.OpenReaderAsync("elasticsearch", default);

        Assert.Equal(3, (await reader.ReadAsync(3, default)).Count);
        for (var attempt = 0; attempt < 2; attempt++)
        {
            var refused = await Assert.ThrowsAsync<JournalCorruptException>(async () => await reader.ReadAsync(100, default));
            Assert.Contains("positions 4 to 7 ", refused.Message, StringComparison.Ordinal);
            Assert.Contains(_file.Path, refused.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("body=x''")]
    [InlineData("body=x'01'")]
    [InlineData("body=zeroblob(length(body))")]
    [InlineData("body=substr(body, 1, length(body)-1)")]
    [InlineData("body=body || x'00'")]
    [InlineData("body=x'02' || substr(body, 2)")]
    [InlineData("first_pos=0")]
    [InlineData("last_pos=6")]
    [InlineData("last_pos=9223372036854775807")]
    [InlineData("source=2")]
    [InlineData("committed=committed+1")]
    [InlineData("min_time=min_time+1")]
    [InlineData("max_time=max_time+1")]
    public async Task A_block_with_a_wrong_column_is_refused(string damage)
    {
        await using var journal = await _file.OpenAsync();
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        await using var other = await journal.OpenWriterAsync(Some.Sequence, default);
        await writer.CommitAsync(Some.Commit(1, Some.Events(0, 5)), default);
        _file.Execute("UPDATE event_block SET " + damage);
        await using var reader = await journal.OpenReaderAsync("elasticsearch", default);

        await Assert.ThrowsAsync<JournalCorruptException>(async () => await reader.ReadAsync(100, default));
    }

    [Fact]
    public async Task No_damage_of_a_body_gives_a_wrong_event()
    {
        await using var journal = await _file.OpenAsync();
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        await writer.CommitAsync(Some.Commit(1, Some.Events(0, 20)), default);
        var length = _file.Number("SELECT length(body) FROM event_block");
        var random = new Random(3);
        for (var i = 0; i < 60; i++)
        {
            var at = 1 + random.NextInt64(length);
            var bytes = string.Create(CultureInfo.InvariantCulture, $"{(int)random.NextInt64(1, 256):x2}");
            var whole = _file.Number($"SELECT substr(body, {at}, 1)=x'{bytes}' FROM event_block") == 1;
            _file.Execute("CREATE TABLE kept AS SELECT body FROM event_block; "
                + $"UPDATE event_block SET body=CAST(substr(body, 1, {at - 1}) || x'{bytes}' || substr(body, {at + 1}) AS BLOB)");
            await using (var reader = await journal.OpenReaderAsync("test", default))
            {
                if (whole)
                {
                    Assert.Equal(20, (await reader.ReadAsync(100, default)).Count);
                }
                else
                {
                    await Assert.ThrowsAsync<JournalCorruptException>(async () => await reader.ReadAsync(100, default));
                }
            }

            _file.Execute("UPDATE event_block SET body=(SELECT body FROM kept); DROP TABLE kept");
        }
    }

    [Fact]
    public void An_id_that_would_not_be_read_back_as_it_was_is_refused()
    {
        Span<byte> bytes = stackalloc byte[2];
        HexId.Write(bytes, "00ff");
        Assert.Equal("00ff", HexId.Read(bytes));
        foreach (var id in new[] { "", "00", "00FF", "00ff00", "00f", "zzzz" })
        {
            Assert.Throws<ArgumentException>(() => HexId.Write(stackalloc byte[2], id));
        }
    }

    private async Task<List<JournalEvent>> EventsAsync(EventFilter filter)
    {
        await using var view = await SqliteJournalView.OpenAsync(_file.Path, default);
        var events = new List<JournalEvent>();
        await foreach (var e in view.EventsAsync(filter, null, default))
        {
            events.Add(e);
        }

        return events;
    }
}
