using ActivityConnector.Configuration;
using ActivityConnector.Sources.Http;
using ActivityConnector.Sources.Sequence;
using ActivityConnector.Transforms.Sequence;

namespace ActivityConnector.Vendors;

/// <summary>Sequence: activity logs of an account.</summary>
internal static class SequenceVendor
{
    private const string Name = "sequence";

    public static Vendor Create() => new()
    {
        Name = Name,
        RecordsProperty = "items",
        RecordMarks = ["activityLogItems", "sequenceAccountId", "activityType"],
        DefaultAccount = SequenceOptions.DefaultAccount,
        StartingSection = """
            "Sequence": {
              "Enabled": true,
              // Give the credential as the environment variables Sources__Sequence__ClientId and Sources__Sequence__ClientSecret, or as files:
              // "ClientIdFile": "/run/secrets/sequence-id",
              // "ClientSecretFile": "/run/secrets/sequence-secret",

              // The sandbox: https://sandbox.sequencehq.com/api.
              "BaseUrl": "https://eu.sequencehq.com/api",
            },
        """,
        Fields = SequenceEventFields.All,
        ParseTable = Parse,
        OfflineOrigin = (options, _) =>
        {
            var baseUrl = options.Sources.Sequence is [var first, ..] ? first.BaseUrl : new SequenceOptions().BaseUrl;
            return new EventOrigin(baseUrl, null, null, null);
        },
        Accounts = sources => sources.Sequence.Select(o => new VendorAccount
        {
            Options = o,
            Credential = o.ClientId ?? o.ClientIdFile,
            CheckCredential = rules =>
            {
                rules.Secret("ClientId", o.ClientId, o.ClientIdFile, isNeeded: true);
                rules.Secret("ClientSecret", o.ClientSecret, o.ClientSecretFile, isNeeded: true);
            },
            CheckMore = rules => CheckPath(o.BaseUrl, rules),
            NewSource = parts => SequenceSource.Create(o, parts.Time, SourceParts.NewRandom(), parts.Logs),
        }),
    };

    /// <summary>The API is below <c>/api</c>; without it the web pages answer, with 200 and HTML.</summary>
    private static void CheckPath(string baseUrl, SourceRules rules)
    {
        if (VendorAddress.TryParse(baseUrl, out var address, out _) && !address.IsLoopback && !address.AbsolutePath.EndsWith("/api", StringComparison.Ordinal))
        {
            rules.Warn(
                "BaseUrl",
                $"{baseUrl} does not end in /api.",
                "Use https://eu.sequencehq.com/api, or https://sandbox.sequencehq.com/api for the sandbox.");
        }
    }

    private static VendorTable Parse(string csv)
    {
        var table = SequenceTable.Parse(csv);
        return new VendorTable
        {
            Rows = [.. table.Rows.Select(row =>
                new VendorTableRow($"{row.Verb} {row.EntityType}", row.Action, row.Category, row.Type, row.Outcome, row.Severity))],
            Explain = (verb, entityType) => entityType is null ? null : Explain(table, verb, entityType),
            NewTransform = settings => new SequenceTransform(table, settings),
        };
    }

    private static VendorTableAnswer Explain(SequenceTable table, string verb, string entityType)
    {
        var row = table.Find(verb, entityType);
        return new(
        [
            .. VendorTableAnswer.Of(Name, table.Classify(verb, entityType)),
            ("row", $"{row.Verb} {row.EntityType}"), ("basis", row.Basis), ("why", row.Why),
        ]);
    }
}
