using System.Collections.Concurrent;
using System.Globalization;
using ActivityConnector.Pipeline;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace ActivityConnector.Journals.Kafka;

/// <summary>A topic as the journal needs it.</summary>
/// <param name="Partitions">How many it is created with.</param>
/// <param name="UsesAll">Whether every partition that there is is used; false = the first so many, and the others stay empty.</param>
/// <param name="Config">What it is created with.</param>
internal sealed record WantedTopic(string Name, int Partitions, bool UsesAll, int ReplicationFactor, IReadOnlyDictionary<string, string> Config)
{
    public override string ToString() =>
        $"partitions={Partitions}, replication.factor={ReplicationFactor}, {string.Join(", ", Config.Select(c => $"{c.Key}={c.Value}"))}";
}

/// <summary>Creates the topics that are missing, and refuses those that are not as they must be, before anything is produced.</summary>
/// <remarks>
/// Thread-safe. What differs is never changed here: that is the operator's. A topic that a broker creates by itself would be deleted from
/// after a week: the position of an idle source with it. Callers that ask while the cluster is being asked wait for the same answer.
/// </remarks>
internal sealed class TopicSetup(KafkaClients clients, TimeSpan retention, IReadOnlyCollection<string> sources, TimeProvider time) : IDisposable
{
    private const int DeadLetterDays = 90;

    /// <summary>What a broker allows a topic by default.</summary>
    private const int DefaultMaxMessageBytes = 1_048_588;

    /// <summary>What is created is not known to every broker at once.</summary>
    private static readonly TimeSpan Spread = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(200);

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, TimeSpan?> _retentions = [];
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<SourceKey, bool>> _made = [];
    private Task<IReadOnlyList<TopicReport>>? _attempt;

    public IReadOnlyCollection<string> Sources { get; } = sources;

    /// <summary>The topics of the journal.</summary>
    public IReadOnlyList<WantedTopic> Wanted =>
    [
        .. Sources.Select(source => Topic(clients.Topics.Events(source), clients.Options.Partitions, usesAll: true, new()
        {
            ["cleanup.policy"] = "delete",
            ["retention.ms"] = KafkaClients.Milliseconds(retention),
            ["compression.type"] = "producer",
            ["message.timestamp.type"] = "CreateTime",
        })),
        Topic(clients.Topics.Checkpoints, clients.Options.CheckpointPartitions, usesAll: false, new()
        {
            ["cleanup.policy"] = "compact",
            ["retention.ms"] = "-1",
            ["segment.ms"] = KafkaClients.Milliseconds(TimeSpan.FromDays(1)),
            ["min.cleanable.dirty.ratio"] = "0.1",
        }),
        Topic(clients.Topics.DeadLetters, 1, usesAll: false, new()
        {
            ["cleanup.policy"] = "delete",
            ["retention.ms"] = KafkaClients.Milliseconds(TimeSpan.FromDays(DeadLetterDays)),
        }),
    ];

    /// <summary>Until it has succeeded once, or <see cref="LookAgain"/> was called since.</summary>
    /// <returns>What there is to remark about the topics, when this call has asked; else nothing.</returns>
    /// <exception cref="JournalMisconfiguredException">A topic is missing and may not be created, or one is not as it must be.</exception>
    public async ValueTask<IReadOnlyList<string>> EnsureAsync(CancellationToken cancellationToken)
    {
        Task<IReadOnlyList<TopicReport>> attempt;
        bool isFirst;
        lock (_gate)
        {
            isFirst = _attempt is null or { IsFaulted: true } or { IsCanceled: true };
            attempt = isFirst ? _attempt = Task.Run(() => AttemptAsync(_stop.Token), _stop.Token) : _attempt!;
        }

        var topics = await attempt.WaitAsync(cancellationToken);
        return isFirst ? [.. topics.Select(t => t.Remark).OfType<string>()] : [];
    }

    /// <summary>
    /// How long the cluster keeps the events of a topic, as last seen, or as it should be where this user may not see it; null = without
    /// end.
    /// </summary>
    public TimeSpan? RetentionOf(string topic) => _retentions.GetValueOrDefault(topic, retention);

