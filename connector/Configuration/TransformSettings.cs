using System.Text;
using ActivityConnector.Transforms;

namespace ActivityConnector.Configuration;

/// <summary>From the options to the settings of one source's transform.</summary>
internal static class TransformSettings
{
    /// <summary>The settings that the section <c>Transform</c> decides; the privacy key is read from its file.</summary>
    /// <param name="workingDirectory">What a relative path starts from.</param>
    public static EventSettings Of(TransformOptions options, string serviceAddress, string? organizationId, string? apiVersion, AgentIdentity agent, string workingDirectory) => new()
    {
        ServiceAddress = serviceAddress,
        OrganizationId = organizationId,
        ApiVersion = apiVersion,
        Namespace = options.Namespace,
        ServiceEnvironment = options.Environment,
        Agent = agent,
        Tags = options.Tags,
        Labels = options.Labels,
        KeepOriginal = options.KeepOriginal,
        SeverityOverrides = options.Severity,
        Privacy = new PrivacyRules(options.Privacy.Fields, Key(options.Privacy.KeyFile, workingDirectory)),
    };

    private static ReadOnlyMemory<byte> Key(string? file, string workingDirectory) =>
        string.IsNullOrEmpty(file) ? default : Encoding.UTF8.GetBytes(File.ReadAllText(Path.GetFullPath(file, workingDirectory)).Trim());
}
