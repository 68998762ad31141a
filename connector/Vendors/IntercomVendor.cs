using ActivityConnector.Configuration;
using ActivityConnector.Sources.Intercom;
using ActivityConnector.Transforms.Intercom;

namespace ActivityConnector.Vendors;

/// <summary>Intercom: admin activity logs of a workspace.</summary>
internal static class IntercomVendor
{
    private const string Name = "intercom";

    public static Vendor Create() => new()
    {
        Name = Name,
        RecordsProperty = "activity_logs",
        RecordMarks = ["activity_type", "performed_by", "activity_description"],
        StartingSection = """
            "Intercom": {
              "Enabled": true,
              // Permissions: Read admins, Read admin activity logs. Give the token as the environment variable Sources__Intercom__AccessToken,
              // or as a file that holds it alone, which is read again when it changes:
              // "AccessTokenFile": "/run/secrets/intercom",

              // In the EU: https://api.eu.intercom.io, in Australia: https://api.au.intercom.io.
              "BaseUrl": "https://api.intercom.io",

              // Where the first run starts: a time, or a span before now. Without it: as far back as the vendor goes.
              // "StartAt": "-30d",
            },
        """,
        Fields = IntercomEventFields.All,
        ParseTable = Parse,
        OfflineOrigin = (options, account) =>
        {
            // No record names the workspace.
            var source = options.Sources.Intercom is [var first, ..] ? first : new();
            return new EventOrigin(source.BaseUrl, account ?? source.Account ?? "unknown", null, source.ApiVersion);
        },
        Accounts = sources => sources.Intercom.Select(o => new VendorAccount
        {
            Options = o,
            ApiVersion = o.ApiVersion,
            Credential = o.AccessToken ?? o.AccessTokenFile,
            CheckCredential = rules => rules.Secret("AccessToken", o.AccessToken, o.AccessTokenFile, isNeeded: true),
            NewSource = parts => IntercomSource.Create(o, parts.Time, SourceParts.NewRandom(), parts.Logs),
        }),
    };

    private static VendorTable Parse(string csv)
    {
        var table = IntercomTable.Parse(csv);
        return new VendorTable
        {
            Rows = [.. table.Rows.Select(row => (row.ActivityType, C: row.Classification)).Select(row => new VendorTableRow(
                row.ActivityType, row.C.Action, string.Join('|', row.C.Categories), string.Join('|', row.C.Types), row.C.Outcome, row.C.Severity))],
            Explain = (type, second) => second is null ? Explain(table, type) : null,
            NewTransform = settings => new IntercomTransform(table, settings),
        };
    }

    private static VendorTableAnswer Explain(IntercomTable table, string type)
    {
        var row = table.Find(type);
        var near = row is null ? Suggestion.For(type, table.Rows.Select(r => r.ActivityType)) : null;
        var remark = row is null
            ? $"The table does not know {type}: this is what the rules for unknown types make of its name.{(near is null ? "" : $" Did you mean {near}?")}"
            : null;
        return new([.. VendorTableAnswer.Of(Name, table.Classify(type)), ("why", row?.Why), ("since", row?.Since)], remark);
    }
}
