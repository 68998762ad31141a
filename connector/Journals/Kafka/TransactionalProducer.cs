using System.Diagnostics;
using ActivityConnector.Pipeline;
using Confluent.Kafka;

namespace ActivityConnector.Journals.Kafka;

/// <summary>One record on its way into the journal.</summary>
/// <param name="Partition">A given partition, or any: then the key decides.</param>
/// <param name="Value">Null deletes what the key said.</param>
/// <param name="Time">The message's time, to the millisecond; null = the time at which it is sent.</param>
internal readonly record struct OutgoingRecord(TopicPartition Partition, byte[] Key, byte[]? Value, Headers? Headers, DateTimeOffset? Time = null)
{
    public Message<byte[], byte[]?> ToMessage() =>
        new() { Key = Key, Value = Value, Headers = Headers, Timestamp = Time is { } time ? new Timestamp(time) : Timestamp.Default };
}

/// <summary>
/// The producer of one source: what is committed through it is visible in whole or not at all, and making another one for the same source
/// fences this one.
/// </summary>
/// <remarks>
/// Its calls block: it lives on a thread of its own. After any exception but a cancelled start the outcome of a commit is unknown and the
/// producer must be disposed; only the next one's opening, which waits for the cluster to finish the old transaction, and reading the
/// checkpoint back show what became of it.
/// </remarks>
internal sealed class TransactionalProducer : IDisposable
{
    // A bounded call that timed out is resumed by calling it again: the unbounded forms never return without brokers (librdkafka #4948).
    private static readonly TimeSpan Slice = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan InitTimeout = TimeSpan.FromSeconds(40);

    /// <summary>A commit that has begun gets this long after a stop is asked for; then the process may end without its answer.</summary>
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(5);

    private readonly IProducer<byte[], byte[]?> _producer;
    private readonly KafkaClients _clients;
    private readonly ClientErrors _errors;
    private readonly TimeProvider _time;
    private readonly SourceKey _source;
    private KafkaCredentials _credentials;
    private bool _open;

    private TransactionalProducer(SourceKey source, KafkaClients clients, TimeProvider time)
    {
        _credentials = KafkaCredentials.Read(clients.Options.Security);
        _errors = new ClientErrors();
        MaxEventBytes = clients.MaxEventBytes;
        _producer = KafkaClients.Make(() => clients.TransactionalProducer(clients.Topics.TransactionalId(source), _credentials, _errors));
        _clients = clients;
        _time = time;
        _source = source;
    }

    /// <summary>The largest value that it was made for.</summary>
    public int MaxEventBytes { get; }

    /// <summary>Fences the producer before, whatever process it is in, and waits until its last transaction is decided.</summary>
    /// <exception cref="JournalException">The cluster refuses or does not answer.</exception>
    public static TransactionalProducer Open(SourceKey source, KafkaClients clients, TimeProvider time, CancellationToken cancellationToken)
    {
        var producer = new TransactionalProducer(source, clients, time);
        try
        {
            producer.Resume(() => producer._producer.InitTransactions(Slice), "Taking over the source", InitTimeout, cancellationToken);
            Instruments.KafkaInits.Add(1, Instruments.Tag(Instruments.Source, source.Source), Instruments.Tag(Instruments.Account, source.Account));
            return producer;
        }
        catch
        {
            producer.Dispose();
            throw;
        }
    }

    /// <summary>Whether the files of its credentials have changed so that only another client can use them; a new password is taken at once.</summary>
    public bool IsOutdated()
    {
        if (_credentials.Renew(_producer, _clients.Options.Security) is not { } now) return true;

        _credentials = now;
        return false;
    }

