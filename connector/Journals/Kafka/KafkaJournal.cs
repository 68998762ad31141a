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
    private readonly ConcurrentDictionary<string, StrangerWatch> _strangers = [];
    private readonly ConcurrentDictionary<string, bool> _remarks = [];
    private SourceOwnership? _ownership;
    private IReadOnlyDictionary<string, int>? _schemaIds;
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
        AgentId = IdOf(options);
    }

    /// <summary>Sources were another instance's and are now this one's to collect. Raised on any thread; only with Kafka:HighAvailability.</summary>
    public event Action? Gained;

    /// <summary>Whether dead letters of records that other programs wrote are without their text, because a privacy rule hides values.</summary>
    public bool WithholdsStrangers { get; init; }

    /// <summary>Which records have spans of their own.</summary>
    internal RecordSpans RecordSpans { get; init; } = RecordSpans.None;

    /// <summary>The JSON Schema of an event, for the schema registry; needed where <c>Kafka:SchemaRegistry</c> names one.</summary>
    public string EventSchema { get; init; } = "";

    /// <inheritdoc/>
    public int MaxEventBytes => _clients.MaxEventBytes;

    /// <inheritdoc/>
    public Guid AgentId { get; }

    internal KafkaTopics Topics => _clients.Topics;

    internal TimeSpan LongestReach { get; }

    internal TimeProvider Clock { get; }

    /// <inheritdoc/>
    public async ValueTask<IJournalWriter> OpenWriterAsync(SourceKey source, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        await EnsureTopicsAsync(cancellationToken);
        _schemaIds ??= await new ValueSchemas(_clients.Options, _setup.Sources, EventSchema, Clock).EnsureAsync(cancellationToken);
        if (_clients.Options.HighAvailability) await Ownership().RequireAsync(source, cancellationToken);

        var writer = new KafkaJournalWriter(this, source, await RecoverAsync(source, cancellationToken));
        _open.TryAdd(writer, true);
        return writer;
    }

    /// <inheritdoc/>
    public async ValueTask<IJournalReader> OpenReaderAsync(string reader, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        await EnsureTopicsAsync(cancellationToken);
        var watch = _watches.GetOrAdd(reader, name => new RetentionWatch(name, _setup.RetentionOf, _logger));
        var strangers = _strangers.GetOrAdd(reader, name => new StrangerWatch(name, Clock, _logger));
        var opened = KafkaJournalReader.Open(this, _clients, _setup.Sources, reader, watch, strangers, _logger);
        _open.TryAdd(opened, true);
        return opened;
    }

    /// <inheritdoc/>
    public async ValueTask KeepDeadLettersAsync(IReadOnlyList<DeadLetter> letters, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        await EnsureTopicsAsync(cancellationToken);
        await DeadLetterTopic.WriteAsync(
            _clients, most => letters.Select(letter => DeadLetterRecord.Of(Topics.DeadLetterPartition, letter, most)), cancellationToken);
    }

    /// <summary>Ends its writers and readers, and gives up what it owns.</summary>
    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        foreach (var open in _open.Keys) await open.DisposeAsync();

        if (Shared is { } ownership) await ownership.DisposeAsync();

        _setup.Dispose();
    }

    /// <summary>No state of its own: the same topics are the same journal.</summary>
    internal static Guid IdOf(KafkaOptions options)
    {
        var name = Encoding.UTF8.GetBytes($"activity-connector\n{options.TopicPrefix}\n{options.Environment}");
        return new Guid(SHA256.HashData(name).AsSpan(0, 16), bigEndian: true);
    }

    internal EventRecord EventsOf(SourceKey source)
    {
        var topic = Topics.Events(source.Source);
        return new(source, topic, _clients.Options.Key, _schemaIds?.TryGetValue(topic, out var id) == true ? id : null);
    }

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
        catch (Exception e)
        {
            if (e is JournalException failure) Failed(failure);

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

    /// <summary>What failed may have failed because a topic was deleted: then the topics are looked at again before the next writer or reader.</summary>
    internal void Failed(JournalException failure)
    {
        if (KafkaFailure.IsOfMissingTopic(failure)) _setup.LookAgain();
    }

    /// <summary>The cluster refused a commit as too large: whether the next one may be smaller.</summary>
    internal bool LowerMaxEventBytes(int tried) => _clients.LowerMaxEventBytes(tried);

    internal void Closed(IAsyncDisposable opened) => _open.TryRemove(opened, out _);

    private async ValueTask EnsureTopicsAsync(CancellationToken cancellationToken)
    {
        foreach (var remark in await _setup.EnsureAsync(cancellationToken))
        {
            if (_remarks.TryAdd(remark, true)) LogRemark(_logger, remark);
        }
    }

    /// <summary>What was committed to a topic that was missing is not there any more, and its checkpoint does not bring it back.</summary>
    private void SayWhatIsGone(SourceKey source, Checkpoint? checkpoint)
    {
        var (events, letters) = (_setup.WasMade(Topics.Events(source.Source), source), _setup.WasMade(Topics.DeadLetters, source));
        if (events && checkpoint is { Totals.Published: > 0 and var published }) LogMadeAgain(_logger, Topics.Events(source.Source), source, published);
        if (letters && checkpoint is { Totals.DeadLetters: > 0 and var kept }) LogLettersMadeAgain(_logger, Topics.DeadLetters, source, kept);
    }

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
        SayWhatIsGone(source, checkpoint);
        if (stored.Warning is { } warning) EitherJournal.LogFellBack(_logger, source, warning);

        return new(producer, checkpoint, checkpoint is null && stored.WasReset, stored.Memory(_clients.MaxEventBytes));
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Taking {Source} over with the transactional id {TransactionalId}.")]
    private static partial void LogOwning(ILogger logger, SourceKey source, string transactionalId);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Remark}")]
    private static partial void LogRemark(ILogger logger, string remark);

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "The topic {Topic} was missing and was made again, although {Source} has published {Count} events: those that it held are gone from Kafka. "
            + "{Source} is collected on from its checkpoint, which does not bring them back. If they were deleted on purpose, nothing is to be done; "
            + "to have everything read and published anew, stop, set another Kafka:TopicPrefix, and start.")]
    private static partial void LogMadeAgain(ILogger logger, string topic, SourceKey source, long count);

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "The topic {Topic} was missing and was made again, although {Source} has had {Count} dead letters: those that were open are gone.")]
    private static partial void LogLettersMadeAgain(ILogger logger, string topic, SourceKey source, long count);
}