    /// <summary>A topic that was there is gone: the next <see cref="EnsureAsync"/> asks the cluster again.</summary>
    public void LookAgain()
    {
        lock (_gate)
        {
            if (_attempt is { IsCompleted: true }) _attempt = null;
        }
    }

    /// <summary>Whether the topic was created here; each who asks is answered with true once.</summary>
    public bool WasMade(string topic, SourceKey asks) => _made.TryGetValue(topic, out var told) && told.TryAdd(asks, true);

    public void Dispose() => _stop.Cancel();

    /// <summary>Creates what is missing if it may, and reports of every topic what it is.</summary>
    /// <exception cref="JournalException">The cluster cannot be asked.</exception>
    public async Task<IReadOnlyList<TopicReport>> ApplyAsync(bool create, CancellationToken cancellationToken)
    {
        var errors = new ClientErrors();
        using var admin = KafkaClients.Make(() => clients.Admin(KafkaCredentials.Read(clients.Options.Security), errors));
        try
        {
            var found = await DescribeAsync(admin, cancellationToken);
            var refused = new Dictionary<string, Error>();
            List<string> created = [];
            if (create && Wanted.Where(t => IsMissing(found[t.Name])).ToList() is { Count: > 0 } missing)
            {
                refused = await CreateAsync(admin, missing, cancellationToken);
                created = [.. missing.Select(t => t.Name).Where(name => !refused.ContainsKey(name))];
                var since = time.GetTimestamp();
                while (created.Any(name => IsMissing(found[name])) && time.GetElapsedTime(since) < Spread)
                {
                    // Brokers hear of it one after the other, and none reports when it has.
                    await Task.Delay(PollInterval, time, cancellationToken);
                    found = await DescribeAsync(admin, cancellationToken);
                }
            }

            var configs = await ConfigsAsync(admin, found.Values.Where(t => !t.Error.IsError).Select(t => t.Name), cancellationToken);
            foreach (var (name, config) in configs)
            {
                if (config.GetValueOrDefault("retention.ms") is { } kept)
                {
                    _retentions[name] = long.Parse(kept, CultureInfo.InvariantCulture) is >= 0 and var ms ? TimeSpan.FromMilliseconds(ms) : null;
                }
            }

            return [.. Wanted.Select(t => found[t.Name] switch
            {
                var topic when IsMissing(topic) => Missing(t, refused.GetValueOrDefault(t.Name)),
                { Error.IsError: true } => new TopicReport(
                    t.Name, TopicState.Hidden, "hidden", [$"This user may not see whether the topic {t.Name} is there."], [Allow("Describe")]),
                var topic => Report(t, topic, created.Contains(t.Name) ? TopicState.Created : TopicState.Exists, configs.GetValueOrDefault(t.Name)),
            })];
        }
        catch (KafkaException e)
        {
            throw KafkaFailure.Of(e, "Looking at the topics", errors.Last);
        }
    }

    private async Task<IReadOnlyList<TopicReport>> AttemptAsync(CancellationToken cancellationToken)
    {
        var topics = await ApplyAsync(clients.Options.CreateTopics, cancellationToken);
        foreach (var topic in topics.Where(t => t.State == TopicState.Created)) _made[topic.Topic] = [];

        return topics.Any(t => t.Problems.Count > 0)
            ? throw new JournalMisconfiguredException(
                string.Join(" ", topics.SelectMany(t => t.Problems)), string.Join(" ", topics.SelectMany(t => t.Fixes).Distinct()))
            : topics;
    }

