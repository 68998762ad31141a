using System.Text;

namespace ActivityConnector.Transforms.Ecs;

/// <summary>The fields that are the same in every event of one source, as finished JSON.</summary>
internal sealed class EventFrame
{
    public const string EcsVersion = "8.17.0";
    public const string AgentType = "activity-connector";

    public EventFrame(EventSettings settings, string provider)
    {
        var dataset = Dataset = EcsEvent.DatasetOf(provider);
        var agent = settings.Agent;
        AfterMessage = Encoding.UTF8.GetBytes(
            JsonFragment.Field("ecs.version", EcsVersion)
            + JsonFragment.Field("agent.ephemeral_id", agent.EphemeralId)
            + JsonFragment.Field("agent.id", agent.Id)
            + JsonFragment.Field("agent.name", agent.Name)
            + JsonFragment.Field("agent.type", AgentType)
            + JsonFragment.Field("agent.version", agent.Version)
            + JsonFragment.Field("data_stream.dataset", dataset)
            + JsonFragment.Field("data_stream.namespace", settings.Namespace)
            + JsonFragment.Field("data_stream.type", "logs"));
        DatasetAndHash = Encoding.UTF8.GetBytes($"\",\"event.dataset\":\"{dataset}\",\"event.hash\":\"");
        Kind = Encoding.UTF8.GetBytes($",\"event.kind\":\"event\",\"event.module\":\"{provider}\"");
        ErrorKind = Encoding.UTF8.GetBytes($",\"event.kind\":\"pipeline_error\",\"event.module\":\"{provider}\"");
        Labels = Encoding.UTF8.GetBytes(string.Concat(
            settings.Labels.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => JsonFragment.Field($"labels.{label.Key}", label.Value))));
        OrganizationName = Encoding.UTF8.GetBytes(JsonFragment.Field("organization.name", settings.OrganizationName));
        Service = Encoding.UTF8.GetBytes(
            JsonFragment.Field("service.address", settings.ServiceAddress)
            + JsonFragment.Field("service.environment", settings.ServiceEnvironment)
            + JsonFragment.Field("service.name", provider)
            + JsonFragment.Field("service.type", provider));
        TagsOf = new(settings.Tags);
    }

    public string Dataset { get; }

    public byte[] AfterMessage { get; }

    public byte[] DatasetAndHash { get; }

    public byte[] Kind { get; }

    public byte[] ErrorKind { get; }

    public byte[] Labels { get; }

    public byte[] OrganizationName { get; }

    public byte[] Service { get; }

    public TagFields TagsOf { get; }
}
