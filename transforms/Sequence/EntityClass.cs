using System.Text.RegularExpressions;

namespace ActivityConnector.Transforms.Sequence;

/// <summary>The ECS category of a Sequence entity type, for table rows that say <c>{class}</c>. (Mapping 4.1.)</summary>
internal static partial class EntityClass
{
    public const string Placeholder = "{class}";

    /// <summary>The categories and types of a row for an upper-case entity type.</summary>
    public static (string[] Categories, string[] Types) Resolve(SequenceRow row, string entityType)
    {
        var types = row.Type.Split('|');
        if (row.Category != Placeholder) return (row.Category.Length == 0 ? [] : row.Category.Split('|'), types);

        if (Iam().IsMatch(entityType))
        {
            // ECS expects no access of iam.
            var subject = entityType.EndsWith("USER", StringComparison.Ordinal) ? "user" : "admin";
            return (["iam"], [subject, .. types.Select(type => type == "access" ? "info" : type)]);
        }

        return ([Configuration().IsMatch(entityType) ? "configuration" : "api"], types);
    }

    [GeneratedRegex("USER|ROLE|PERMISSION|API_KEY|CREDENTIAL|TOKEN|SECRET|SSO|TEAM|INVITE")]
    private static partial Regex Iam();

    [GeneratedRegex("SETTING|POLICY|INTEGRATION|WEBHOOK|MERCHANT|CUSTOM_FIELD|PRODUCT|PRICE|TAX|METRIC|SCHEDULE|WORKFLOW|TEMPLATE|ACCOUNT")]
    private static partial Regex Configuration();
}