    /// <summary>What was refused, by topic.</summary>
    private static async Task<Dictionary<string, Error>> CreateAsync(
        IAdminClient admin, IReadOnlyList<WantedTopic> topics, CancellationToken cancellationToken)
    {
        try
        {
            await admin.CreateTopicsAsync(
                topics.Select(t => new TopicSpecification
                {
                    Name = t.Name,
                    NumPartitions = t.Partitions,
                    ReplicationFactor = (short)t.ReplicationFactor,
                    Configs = new Dictionary<string, string>(t.Config),
                }),
                new CreateTopicsOptions { OperationTimeout = KafkaClients.AnswerTimeout, RequestTimeout = KafkaClients.AnswerTimeout })
                .WaitAsync(cancellationToken);
            return [];
        }
        catch (CreateTopicsException e)
        {
            // Another instance may have been faster.
            return e.Results.Where(r => r.Error.IsError && r.Error.Code != ErrorCode.TopicAlreadyExists).ToDictionary(r => r.Topic, r => r.Error);
        }
    }

    /// <summary>Every topic, with its error where there is nothing to be seen of it.</summary>
    private async Task<Dictionary<string, TopicDescription>> DescribeAsync(IAdminClient admin, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var names = TopicCollection.OfTopicNames(Wanted.Select(t => t.Name));
        List<TopicDescription> descriptions;
        try
        {
            var options = new DescribeTopicsOptions { RequestTimeout = KafkaClients.AnswerTimeout };
            descriptions = (await admin.DescribeTopicsAsync(names, options).WaitAsync(cancellationToken)).TopicDescriptions;
        }
        catch (DescribeTopicsException e)
        {
            descriptions = e.Results.TopicDescriptions;
        }

        foreach (var description in descriptions.Where(d => d.Error.IsError && !IsMissing(d) && d.Error.Code != ErrorCode.TopicAuthorizationFailed))
        {
            throw new KafkaException(description.Error);
        }

        return descriptions.ToDictionary(d => d.Name);
    }

    private static bool IsMissing(TopicDescription topic) => topic.Error.Code == ErrorCode.UnknownTopicOrPart;

    private TopicReport Missing(WantedTopic wanted, Error? refused)
    {
        var (problem, fix) = refused?.Code switch
        {
            null => ($"The topic {wanted.Name} is missing.", "Run setup kafka, or set Kafka:CreateTopics to true."),
            ErrorCode.TopicAuthorizationFailed or ErrorCode.ClusterAuthorizationFailed => (
                $"The topic {wanted.Name} is missing, and this user may not create it.", "Run setup kafka as a user who may, or: " + Allow("Create")),
            ErrorCode.TopicException => (
                $"The topic {wanted.Name} is missing and cannot be created: the cluster does not take its name ({refused.Reason.TrimEnd('.')}).",
                "Set another Kafka:TopicPrefix."),
            ErrorCode.InvalidReplicationFactor => (
                $"The topic {wanted.Name} is missing and cannot be created with {wanted.ReplicationFactor} copies ({refused.Reason.TrimEnd('.')}).",
                "Give the cluster that many brokers; on a cluster for tests with one broker set Kafka:ReplicationFactor=1 and Kafka:MinInSyncReplicas=1."),
            _ => (
                $"The topic {wanted.Name} is missing and cannot be created ({refused.Reason.TrimEnd('.')}).",
                "Create it with Kafka's own tools as setup kafka --dry-run shows it."),
        };
        return new TopicReport(wanted.Name, TopicState.Missing, "missing", [problem], [fix]);
    }

