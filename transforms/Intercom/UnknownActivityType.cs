using System.Text.RegularExpressions;
using ActivityConnector.Transforms.Records;
using ActivityConnector.Transforms.Tables;

namespace ActivityConnector.Transforms.Intercom;

/// <summary>Guesses the class of an activity from its name: Intercom's list has grown with nearly every version. (Mapping 3.5.)</summary>
internal static partial class UnknownActivityType
{
    public static Classification Classify(string activityType)
    {
        // Only letters of ASCII match in any case: an unusual letter is no word of Intercom's.
        var name = AsciiCase.Lower(activityType);
        var category = Category(name);
        var activity = Activity(name);
        var severity = Sensitive().IsMatch(name) ? 47 : 21;
        if (category is null && activity is null && !PreviewOrRequest().IsMatch(name))
        {
            return new(activityType, [], ["info"], null, severity, IsKnown: false);
        }

        var types = Types(category ?? "configuration", activity ?? "info", name);
        var outcome = Failure().IsMatch(name) ? "failure"
            : name.EndsWith("request", StringComparison.Ordinal) ? "unknown"
            : name.EndsWith("preview", StringComparison.Ordinal) || types is ["info"] ? null
            : "success";
        return new(activityType, [category ?? "configuration"], types, outcome, severity, IsKnown: false);
    }

    private static string? Category(string name)
        => Authentication().IsMatch(name) ? "authentication"
            : Database().IsMatch(name) ? "database"
            : Iam().IsMatch(name) ? "iam"
            : null;

    private static string? Activity(string name)
        => name.Contains("export", StringComparison.Ordinal) ? "access"
            : Deletion().IsMatch(name) ? "deletion"
            : Creation().IsMatch(name) ? "creation"
            : Change().IsMatch(name) ? "change"
            : null;

    /// <summary>The activity, turned into one that ECS expects of the category.</summary>
    private static string[] Types(string category, string activity, string name) => category switch
    {
        "authentication" => [Start().IsMatch(name) ? "start" : End().IsMatch(name) ? "end" : "info"],
        "database" => [activity is "creation" or "deletion" ? "change" : activity],
        "iam" => [IamSubject(name), activity == "access" ? "info" : activity],
        _ => [activity],
    };

    private static string IamSubject(string name)
        => Credential().IsMatch(name) ? "admin" : name.Contains("team", StringComparison.Ordinal) ? "group" : "user";

    [GeneratedRegex("login_fail|unauthorized|^admin_(log|impersonation)")]
    private static partial Regex Authentication();

    [GeneratedRegex("export|^(bulk_|csv_|app_data_)|^conversation_.*(delet|export)")]
    private static partial Regex Database();

    [GeneratedRegex("^(admin_|role_|seat_|app_team_)|invite|permission|token|secret|credential|oauth|two_factor")]
    private static partial Regex Iam();

    [GeneratedRegex("token|secret|credential|oauth|role")]
    private static partial Regex Credential();

    // `uninstallation` ends in `installation`: deletion is asked first. From right to left no name, however long, is searched twice.
    [GeneratedRegex(@"(deletion|deleted?|uninstallation|removal|removed|revo[kc][a-z0-9_]*|deprovisioned)\z", RegexOptions.RightToLeft)]
    private static partial Regex Deletion();

    [GeneratedRegex(@"(creation|created?|installation|join|provisioned)\z")]
    private static partial Regex Creation();

    [GeneratedRegex(@"(changed?|updated?|modification|regeneration|action|completion|success|(un)?published|archived|(en|dis)abled?)\z")]
    private static partial Regex Change();

    [GeneratedRegex(@"(_start|login_success)\z")]
    private static partial Regex Start();

    [GeneratedRegex(@"(_end|logout)\z")]
    private static partial Regex End();

    [GeneratedRegex(@"(preview|request)\z")]
    private static partial Regex PreviewOrRequest();

    [GeneratedRegex("fail|unauthorized")]
    private static partial Regex Failure();

    [GeneratedRegex("export|delet|token|secret|auth|sso|permission|role|imperson|security|redact|allowlist|mfa")]
    private static partial Regex Sensitive();
}
