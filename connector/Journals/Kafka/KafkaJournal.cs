using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using ActivityConnector.Pipeline;

namespace ActivityConnector.Journals.Kafka;

/// <summary>
/// The journal in topics of a Kafka cluster: a commit is one transaction, so that every <c>read_committed</c> consumer sees each event
/// exactly once and no event before its checkpoint. Keeps nothing on this machine.
/// </summary>
/// <remarks>
/// Thread-safe. Opening it asks nothing of the cluster; the first writer or reader does, and continues to ask until topics and rights are as
/// they must be. A source's writer is fenced by <c>transactional.id</c>, whatever process and host the next one is on.
/// </remarks>
public sealed partial class KafkaJournal : IJournal
{
    private readonly KafkaClients _clients;
    private readonly TopicSetup _setup;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<IAsyncDisposable, bool> _open = [];
    private readonly ConcurrentDictionary<string, RetentionWatch> _watches = [];
    private SourceOwnership? _ownership;
    private bool _disposed;

    /// <param name="sources">The vendors whose events are kept; each has a topic.</param>
    /// <param name="longestReach">How far back before the present any source may look again: ids of this time are kept.</param>
    public KafkaJournal(
        KafkaOptions options,
        JournalOptions journal,
        IReadOnlyCollection<string> sources,
        TimeSpan longestReach,
        TimeProvider time,
        ILogger<KafkaJournal> logger)
    {
        _clients = new KafkaClients(options, logger);
        _setup = new TopicSetup(_clients, journal.Retention, sources, time);
        Clock = time;
        _logger = logger;
        LongestReach = longestReach;
        // No state of its own: the same topics are the same journal.
        var name = Encoding.UTF8.GetBytes($"activity-connector\n{options.TopicPrefix}\n{options.Environment}");
        AgentId = new Guid(SHA256.HashData(name).AsSpan(0, 16), bigEndian: true);
    }

    /// <summary>Sources were another instance's and are now this one's to collect. Raised on any thread; only with Kafka:HighAvailability.</summary>
    public event Action? Gained;

    /// <inheritdoc/>
    public int MaxEventBytes => _clients.Options.MaxEventBytes;

    /// <inheritdoc/>
    public Guid AgentId { get; }

    internal KafkaTopics Topics => _clients.Topics;

    internal TimeSpan LongestReach { get; }

    internal TimeProvider Clock { get; }

    /// <inheritdoc/>
    public async ValueTask<IJournalWriter> OpenWriterAsync(SourceKey source, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        await _setup.EnsureAsync(cancellationToken);
        if (_clients.Options.HighAvailability) await Ownership().RequireAsync(source, cancellationToken);

        var writer = new KafkaJournalWriter(this, source, await RecoverAsync(source, cancellationToken));
        _open.TryAdd(writer, true);
        return writer;
    }

    /// <inheritdoc/>
    public async ValueTask<IJournalReader> OpenReaderAsync(string reader, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        await _setup.EnsureAsync(cancellationToken);
        var watch = _watches.GetOrAdd(reader, name => new RetentionWatch(name, _setup.RetentionOf, _logger));
        var opened = KafkaJournalReader.Open(this, _clients, _setup.Sources, reader, watch, _logger);
        _open.TryAdd(opened, true);
        return opened;
    }

    /// <inheritdoc/>
    public async ValueTask KeepDeadLettersAsync(IReadOnlyList<DeadLetter> letters, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        await _setup.EnsureAsync(cancellationToken);
        await DeadLetterTopic.WriteAsync(_clients, letters.Select(letter => DeadLetterRecord.Of(Topics.DeadLetterPartition, letter)), cancellationToken);
    }

    /// <summary>Ends its writers and readers, and gives up what it owns.</summary>
    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        foreach (var open in _open.Keys) await open.DisposeAsync();

        if (Shared is { } ownership) await ownership.DisposeAsync();

        _setup.Dispose();
    }

    internal EventRecord EventsOf(SourceKey source) => new(source, Topics.Events(source.Source), _clients.Options.Key);

    /// <summary>Fences the writer before, then reads back what is committed: in this order, or an open transaction may yet commit.</summary>
    internal async ValueTask<RecoveredSource> RecoverAsync(SourceKey source, CancellationToken cancellationToken)
    {
        var transactionalId = Topics.TransactionalId(source);
        LogOwning(_logger, source, transactionalId);
        var producer = await WorkThread<TransactionalProducer>.OpenAsync(
            $"journal of {source}", () => TransactionalProducer.Open(source, _clients, Clock, cancellationToken));
        try
        {
            return await producer.RunAsync(_ => ReadBack(source, producer, cancellationToken), cancellationToken);
        }
        catch
        {
            await producer.DisposeAsync();
            throw;
        }
    }

    /// <summary>Null when the sources are not shared.</summary>
    internal SourceOwnership? Shared
    {
        get
        {
            lock (_open)
            {
                return _ownership;
            }
        }
    }

    internal void Closed(IAsyncDisposable opened) => _open.TryRemove(opened, out _);

    private SourceOwnership Ownership()
    {
        lock (_open)
        {
            return _ownership is { HasEnded: false } member ? member : _ownership = SourceOwnership.Join(_clients, Clock, () => Gained?.Invoke());
        }
    }

    private RecoveredSource ReadBack(SourceKey source, WorkThread<TransactionalProducer> producer, CancellationToken cancellationToken)
    {
        using var reading = new TopicReading(_clients, Clock);
        var stored = CheckpointsTopic.Read(source, Topics, reading, cancellationToken);
        var checkpoint = stored.Recover(() => EventsTopic.HasEventsOf(source, Topics, reading, cancellationToken));
        if (stored.Warning is { } warning) EitherJournal.LogFellBack(_logger, source, warning);

        return new(producer, checkpoint, checkpoint is null && stored.WasReset, stored.Memory());
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Taking {Source} over with the transactional id {TransactionalId}.")]
    private static partial void LogOwning(ILogger logger, SourceKey source, string transactionalId);
}
