using System.Globalization;
using ActivityConnector.Pipeline;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace ActivityConnector.Journals.Kafka;

/// <summary>A topic as the journal needs it.</summary>
/// <param name="Config">Settings that must be so.</param>
internal sealed record WantedTopic(string Name, int Partitions, int ReplicationFactor, IReadOnlyDictionary<string, string> Config);

/// <summary>Creates the topics that are missing, and refuses those that are not as they must be, before anything is produced.</summary>
/// <remarks>
/// Thread-safe. A topic that a broker creates by itself would be deleted from after a week: the position of an idle source with it.
/// </remarks>
internal sealed class TopicSetup(KafkaClients clients, TimeSpan retention, IReadOnlyCollection<string> sources, TimeProvider time) : IDisposable
{
    private const int DeadLetterDays = 90;

    /// <summary>What is created is not known to every broker at once.</summary>
    private static readonly TimeSpan Spread = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(200);

    private readonly SemaphoreSlim _one = new(1, 1);
    private bool _done;

    public IReadOnlyCollection<string> Sources { get; } = sources;

    /// <summary>The topics of the journal.</summary>
    public IReadOnlyList<WantedTopic> Wanted =>
    [
        .. Sources.Select(source => Topic(clients.Topics.Events(source), clients.Options.Partitions, new()
        {
            ["cleanup.policy"] = "delete",
            ["retention.ms"] = Milliseconds(retention),
            ["compression.type"] = "producer",
            ["message.timestamp.type"] = "CreateTime",
        })),
        Topic(clients.Topics.Checkpoints, clients.Options.CheckpointPartitions, new()
        {
            ["cleanup.policy"] = "compact",
            ["retention.ms"] = "-1",
            ["segment.ms"] = Milliseconds(TimeSpan.FromDays(1)),
            ["min.cleanable.dirty.ratio"] = "0.1",
        }),
        Topic(clients.Topics.DeadLetters, 1, new()
        {
            ["cleanup.policy"] = "delete",
            ["retention.ms"] = Milliseconds(TimeSpan.FromDays(DeadLetterDays)),
        }),
    ];

