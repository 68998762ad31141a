using ActivityConnector.Configuration;
using ActivityConnector.Transforms;

namespace ActivityConnector.Commands;

/// <summary>The transform of one vendor as configured, without network and state.</summary>
internal static class OfflineTransform
{
    /// <summary>The property of a vendor's answer that holds the records.</summary>
    public static string ListOf(string vendor) => vendor == "intercom" ? "activity_logs" : "items";

    /// <param name="account">The organisation of Intercom's records, which no record tells; null = the configured account.</param>
    public static IActivityTransform Create(string vendor, ConnectorOptions options, string? account, string workingDirectory)
    {
        var tables = MappingTables.Of(options.Transform);
        // The journal keeps the agent's id; without one it has none.
        var agent = new AgentIdentity("", options.Transform.AgentName ?? Environment.MachineName, VersionCommand.Connector);
        if (vendor == "intercom")
        {
            var source = options.Sources.Intercom is [var first, ..] ? first : new();
            var organization = account ?? source.Account ?? "unknown";
            return new IntercomTransform(tables.Intercom, TransformSettings.Of(options.Transform, source.BaseUrl, organization, source.ApiVersion, agent, workingDirectory));
        }

        var sequence = options.Sources.Sequence is [var one, ..] ? one : new();
        return new SequenceTransform(tables.Sequence, TransformSettings.Of(options.Transform, sequence.BaseUrl, null, sequence.ApiVersion, agent, workingDirectory));
    }
}
