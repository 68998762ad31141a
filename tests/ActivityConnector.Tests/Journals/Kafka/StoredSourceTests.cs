using System.Text;
using ActivityConnector.Journals.Kafka;
using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Shared;
using Confluent.Kafka;

namespace ActivityConnector.Tests.Journals.Kafka;

/// <summary>From when on a new writer says that events are known.</summary>
public sealed class StoredSourceTests
{
    private static readonly DateTimeOffset Known = Some.Start.AddDays(-3);

    private readonly CheckpointsLog _log = new(Some.Intercom);

    [Fact]
    public void A_new_source_knows_everything()
    {
        Assert.Null(_log.Read().KnownFrom);
        Commit(Some.Checkpoint(1), 1, 2);
        Assert.Null(_log.Read().Memory().KnownFrom);
    }

    [Fact]
    public void The_time_survives_a_damaged_checkpoint()
    {
        Commit(Some.Checkpoint(1) with { KnownFrom = Known }, 1, 2);
        var damaged = CheckpointRecord.Of(new("t", 0), Some.Intercom, Some.Checkpoint(2) with { KnownFrom = Known.AddHours(1) }).ToMessage();
        damaged.Value![40] ^= 1;
        _log.Write(damaged);

        Assert.Equal(Known.AddHours(1), _log.Read().Memory().KnownFrom);
    }

    [Fact]
    public void The_time_survives_a_reset_which_is_told_until_there_is_a_checkpoint_again()
    {
        Commit(Some.Checkpoint(1) with { KnownFrom = Known }, 1, 2);
        _log.Reset(_log.Read().KnownFrom);

        var stored = _log.Read();
        Assert.Equal((true, Known, 2), (stored.WasReset, stored.KnownFrom, stored.Memory().Count));
        Assert.Null(stored.Recover(() => true));
    }

    [Fact]
    public void An_older_build_that_has_forgotten_events_knows_them_from_its_last_sweep_on()
    {
        Commit(Some.Checkpoint(9) with { Sweep = new() { CompletedTo = Some.Start.AddHours(-20).ToUnixTimeSeconds() } }, 4, 2);
        Assert.Equal(Some.Start.AddHours(-20), _log.Read().Memory().KnownFrom);
        Assert.Equal(Some.Start.AddHours(-20), _log.Read().Recover(() => true)!.KnownFrom);
    }

    [Fact]
    public void An_older_build_that_has_forgotten_events_and_never_swept_knows_what_it_reads_again()
    {
        Commit(Some.Checkpoint(9), 4, 2);
        Assert.Equal(Some.Checkpoint(9).Position.ReadsAgainFrom, _log.Read().Memory().KnownFrom);
    }

    [Fact]
    public void An_older_build_that_last_swept_long_ago_has_forgotten_more_since()
    {
        Commit(Some.Checkpoint(9) with { Sweep = new() { CompletedTo = Some.Start.AddDays(-90).ToUnixTimeSeconds() } }, 4, 2);
        Assert.Equal(Some.Checkpoint(9).Position.ReadsAgainFrom!.Value.AddDays(-1), _log.Read().Memory().KnownFrom);
    }

    [Fact]
    public void A_damaged_segment_is_refused_with_what_to_do()
    {
        Commit(Some.Checkpoint(1), 1, 2);
        _log.Write(new() { Key = Encoding.UTF8.GetBytes($"seen/{Some.Intercom}/2"), Value = [7] });

        var refused = Assert.Throws<JournalCorruptException>(() => _log.Read().Memory());
        Assert.Contains("segment 2", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>By a program that knows no header of the connector.</summary>
    [Theory]
    [InlineData("junk")]
    [InlineData("{}")]
    [InlineData("{\"v\":99}")]
    [InlineData("")]
    [InlineData(null)]
    public void A_strange_record_uses_up_no_number_and_refuses_nothing(string? value)
    {
        var stored = new StoredSource(Some.Intercom);
        stored.Take(CheckpointRecord.Of(new("t", 0), Some.Intercom, Some.Checkpoint(1)).ToMessage(), null);
        stored.Take(Strange(value is null ? null : Encoding.UTF8.GetBytes(value)), null);

        Assert.Equal((1, false), (stored.Recover(() => true)!.Sequence, stored.WasReset));
        Assert.NotNull(stored.Warning);

        // A writer that was open commits on.
        stored.Take(CheckpointRecord.Of(new("t", 0), Some.Intercom, Some.Checkpoint(2)).ToMessage(), null);
        Assert.Equal(2, stored.Recover(() => true)!.Sequence);
        Assert.Null(stored.Warning);
    }

    [Fact]
    public void A_strange_record_alone_is_no_new_source()
    {
        var stored = new StoredSource(Some.Intercom);
        stored.Take(Strange([1]), null);

        var refused = Assert.Throws<JournalCorruptException>(() => stored.Recover(() => false));
        Assert.Contains("is no checkpoint of this connector", refused.Message, StringComparison.Ordinal);
        Assert.Contains($"checkpoint reset {Some.Intercom}", refused.Fix, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cp//")]
    [InlineData("cp/intercom/")]
    [InlineData("cp/intercom/a\nb")]
    [InlineData("cp/intercom/a/b")]
    [InlineData("seen/intercom/abc123/x")]
    [InlineData("seen/intercom/abc123/-1")]
    [InlineData("hello")]
    [InlineData("")]
    public void A_key_that_the_connector_does_not_write_is_of_no_source(string key) =>
        Assert.Null(CheckpointRecord.Parse(new() { Key = Encoding.UTF8.GetBytes(key), Value = [] }));

    private static Message<byte[], byte[]?> Strange(byte[]? value) =>
        new() { Key = Encoding.UTF8.GetBytes($"cp/{Some.Intercom}"), Value = value, Headers = [] };

    private void Commit(Checkpoint checkpoint, int segment, int events) => _log.Commit(
        new(
            [new(segment, checkpoint.Sequence, checkpoint.Sequence, [.. Some.Events(0, events).Select(e => new SeenEvent(EventKey.Of(e), 1))])],
            null,
            checkpoint.KnownFrom),
        checkpoint);
}