    /// <param name="config">Null where this user may not see it: then partitions and copies have to do.</param>
    private TopicReport Report(WantedTopic wanted, TopicDescription topic, TopicState state, IReadOnlyDictionary<string, string>? config)
    {
        var (problems, fixes) = (new List<string>(), new List<string>());
        void Differs(string setting, object value, string must, string fix)
        {
            problems.Add($"The topic {wanted.Name} has {setting}={value} where {must} must be.");
            fixes.Add(fix);
        }

        string Change(string name) => $"change it (kafka-configs.sh --alter --topic {wanted.Name} --add-config {name}={wanted.Config[name]})";

        var (partitions, copies) = (topic.Partitions.Count, topic.Partitions.Min(p => p.Replicas.Count));
        if (!wanted.UsesAll && partitions < wanted.Partitions)
        {
            Differs("partitions", partitions, $"at least {wanted.Partitions}", $"Set Kafka:CheckpointPartitions to {partitions}.");
        }

        if (copies < wanted.ReplicationFactor)
        {
            Differs(
                "replication.factor",
                copies,
                $"{wanted.ReplicationFactor}",
                $"Give the topic more copies (kafka-reassign-partitions.sh), or set Kafka:ReplicationFactor to {copies}.");
        }

        if (config?.GetValueOrDefault("cleanup.policy") is { } policy && policy != wanted.Config["cleanup.policy"])
        {
            Differs("cleanup.policy", policy, wanted.Config["cleanup.policy"], $"Stop the connector and {Change("cleanup.policy")}.");
        }

        if (config?.GetValueOrDefault("min.insync.replicas") is { } inSync && inSync != wanted.Config["min.insync.replicas"])
        {
            Differs(
                "min.insync.replicas",
                inSync,
                wanted.Config["min.insync.replicas"],
                $"Set Kafka:MinInSyncReplicas to {inSync}, or {Change("min.insync.replicas")}.");
        }

        if (config?.GetValueOrDefault("max.message.bytes") is { } most && int.Parse(most, CultureInfo.InvariantCulture) < clients.MaxMessageBytes)
        {
            Differs("max.message.bytes", most, $"at least {clients.MaxMessageBytes}", $"Lower Kafka:MaxEventBytes, or {Change("max.message.bytes")}.");
        }

        var settings = config is null
            ? "settings hidden (no DescribeConfigs)"
            : $"cleanup.policy={config.GetValueOrDefault("cleanup.policy")}, min.insync.replicas={config.GetValueOrDefault("min.insync.replicas")}";
        return new TopicReport(wanted.Name, state, $"partitions={partitions}, replication.factor={copies}, {settings}", problems, fixes)
        {
            Remark = problems.Count > 0 || partitions == wanted.Partitions ? null
                : wanted.UsesAll
                    ? $"The topic {wanted.Name} has {partitions} partitions, and Kafka:Partitions is {wanted.Partitions}: all of them are used. "
                        + "Where partitions were added, events of one key keep their order from then on."
                    : $"The topic {wanted.Name} has {partitions} partitions, and the connector uses {wanted.Partitions}, from the first on: leave it so.",
        };
    }

    /// <summary>The settings of the topics that this user may see.</summary>
    private static async Task<IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>> ConfigsAsync(
        IAdminClient admin, IEnumerable<string> topics, CancellationToken cancellationToken)
    {
        List<DescribeConfigsResult> described;
        var resources = topics.Select(name => new ConfigResource { Type = ResourceType.Topic, Name = name }).ToList();
        if (resources.Count == 0) return new Dictionary<string, IReadOnlyDictionary<string, string>>();

        try
        {
            var options = new DescribeConfigsOptions { RequestTimeout = KafkaClients.AnswerTimeout };
            described = await admin.DescribeConfigsAsync(resources, options).WaitAsync(cancellationToken);
        }
        catch (DescribeConfigsException e) when (e.Results.All(r => !r.Error.IsError
            || r.Error.Code is ErrorCode.TopicAuthorizationFailed or ErrorCode.ClusterAuthorizationFailed))
        {
            described = [.. e.Results
                .Where(r => !r.Error.IsError)
                .Select(r => new DescribeConfigsResult { ConfigResource = r.ConfigResource, Entries = r.Entries })];
        }

        return described.ToDictionary(
            d => d.ConfigResource.Name, d => (IReadOnlyDictionary<string, string>)d.Entries.ToDictionary(e => e.Key, e => e.Value.Value));
    }

    private string Allow(string operation) => $"Allow {operation} on the topics that begin with {clients.Options.TopicPrefix}.";

    private WantedTopic Topic(string name, int partitions, bool usesAll, Dictionary<string, string> config)
    {
        config["min.insync.replicas"] = clients.Options.MinInSyncReplicas.ToString(CultureInfo.InvariantCulture);
        config["max.message.bytes"] = Math.Max(clients.MaxMessageBytes, DefaultMaxMessageBytes).ToString(CultureInfo.InvariantCulture);
        return new(name, partitions, usesAll, clients.Options.ReplicationFactor, config);
    }
}
