using System.Text.Json.Serialization;
using ActivityConnector.Transforms;

namespace ActivityConnector.Pipeline;

/// <summary>What is collected: one account of one vendor. The unit of ownership, of a checkpoint and of a schedule.</summary>
/// <param name="Source">The vendor's short name: <c>intercom</c> or <c>sequence</c>.</param>
/// <param name="Account">The account at the vendor, as configured or as the vendor names it.</param>
[method: JsonConstructor]
public readonly record struct SourceKey(
    [property: JsonPropertyName("type")] string Source,
    [property: JsonPropertyName("account")] string Account)
{
    /// <summary>The value of <c>event.dataset</c> in every event of the source: <c>intercom.audit</c>.</summary>
    [JsonIgnore]
    public string Dataset => EcsEvent.DatasetOf(Source);

    /// <summary>Whether vendor and account have the form that every source's have, see <see cref="IsName"/>; what is stored elsewhere may not.</summary>
    [JsonIgnore]
    public bool IsValid => IsName(Source) && IsName(Account);

    /// <summary>
    /// Whether a text can be the name of a vendor or an account, which becomes a part of file names, topics and keys: at most 64 letters and
    /// digits of ASCII, '.', '-' and '_', with a letter or digit among them.
    /// </summary>
    public static bool IsName(string? name) => name is { Length: > 0 and <= 64 }
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_') && name.Any(char.IsAsciiLetterOrDigit);

    /// <summary>The source of the form that <see cref="ToString"/> gives; null = it is not of that form.</summary>
    public static SourceKey? TryParse(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && slash < text.Length - 1 ? new(text[..slash], text[(slash + 1)..]) : null;
    }

    /// <summary><c>intercom/abc123</c>: the form in logs, tables and checkpoint keys.</summary>
    public override string ToString() => $"{Source}/{Account}";
}
