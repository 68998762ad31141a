using ActivityConnector.Pipeline;

namespace ActivityConnector.Journals.Kafka;

/// <summary>
/// The schema of the events topics' values in the registry: one text under the subject of each topic (<c>{topic}-value</c>, which Confluent calls
/// TopicNameStrategy).
/// </summary>
/// <remarks>Thread-safe. Nothing is registered unless every subject can take it.</remarks>
internal sealed class ValueSchemas(KafkaOptions options, IReadOnlyCollection<string> sources, string schema, TimeProvider time)
{
    private readonly KafkaTopics _topics = new(options);

    /// <summary>The id of the schema for each topic; none when there is no registry.</summary>
    /// <exception cref="JournalException">It is not registered and may not be, cannot be, or the registry cannot be asked.</exception>
    public async Task<IReadOnlyDictionary<string, int>> EnsureAsync(CancellationToken cancellationToken)
    {
        if (!options.SchemaRegistry.IsOn) return new Dictionary<string, int>();

        var found = await ApplyAsync(options.SchemaRegistry.AutoRegister, cancellationToken);
        var problems = found.Where(subject => subject.Problem is not null).ToList();
        return problems.Count > 0
            ? throw new JournalMisconfiguredException(
                string.Join(" ", problems.Select(subject => subject.Problem)), string.Join(" ", problems.Select(subject => subject.Fix).Distinct()))
            : found.ToDictionary(subject => subject.Topic, subject => subject.Id!.Value);
    }

    /// <summary>What the registry has for each topic; nothing when there is no registry.</summary>
    /// <param name="register">Whether a schema that is missing is registered.</param>
    /// <exception cref="JournalException">The registry cannot be asked, or refuses.</exception>
    public async Task<IReadOnlyList<ValueSchema>> ApplyAsync(bool register, CancellationToken cancellationToken)
    {
        if (!options.SchemaRegistry.IsOn) return [];

        using var registry = new SchemaRegistry(options.SchemaRegistry, time);
        var found = new List<ValueSchema>();
        foreach (var topic in sources.Select(_topics.Events))
        {
            var subject = new ValueSchema(topic, SchemaState.Registered, await registry.FindAsync(ValueSchema.SubjectOf(topic), schema, cancellationToken));
            if (subject.Id is null)
            {
                var conflict = await registry.ConflictAsync(subject.Subject, schema, cancellationToken);
                subject = subject with { State = conflict is null ? SchemaState.Missing : SchemaState.Incompatible, Conflict = conflict };
            }

            found.Add(subject);
        }

        if (!register || found.Any(subject => subject.State == SchemaState.Incompatible)) return found;

        for (var i = 0; i < found.Count; i++)
        {
            if (found[i].State != SchemaState.Missing) continue;

            found[i] = found[i] with
            {
                State = SchemaState.RegisteredNow,
                Id = await registry.RegisterAsync(found[i].Subject, schema, cancellationToken),
            };
        }

        return found;
    }

    /// <summary>A row for each topic; nothing is registered.</summary>
    public async Task<IReadOnlyList<CheckResult>> CheckAsync(CancellationToken cancellationToken)
    {
        try
        {
            return
            [
                .. (await ApplyAsync(register: false, cancellationToken)).Select(subject =>
                    subject.State == SchemaState.Missing && options.SchemaRegistry.AutoRegister
                        ? new CheckResult($"schema {subject.Subject}", "It is not registered yet, and can be: the start does it.")
                        : new CheckResult($"schema {subject.Subject}", subject.Problem ?? subject.Found, subject.Fix)),
            ];
        }
        catch (JournalException e)
        {
            return [CheckResult.Of("schema registry", e)];
        }
    }
}

/// <summary>The schema of one topic's values in the registry.</summary>
/// <param name="Id">What the registry calls it; null when it is not there.</param>
internal sealed record ValueSchema(string Topic, SchemaState State, int? Id)
{
    public string Subject => SubjectOf(Topic);

    /// <summary>In which way it is incompatible, in the registry's words, which may be none.</summary>
    public string? Conflict { get; init; }

    public string Found => Id is { } id ? $"id {id}" : "not registered";

    /// <summary>Why events cannot be written with it, as one sentence; null when they can.</summary>
    public string? Problem => State switch
    {
        SchemaState.Missing => $"The schema registry does not have the schema of {Subject}.",
        SchemaState.Incompatible =>
            $"The schema of {Subject} is incompatible with the one that the registry has{(Conflict is { Length: > 0 } why ? $" ({why})" : "")}.",
        _ => null,
    };

    /// <summary>What to do about it.</summary>
    public string? Fix => State switch
    {
        SchemaState.Missing => "Run setup kafka, or set Kafka:SchemaRegistry:AutoRegister to true.",
        SchemaState.Incompatible => "If it is of another program, set another Kafka:TopicPrefix. If it is of an older connector, set the subject's "
            + "compatibility to BACKWARD, or to NONE for one run of setup kafka.",
        _ => null,
    };

    /// <summary>The name under which a registry holds the schema of a topic's values.</summary>
    public static string SubjectOf(string topic) => topic + "-value";
}

/// <summary>What there is of a schema.</summary>
internal enum SchemaState
{
    /// <summary>It was there before.</summary>
    Registered,

    /// <summary>It was registered just now.</summary>
    RegisteredNow,

    /// <summary>It is not there, and the registry would take it.</summary>
    Missing,

    /// <summary>The registry would not take it.</summary>
    Incompatible,
}
