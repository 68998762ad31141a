using System.Security.Cryptography;
using ActivityConnector.Configuration;
using ActivityConnector.Pipeline;
using ActivityConnector.Transforms;

namespace ActivityConnector.Vendors;

/// <summary>What a vendor's sources are put together with.</summary>
internal sealed class SourceParts(ConnectorOptions options, AgentIdentity agent, TimeProvider time, ILoggerFactory logs)
{
    private readonly IReadOnlyDictionary<string, VendorTable> _tables = VendorTables.Of(options.Transform);

    public TimeProvider Time { get; } = time;

    public ILoggerFactory Logs { get; } = logs;

    /// <summary>For jitter: every source has its own.</summary>
    public static Random NewRandom() => new(RandomNumberGenerator.GetInt32(int.MaxValue));

    /// <summary>The transform for the records of an account, once it is known.</summary>
    public IActivityTransform Transform(string vendor, string baseUrl, string? apiVersion, SourceIdentity account) =>
        _tables[vendor].NewTransform(TransformSettings.Of(
            options.Transform,
            new EventOrigin(baseUrl.TrimEnd('/'), account.OrganizationId, account.OrganizationName, apiVersion),
            agent,
            Directory.GetCurrentDirectory()));
}
