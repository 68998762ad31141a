using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Shared;
using ActivityConnector.Tests.Shared.Servers;

namespace ActivityConnector.Tests.Journals.Kafka;

/// <summary>What a writer finds after a position was changed by hand.</summary>
[Collection(KafkaCollection.Name)]
[Trait("Kind", "server")]
public sealed class KafkaJournalOperatorTests(KafkaServer server)
{
    private static readonly DateTimeOffset Known = Some.Start.AddDays(-3);

    private readonly KafkaTopicsOfTest _topics = new(server);

    /// <summary>As after an export from another journal: years old ones too, and one without a time.</summary>
    [KafkaFact]
    public async Task Imported_events_are_known_and_exported_again_and_the_floors_of_another_journal_count_for_nothing()
    {
        SeenEvent[] seen = [.. Enumerable.Range(0, 300).Select(i => new SeenEvent(new(Some.Event(i).Key, (uint)i * 1_000), (ulong)i + 1))];
        var checkpoint = Some.CursorCheckpoint(99) with { Totals = new() { Published = 300 } };
        await using (var journal = _topics.Operator())
        {
            Assert.Equal(1, await journal.SetCheckpointAsync(Some.Sequence, checkpoint, seen, default));
        }

        await using var opened = _topics.Open();
        await using var writer = await opened.OpenWriterAsync(Some.Sequence, default);
        Assert.Equal((0, false, null), (writer.Checkpoint!.Position.FirstReachableCommit, writer.WasReset, writer.Checkpoint.KnownFrom));
        Assert.All(writer.Checkpoint.Cursor!.Days, day => Assert.Equal(0, day.Floor));
        Assert.Equal(seen.Select(s => (ulong?)s.Content), await writer.ContentsAsync([.. seen.Select(s => s.Key)]));
        var exported = new List<SeenEvent>();
        await foreach (var some in _topics.View().SeenAsync(Some.Sequence, default))
        {
            exported.Add(some);
        }

        Assert.Equal(seen.OrderBy(s => s.Key.Hour), exported.OrderBy(s => s.Key.Hour));
    }

    /// <summary>The way back to an older version of the connector.</summary>
    [KafkaFact]
    public async Task A_checkpoint_can_be_imported_over_one_of_a_newer_version_and_what_is_known_stays_known()
    {
        var known = new SeenEvent(EventKey.Of(Some.Event(1)), 1);
        await using var journal = _topics.Operator();
        await journal.SetCheckpointAsync(Some.Intercom, Some.Checkpoint(99), [known], default);
        await _topics.StoreCheckpointsAsync(Some.Intercom, """{"v":99}"""u8.ToArray());
        await using (var older = _topics.Open())
        {
            var refused = await Assert.ThrowsAsync<JournalCorruptException>(async () => await older.OpenWriterAsync(Some.Intercom, default));
            Assert.Contains("version 99", refused.Message, StringComparison.Ordinal);
        }

        await journal.SetCheckpointAsync(Some.Intercom, Some.Checkpoint(50), [], default);

        await using var opened = _topics.Open();
        await using var writer = await opened.OpenWriterAsync(Some.Intercom, default);
        Assert.Equal(Some.Checkpoint(50).Position, writer.Checkpoint!.Position);
        Assert.Equal([known.Content], (await writer.ContentsAsync([known.Key])).Select(content => content ?? 0));
    }

    [KafkaFact]
    public async Task A_checkpoint_that_counts_more_events_than_are_known_does_not_claim_to_know_them_all()
    {
        var checkpoint = Some.Checkpoint(99) with { Totals = new() { Published = 300 } };
        await using (var journal = _topics.Operator())
        {
            await journal.SetCheckpointAsync(Some.Intercom, checkpoint, [new(EventKey.Of(Some.Event(1)), 1)], default);
        }

        await using var opened = _topics.Open();
        await using var writer = await opened.OpenWriterAsync(Some.Intercom, default);
        Assert.Equal(checkpoint.Position.ReadsAgainFrom, writer.Checkpoint!.KnownFrom);
    }

