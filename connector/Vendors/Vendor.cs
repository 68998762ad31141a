using ActivityConnector.Configuration;
using ActivityConnector.Scheduling;

namespace ActivityConnector.Vendors;

/// <summary>
/// One vendor as the composition root and the commands know it. Everything about a vendor that is neither its source, its transform nor
/// its table stands in its file in this folder.
/// </summary>
internal sealed record Vendor
{
    /// <summary>Every vendor this connector reads.</summary>
    public static IReadOnlyList<Vendor> All { get; } =
    [
        IntercomVendor.Create(),
        SequenceVendor.Create(),
    ];

    public static string[] Names { get; } = [.. All.Select(v => v.Name)];

    /// <summary>The short name: of the source, of the section in lower case, of the dataset before <c>.audit</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The property of an answer that holds the records.</summary>
    public required string RecordsProperty { get; init; }

    /// <summary>The mapping table's file in the folder of the tables.</summary>
    public string TableFile => $"{Name}-ecs.csv";

    /// <summary>Reads the mapping table from its CSV text; a <see cref="FormatException"/> names line and cause.</summary>
    public required Func<string, VendorTable> ParseTable { get; init; }

    /// <summary>What events say of their origin when there is no network to ask: as configured, or the account given.</summary>
    public required Func<ConnectorOptions, string?, EventOrigin> OfflineOrigin { get; init; }

    /// <summary>The accounts that are on.</summary>
    public required Func<ConnectorOptions, SourceParts, IEnumerable<ConfiguredSource>> Sources { get; init; }

    public static Vendor Named(string name) => All.First(v => v.Name == name);

    /// <summary>The vendor's name, with the account where one is configured.</summary>
    public static string SourceName(string vendor, string? account) => string.IsNullOrEmpty(account) ? vendor : $"{vendor}/{account}";
}
