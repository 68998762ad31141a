using System.Text;
using ActivityConnector.Pipeline;
using ActivityConnector.Transforms;

namespace ActivityConnector.Configuration;

/// <summary>From the options to the settings of one source's transform.</summary>
internal static class TransformSettings
{
    /// <summary>The option that names the file of the privacy key.</summary>
    public const string KeyOption = "Transform:Privacy:KeyFile";

    /// <summary>The settings that the section <c>Transform</c> decides; the privacy key is read from its file.</summary>
    /// <param name="workingDirectory">What a relative path starts from.</param>
    public static EventSettings Of(TransformOptions options, EventOrigin origin, AgentIdentity agent, string workingDirectory) => new()
    {
        ServiceAddress = origin.ServiceAddress,
        OrganizationId = origin.OrganizationId,
        OrganizationName = origin.OrganizationName,
        ApiVersion = origin.ApiVersion,
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
        string.IsNullOrEmpty(file) ? default : Encoding.UTF8.GetBytes(SecretFile.ReadText(Path.GetFullPath(file, workingDirectory), KeyOption));
}

/// <summary>Where the records of one account come from, as its events say it.</summary>
/// <param name="ServiceAddress">The configured base URL.</param>
/// <param name="OrganizationId">Null where each record names its own.</param>
/// <param name="ApiVersion">The version asked for, where it belongs to the record.</param>
internal sealed record EventOrigin(string ServiceAddress, string? OrganizationId, string? OrganizationName, string? ApiVersion);
