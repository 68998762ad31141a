using System.Globalization;
using System.Text.RegularExpressions;

namespace ActivityConnector.Configuration;

/// <summary>What may be shown of a configured value: secrets are a mask, also in a URL and in librdkafka's properties.</summary>
internal static partial class Masking
{
    /// <summary>What stands for a secret. It says nothing of its length.</summary>
    public const string Mask = "********";

    private static readonly string[] OfConnections = ["sasl.", "ssl.", "https."];

    private static readonly string[] HarmlessEnds = [".url", ".location", ".mechanism", ".mechanisms", ".method", ".grant.type", ".algorithm"];

    /// <summary>A text that is no secret as a whole, without the user, password and query that a URL in it may have.</summary>
    public static string Text(string text)
    {
        // Up to the last @, which a password may have too.
        var isUrl = text.Contains("://", StringComparison.Ordinal);
        return Query().Replace((isUrl ? UrlUser() : User()).Replace(text, Mask + "@"), "$1?" + Mask);
    }

    /// <summary>
    /// A property of librdkafka. Of those for connections only numbers, truth values and those that are known to be no secret are shown: a new version of
    /// the library may have a secret under any name.
    /// </summary>
    public static string KafkaProperty(string name, string value)
    {
        var isKnown = HarmlessEnds.Any(end => name.EndsWith(end, StringComparison.OrdinalIgnoreCase));
        var isPlain = bool.TryParse(value, out _) || double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out _)
            || !OfConnections.Any(start => name.StartsWith(start, StringComparison.OrdinalIgnoreCase));
        return isKnown || (isPlain && !Secretive().IsMatch(name)) ? Text(value) : Mask;
    }

    [GeneratedRegex(@"(?<=://)\S*@")]
    private static partial Regex UrlUser();

    [GeneratedRegex(@"^\S*@")]
    private static partial Regex User();

    [GeneratedRegex(@"(://[^?\s]*)\?\S+")]
    private static partial Regex Query();

    [GeneratedRegex("pass|secret|token|key|credential|jaas|assertion|user|client.id", RegexOptions.IgnoreCase)]
    private static partial Regex Secretive();
}