    [KafkaFact]
    public async Task After_a_reset_events_are_known_as_far_as_before_and_the_writer_says_that_it_was_reset()
    {
        await using (var journal = _topics.Operator())
        {
            await journal.SetCheckpointAsync(
                Some.Intercom,
                Some.Checkpoint(1) with { KnownFrom = Known },
                [.. Some.Events(0, 3).Select(SeenEvent.Of)],
                default);
            Assert.Equal(0, await journal.ChangeAsync(Some.Intercom, (_, _) => new(null, null), default));
        }

        await using var opened = _topics.Open();
        await using var writer = await opened.OpenWriterAsync(Some.Intercom, default);
        Assert.Equal((true, null), (writer.WasReset, writer.Checkpoint));
        Assert.DoesNotContain(null, await writer.ContentsAsync([.. Some.Events(0, 3).Select(EventKey.Of)]));

        await writer.CommitAsync(Some.Commit(1, Some.Events(3, 1)), default);
        Assert.Equal((false, Known), (writer.WasReset, writer.Checkpoint!.KnownFrom));
        await using var next = await opened.OpenWriterAsync(Some.Intercom, default);
        Assert.Equal((false, Known), (next.WasReset, next.Checkpoint!.KnownFrom));
    }

    [KafkaFact]
    public async Task An_event_that_tells_of_a_change_is_published_beside_the_position_and_none_of_a_source_without_one()
    {
        await using (var journal = _topics.Operator())
        {
            await journal.TellAsync(Some.Intercom, Some.Event(1), default);
            await journal.SetCheckpointAsync(Some.Intercom, Some.Checkpoint(1), [], default);
            await journal.TellAsync(Some.Intercom, Some.Event(2), default);
        }

        Assert.Single(_topics.Consume(_topics.Events()));
        await using var opened = _topics.Open();
        await using var operated = _topics.Operator();
        Assert.Equal(opened.AgentId, operated.AgentId);
        await using var writer = await opened.OpenWriterAsync(Some.Intercom, default);
        Assert.Equal(1, writer.Checkpoint!.Sequence);
    }

    [KafkaFact]
    public async Task A_change_is_of_what_is_stored_then_told_of_in_the_same_transaction_and_what_tells_of_it_stays_known()
    {
        await using var journal = _topics.Open();
        await using (var writer = await journal.OpenWriterAsync(Some.Intercom, default))
        {
            await writer.CommitAsync(new([], [], Some.Checkpoint(1) with { Paused = new Pause("Ada", Some.Start) }), default);
        }

        await using (var operated = _topics.Operator())
        {
            await Assert.ThrowsAsync<ChangeRefusedException>(async () => await operated.ChangeAsync(
                Some.Intercom, (_, _) => throw new ChangeRefusedException("No.", "Nothing."), default));
            Assert.Equal(2, await operated.ChangeAsync(
                Some.Intercom, (stored, next) => new(CheckpointText.Parse(stored) with { CommittedAt = Some.Start.AddHours(next) }, Some.Event(1)), default));
            await operated.TellAsync(Some.Intercom, Some.Event(2), default);
        }

        Assert.Equal(2, _topics.Consume(_topics.Events()).Count);
        await using (var after = await journal.OpenWriterAsync(Some.Intercom, default))
        {
            Assert.Equal(("Ada", Some.Start.AddHours(2), 2), (after.Checkpoint!.Paused!.By, after.Checkpoint.CommittedAt, after.Checkpoint.Sequence));
            Assert.DoesNotContain(null, await after.ContentsAsync([.. Some.Events(1, 2).Select(EventKey.Of)]));
            await after.CommitAsync(Some.Commit(3, Some.Events(3, 1)), default);
        }

        await using (var operated = _topics.Operator())
        {
            Assert.Equal(0, await operated.ChangeAsync(Some.Intercom, (_, _) => new(null, Some.Event(4)), default));
        }

        await using var reset = await journal.OpenWriterAsync(Some.Intercom, default);
        Assert.DoesNotContain(null, await reset.ContentsAsync([.. Some.Events(1, 4).Select(EventKey.Of)]));
    }

    [KafkaFact]
    public async Task An_events_message_has_the_time_of_its_commits_checkpoint()
    {
        await using var journal = _topics.Open();
        await using var writer = await journal.OpenWriterAsync(Some.Intercom, default);
        await writer.CommitAsync(Some.Commit(1, Some.Events(0, 2)), default);

        Assert.All(_topics.Consume(_topics.Events()), record => Assert.Equal(Some.Checkpoint(1).CommittedAt.UtcDateTime, record.Message.Timestamp.UtcDateTime));
    }
}