    /// <summary>One transaction with all of these, committed when it returns.</summary>
    public int Commit(IEnumerable<OutgoingRecord> records, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var (sent, delivered) = (0, 0);
        Error? refused = null;
        var outcome = "aborted";
        Activity? span = null;
        try
        {
            _producer.BeginTransaction();
            _open = true;
            foreach (var record in records)
            {
                Produce(record, OnDelivery);
                sent++;
                FailPoint.Pass("produced");
            }

            FailPoint.Pass("commit");
            outcome = "in_doubt";
            span = Spans.Start("commit transaction", ActivityKind.Client);
            Resume(() => _producer.CommitTransaction(Slice), "Committing", _clients.Options.TransactionTimeout + TimeSpan.FromSeconds(30), cancellationToken);
            FailPoint.Pass("committed");
            _open = false;
            _errors.Clear();
            outcome = "committed";
        }
        catch (KafkaException e)
        {
            // What happened to a record says more than that the transaction has to be aborted because of it, unless it was only given up.
            var cause = refused is { Code: not (ErrorCode.Local_PurgeQueue or ErrorCode.Local_PurgeInflight) } ? new KafkaException(refused, e) : e;
            var failure = KafkaFailure.Of(cause, "Committing", _errors.Last);
            outcome = failure is JournalFencedException ? "fenced" : e is KafkaTxnRequiresAbortException ? "aborted" : outcome;
            span.Fail(failure);
            throw failure;
        }
        finally
        {
            span.SetMessaging(destination: null, "commit", "settle");
            span?.SetTag(Spans.TransactionOutcome, outcome);
            span?.Dispose();
            Instruments.KafkaTransactions.Add(
                1,
                Instruments.Tag(Instruments.Source, _source.Source),
                Instruments.Tag(Instruments.Account, _source.Account),
                Instruments.Tag(Instruments.Outcome, outcome));
        }

        // Every record must have its own report: a record that a synchronous error kept out does not fail the transaction.
        return Volatile.Read(ref delivered) == sent
            ? sent
            : throw new JournalUnavailableException(
                $"Committing failed: {sent} records were sent and {delivered} confirmed.",
                "Nothing; the source is read again from its checkpoint.");

        // On librdkafka's thread.
        void OnDelivery(DeliveryReport<byte[], byte[]?> report)
        {
            if (report.Error.IsError)
            {
                refused ??= report.Error;
            }
            else
            {
                Interlocked.Increment(ref delivered);
            }
        }
    }

    public void Dispose()
    {
        if (_open)
        {
            try
            {
                // So that readers need not wait for the transaction to time out; the next producer would abort it as well.
                _producer.AbortTransaction(Slice);
            }
            catch (KafkaException)
            {
                // Fenced, fatal, or no brokers: the cluster decides.
            }
        }

        _producer.Dispose();
    }

    /// <exception cref="KafkaException">The record is refused, or the transaction has failed before: then it is the error of the transaction.</exception>
    private void Produce(OutgoingRecord record, Action<DeliveryReport<byte[], byte[]?>> onDelivery)
    {
        try
        {
            _producer.Produce(record.Partition, record.ToMessage(), onDelivery);
        }
        catch (ProduceException<byte[], byte[]?> e) when (e.Error.Code == ErrorCode.Local_State)
        {
            // A transaction that has failed cannot begin: librdkafka answers with what failed it.
            _producer.BeginTransaction();
            throw;
        }
    }

    /// <summary>Calls until it has an answer, because a call that timed out continues where it was.</summary>
    private void Resume(Action call, string doing, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        long? stopped = null;
        while (true)
        {
            try
            {
                call();
                return;
            }
            catch (KafkaRetriableException e)
            {
                if (_time.GetElapsedTime(started) > timeout) throw KafkaFailure.Of(e, doing, _errors.Last);

                // It may wait for a password that was changed meanwhile.
                IsOutdated();
            }
            catch (KafkaException e) when (!_open)
            {
                throw KafkaFailure.Of(e, doing, _errors.Last);
            }

            // Some of them come at once.
            if (cancellationToken.WaitHandle.WaitOne(Pause))
            {
                stopped ??= _time.GetTimestamp();
                if (!_open || _time.GetElapsedTime(stopped.Value) > StopTimeout) throw new OperationCanceledException(cancellationToken);
            }
        }
    }
}