    /// <summary>Until it has succeeded once.</summary>
    /// <exception cref="JournalMisconfiguredException">A topic is missing and may not be created, or one is not as it must be.</exception>
    public async ValueTask EnsureAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _done))
        {
            return;
        }

        await _one.WaitAsync(cancellationToken);
        try
        {
            if (!_done)
            {
                var problems = await ApplyAsync(clients.Options.CreateTopics, cancellationToken);
                if (problems.Count > 0)
                {
                    throw new JournalMisconfiguredException(string.Join(" ", problems), "Run setup kafka to create what is missing; change what differs with Kafka's own tools, or the options that say otherwise.");
                }

                Volatile.Write(ref _done, true);
            }
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    /// <summary>Creates what is missing if it may, and says what is not as it must be, one sentence each.</summary>
    public async Task<IReadOnlyList<string>> ApplyAsync(bool create, CancellationToken cancellationToken)
    {
        var trouble = new ClientTrouble();
        using var admin = TransactionalProducer.Make(() => clients.Admin(KafkaCredentials.Read(clients.Options.Security), trouble));
        try
        {
            var problems = new List<string>();
            var found = await DescribeAsync(admin, cancellationToken);
            if (create && Wanted.Where(t => !found.ContainsKey(t.Name)).ToList() is { Count: > 0 } missing)
            {
                problems.AddRange(await CreateAsync(admin, missing));
                var created = time.GetTimestamp();
                while ((found = await DescribeAsync(admin, cancellationToken)).Count < Wanted.Count - problems.Count && time.GetElapsedTime(created) < Spread)
                {
                    await Task.Delay(LookAgain, time, cancellationToken);
                }
            }

            foreach (var topic in Wanted)
            {
                if (found.TryGetValue(topic.Name, out var topicFound))
                {
                    problems.AddRange(await DifferencesAsync(admin, topic, topicFound));
                }
                else if (!problems.Any(p => p.Contains(topic.Name, StringComparison.Ordinal)))
                {
                    problems.Add($"The topic {topic.Name} is missing.");
                }
            }

            return problems;
        }
        catch (KafkaException e)
        {
            throw KafkaFailure.Of(e, "Looking at the topics", trouble.Said);
        }
    }

    private static async Task<IReadOnlyList<string>> CreateAsync(IAdminClient admin, IReadOnlyList<WantedTopic> topics)
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
                new CreateTopicsOptions { OperationTimeout = KafkaClients.AnswerTimeout, RequestTimeout = KafkaClients.AnswerTimeout });
            return [];
        }
        catch (CreateTopicsException e)
        {
            // Another instance may have been faster.
            return [.. e.Results.Where(r => r.Error.IsError && r.Error.Code != ErrorCode.TopicAlreadyExists)
                .Select(r => $"The topic {r.Topic} is missing and cannot be created: {r.Error.Reason}.")];
        }
    }

    private async Task<Dictionary<string, TopicDescription>> DescribeAsync(IAdminClient admin, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var names = TopicCollection.OfTopicNames(Wanted.Select(t => t.Name));
        List<TopicDescription> descriptions;
        try
        {
            descriptions = (await admin.DescribeTopicsAsync(names, new DescribeTopicsOptions { RequestTimeout = KafkaClients.AnswerTimeout })).TopicDescriptions;
        }
        catch (DescribeTopicsException e)
        {
            descriptions = e.Results.TopicDescriptions;
        }

        foreach (var description in descriptions.Where(d => d.Error.IsError && d.Error.Code != ErrorCode.UnknownTopicOrPart))
        {
            throw new KafkaException(description.Error);
        }

        return descriptions.Where(d => !d.Error.IsError).ToDictionary(d => d.Name);
    }

    private static async Task<IReadOnlyList<string>> DifferencesAsync(IAdminClient admin, WantedTopic wanted, TopicDescription found)
    {
        var differences = new List<string>();
        if (found.Partitions.Count != wanted.Partitions)
        {
            differences.Add($"The topic {wanted.Name} has {found.Partitions.Count} partitions, and {wanted.Partitions} are configured.");
        }

        if (found.Partitions.Min(p => p.Replicas.Count) is var replicas && replicas < wanted.ReplicationFactor)
        {
            differences.Add($"The topic {wanted.Name} has {replicas} copies, and {wanted.ReplicationFactor} are configured.");
        }

        if (await ConfigAsync(admin, wanted.Name) is { } config)
        {
            foreach (var name in (string[])["cleanup.policy", "min.insync.replicas"])
            {
                if (config.GetValueOrDefault(name) is { } value && value != wanted.Config[name])
                {
                    differences.Add($"The topic {wanted.Name} has {name}={value} where {wanted.Config[name]} must be.");
                }
            }
        }

        return differences;
    }

    /// <summary>Null where this user may not see it: then the partitions have to do.</summary>
    private static async Task<IReadOnlyDictionary<string, string>?> ConfigAsync(IAdminClient admin, string topic)
    {
        try
        {
            var described = await admin.DescribeConfigsAsync(
                [new ConfigResource { Type = ResourceType.Topic, Name = topic }], new DescribeConfigsOptions { RequestTimeout = KafkaClients.AnswerTimeout });
            return described.Single().Entries.ToDictionary(e => e.Key, e => e.Value.Value);
        }
        catch (DescribeConfigsException e) when (e.Results.All(r => r.Error.Code is ErrorCode.TopicAuthorizationFailed or ErrorCode.ClusterAuthorizationFailed))
        {
            return null;
        }
    }

    private WantedTopic Topic(string name, int partitions, Dictionary<string, string> config)
    {
        config["min.insync.replicas"] = clients.Options.MinInSyncReplicas.ToString(CultureInfo.InvariantCulture);
        return new(name, partitions, clients.Options.ReplicationFactor, config);
    }

    private static string Milliseconds(TimeSpan time) => ((long)time.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
}
