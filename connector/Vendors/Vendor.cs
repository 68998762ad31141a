using ActivityConnector.Configuration;
using ActivityConnector.Pipeline;
using ActivityConnector.Scheduling;
using ActivityConnector.Transforms;
using ActivityConnector.Transforms.Fields;

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

    /// <summary>Every field that an event of any vendor, or of the connector itself, may have.</summary>
    public static IReadOnlyList<EventField> EventFields { get; } = [.. EcsFields.All, .. AuditEvent.Fields, .. All.SelectMany(v => v.Fields)];

    /// <summary>The JSON Schema of an event in the flat form, in one line: what a schema registry holds.</summary>
    public static string EventSchema { get; } = Transforms.Fields.EventSchema.Text(EventFields, nested: false, indented: false);

    /// <summary>The short name: of the source, of the section in lower case, of the dataset before <c>.audit</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The property of an answer that holds the records.</summary>
    public required string RecordsProperty { get; init; }

    /// <summary>Members of a record by which a person sees that it is this vendor's; not given: none.</summary>
    public IReadOnlyList<string> RecordMarks { get; init; } = [];

    /// <summary>The vendor's section in the file that <c>config new</c> prints.</summary>
    public string StartingSection { get => field ?? $"    \"{Name}\": {{ \"Enabled\": true }},"; init; }
    /// <summary>The fields of its events that ECS does not have.</summary>
    public IReadOnlyList<EventField> Fields { get; init; } = [];

    /// <summary>The mapping table's file in the folder of the tables.</summary>
    public string TableFile => $"{Name}-ecs.csv";

    /// <summary>The account of a source where none is configured; empty where the vendor is asked for it.</summary>
    public string DefaultAccount { get; init; } = "";

    /// <summary>Reads the mapping table from its CSV text; a <see cref="FormatException"/> names line and cause.</summary>
    public required Func<string, VendorTable> ParseTable { get; init; }

    /// <summary>What events say of their origin when there is no network to ask: as configured, or the account given.</summary>
    public required Func<ConnectorOptions, string?, EventOrigin> OfflineOrigin { get; init; }

    /// <summary>The configured accounts, whether they are on or not.</summary>
    public required Func<SourcesOptions, IEnumerable<VendorAccount>> Accounts { get; init; }

    public static Vendor Named(string name) => All.First(v => v.Name == name);

    /// <summary>
    /// The longest reach of any source: its sweep and its overlap. A journal that forgets ids keeps at least those of this time.
    /// Accounts that are off count too, because a position outlives a credential.
    /// </summary>
    public static TimeSpan LongestReach(SourcesOptions sources) =>
        All.SelectMany(v => v.Accounts(sources)).Select(a => a.Options.SweepRange + a.Options.Overlap).DefaultIfEmpty().Max();

    /// <summary>What an account is called: by the vendor alone where it has no name.</summary>
    public string NameOf(ISourceOptions account) => string.IsNullOrEmpty(account.Account) ? Name : $"{Name}/{account.Account}";

    /// <summary>The accounts that are on.</summary>
    public IEnumerable<ConfiguredSource> Sources(SourcesOptions sources, SourceParts parts) =>
        Accounts(sources).Where(a => a.IsOn).Select(a => new ConfiguredSource
        {
            Name = NameOf(a.Options),
            Source = a.NewSource(parts),
            Transform = account => parts.Transform(Name, a.Options.BaseUrl, a.ApiVersion, account),
            Options = a.Options,
        });
}
