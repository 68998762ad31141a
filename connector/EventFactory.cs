using ActivityConnector.Configuration;
using ActivityConnector.Pipeline;
using ActivityConnector.Sources.Intercom;
using ActivityConnector.Sources.Sequence;
using ActivityConnector.Transforms;

namespace ActivityConnector;

/// <summary>From configuration and an account to the transform for its records. The mapping tables are read once.</summary>
internal sealed class EventFactory(TransformOptions options, AgentIdentity agent)
{
    private readonly Lazy<IntercomTable> _intercom = new(() => IntercomTable.Parse(File.ReadAllText(Path.Combine(options.MappingsFolder!, "intercom-ecs.csv"))));
    private readonly Lazy<SequenceTable> _sequence = new(() => SequenceTable.Parse(File.ReadAllText(Path.Combine(options.MappingsFolder!, "sequence-ecs.csv"))));

    public IActivityTransform Intercom(IntercomOptions source, SourceIdentity account) =>
        new IntercomTransform(_intercom.Value, Settings(source.BaseUrl, account) with { ApiVersion = source.ApiVersion });

    public IActivityTransform Sequence(SequenceOptions source, SourceIdentity account) =>
        new SequenceTransform(_sequence.Value, Settings(source.BaseUrl, account));

    private EventSettings Settings(string baseUrl, SourceIdentity account) => new()
    {
        ServiceAddress = baseUrl.TrimEnd('/'),
        OrganizationId = account.OrganizationId,
        OrganizationName = account.OrganizationName,
        Namespace = options.Namespace,
        ServiceEnvironment = options.Environment,
        Agent = agent,
        Tags = options.Tags,
        Labels = options.Labels,
        KeepOriginal = options.KeepOriginal,
        SeverityOverrides = options.Severity,
        Privacy = options.Privacy.Fields.Values.All(a => a == PrivacyAction.Keep)
            ? PrivacyRules.KeepAll
            : new PrivacyRules(options.Privacy.Fields, options.Privacy.KeyFile is { } file ? File.ReadAllBytes(file) : ReadOnlyMemory<byte>.Empty),
    };
}
