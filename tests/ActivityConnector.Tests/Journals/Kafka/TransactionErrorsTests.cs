using System.Text;
using ActivityConnector.Journals.Kafka;
using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Shared;
using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActivityConnector.Tests.Journals.Kafka;

/// <summary>
/// What each error of a broker means for a commit. Whatever it is, the commit is either confirmed or refused as a failure of the journal, and
/// the next producer commits the same records.
/// </summary>
public sealed class TransactionErrorsTests : IDisposable
{
    private const string Topic = "mock.intercom";
    private const int MostSlowly = 60_000;

    private readonly MockKafka _kafka = new(Topic);

    public void Dispose() => _kafka.Dispose();

    [Theory]
    [InlineData(ErrorCode.GroupLoadInProgress)]
    [InlineData(ErrorCode.ConcurrentTransactions)]
    [InlineData(ErrorCode.NotCoordinatorForGroup)]
    [InlineData(ErrorCode.GroupCoordinatorNotAvailable)]
    [InlineData((ErrorCode)MockKafka.Disconnect)]
    public void An_error_that_passes_while_committing_is_waited_out_and_the_commit_is_confirmed(ErrorCode error)
    {
        using var producer = Open();
        _kafka.Answer(MockKafka.EndTransaction, (int)error, (int)error);

        Assert.Equal(3, producer.Commit(Records(3), default));

        Assert.Equal(["0", "1", "2"], _kafka.Keys(Topic));
        Assert.Equal(1, producer.Commit(Records(1), default));
    }

    [Theory]
    [InlineData(ErrorCode.InvalidProducerEpoch, typeof(JournalFencedException))]
    [InlineData(ErrorCode.ProducerFenced, typeof(JournalFencedException))]
    [InlineData(ErrorCode.InvalidTxnState, typeof(JournalUnavailableException))]
    [InlineData((ErrorCode)59, typeof(JournalUnavailableException))] // UNKNOWN_PRODUCER_ID
    [InlineData(ErrorCode.Unknown, typeof(JournalUnavailableException))]
    [InlineData(ErrorCode.TransactionalIdAuthorizationFailed, typeof(JournalMisconfiguredException))]
    public void An_error_that_ends_a_commit_says_what_it_is_and_the_next_producer_commits(ErrorCode error, Type expected) =>
        IsRefusedAndThenCommitted(MockKafka.EndTransaction, error, expected);

    [Theory]
    [InlineData(ErrorCode.OutOfOrderSequenceNumber, typeof(JournalUnavailableException))]
    [InlineData(ErrorCode.InvalidProducerEpoch, typeof(JournalFencedException))]
    [InlineData(ErrorCode.InvalidRecord, typeof(JournalUnavailableException))]
    [InlineData(ErrorCode.TopicAuthorizationFailed, typeof(JournalMisconfiguredException))]
    [InlineData(ErrorCode.MsgSizeTooLarge, typeof(JournalMisconfiguredException))]
    public void A_record_that_the_broker_refuses_fails_the_whole_commit_and_the_next_producer_commits(ErrorCode error, Type expected) =>
        IsRefusedAndThenCommitted(MockKafka.Produce, error, expected);

    [Theory]
    [InlineData(ErrorCode.TopicAuthorizationFailed, typeof(JournalMisconfiguredException))]
    [InlineData(ErrorCode.InvalidProducerEpoch, typeof(JournalFencedException))]
    [InlineData(ErrorCode.ProducerFenced, typeof(JournalFencedException))]
    [InlineData(ErrorCode.Unknown, typeof(JournalUnavailableException))]
    public void A_transaction_that_fails_while_records_are_sent_says_why_and_the_next_producer_commits(ErrorCode error, Type expected)
    {
        var sent = 0;
        using (var producer = Open())
        {
            _kafka.Answer(MockKafka.AddPartitionsToTransaction, (int)error);
            var refused = Assert.Throws(expected, () => producer.Commit(Slowly(), default));
            Assert.DoesNotContain("Erroneous state", refused.Message, StringComparison.Ordinal);
        }

        Assert.InRange(sent, 2, MostSlowly - 1);
        using var next = Open();
        Assert.Equal(3, next.Commit(Records(3), default));
        Assert.Equal(["0", "1", "2"], _kafka.Keys(Topic));

        // A record each millisecond, until one is refused.
        IEnumerable<OutgoingRecord> Slowly()
        {
            foreach (var record in Records(MostSlowly))
            {
                sent++;
                yield return record;
                CancellationToken.None.WaitHandle.WaitOne(1);
            }
        }
    }

    [Fact]
    public void A_record_that_the_client_refuses_at_once_fails_the_whole_commit()
    {
        using (var producer = Open())
        {
            OutgoingRecord[] records = [.. Records(2), new(new(Topic, 0), "large"u8.ToArray(), new byte[1_000_000], null), .. Records(1)];

            var refused = Assert.Throws<JournalMisconfiguredException>(() => producer.Commit(records, default));

            Assert.Contains("Kafka:MaxEventBytes", refused.Fix, StringComparison.Ordinal);
        }

        using var next = Open();
        Assert.Equal(3, next.Commit(Records(3), default));
    }

    [Theory]
    [InlineData(ErrorCode.TransactionalIdAuthorizationFailed, typeof(JournalMisconfiguredException))]
    [InlineData(ErrorCode.ClusterAuthorizationFailed, typeof(JournalMisconfiguredException))]
    [InlineData(ErrorCode.InvalidTransactionTimeout, typeof(JournalMisconfiguredException))]
    public void A_take_over_that_the_cluster_refuses_says_why(ErrorCode error, Type expected)
    {
        _kafka.Answer(MockKafka.InitProducerId, (int)error);

        Assert.Throws(expected, () => Open());
    }

    private void IsRefusedAndThenCommitted(short kind, ErrorCode error, Type expected)
    {
        using (var producer = Open())
        {
            _kafka.Answer(kind, (int)error);
            Assert.Throws(expected, () => producer.Commit(Records(3), default));
        }

        using var next = Open();
        Assert.Equal(3, next.Commit(Records(3), default));
        Assert.Equal(["0", "1", "2"], _kafka.Keys(Topic).TakeLast(3));
    }

    private TransactionalProducer Open() => TransactionalProducer.Open(
        Some.Intercom,
        new KafkaClients(new KafkaOptions { BootstrapServers = _kafka.Bootstrap, TopicPrefix = "mock", MaxEventBytes = 100_000 }, NullLogger.Instance),
        TimeProvider.System,
        default);

    private static IEnumerable<OutgoingRecord> Records(int count) =>
        Enumerable.Range(0, count).Select(i => new OutgoingRecord(new(Topic, 0), Encoding.UTF8.GetBytes($"{i}"), "{}"u8.ToArray(), null));
}
