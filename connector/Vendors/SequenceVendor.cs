using ActivityConnector.Configuration;
using ActivityConnector.Scheduling;
using ActivityConnector.Sources.Sequence;
using ActivityConnector.Transforms;

namespace ActivityConnector.Vendors;

/// <summary>Sequence: activity logs of an account.</summary>
internal static class SequenceVendor
{
    private const string Name = "sequence";

    public static Vendor Create() => new()
    {
        Name = Name,
        RecordsProperty = "items",
        ParseTable = Parse,
        OfflineOrigin = (options, _) => new EventOrigin(options.Sources.Sequence is [var first, ..] ? first.BaseUrl : new SequenceOptions().BaseUrl, null, null, null),
        Sources = (options, parts) => options.Sources.Sequence.Where(SourceSwitch.IsOn).Select(o => new ConfiguredSource
        {
            Name = Vendor.SourceName(Name, o.Account),
            Source = SequenceSource.Create(o, parts.Time, SourceParts.NewRandom(), parts.Logs),
            Transform = account => parts.Transform(Name, o.BaseUrl, null, account),
            Schedule = o.Schedule,
            SweepSchedule = o.SweepSchedule,
            SweepRange = o.SweepRange,
            Overlap = o.HoldBack,
        }),
    };

    private static VendorTable Parse(string csv)
    {
        var table = SequenceTable.Parse(csv);
        return new VendorTable
        {
            Rows = [.. table.Rows.Select(row => new VendorTableRow($"{row.Verb} {row.EntityType}", row.Action, row.Category, row.Type, row.Outcome, row.Severity))],
            Explain = (verb, entityType) => entityType is null ? null : Explain(table, verb, entityType),
            NewTransform = settings => new SequenceTransform(table, settings),
        };
    }

    private static VendorTableAnswer Explain(SequenceTable table, string verb, string entityType)
    {
        var row = table.Find(verb, entityType);
        return new([.. VendorTableAnswer.Of(Name, table.Classify(verb, entityType)), ("row", $"{row.Verb} {row.EntityType}"), ("basis", row.Basis), ("why", row.Why)]);
    }
}
