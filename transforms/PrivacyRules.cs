namespace ActivityConnector.Transforms;

/// <summary>What happens to the value of a field.</summary>
public enum PrivacyAction
{
    Keep,

    /// <summary>The field is left out.</summary>
    Drop,

    /// <summary>The value becomes <c>hmac:</c> and the first 32 hex digits of HMAC-SHA-256 under the configured key: equal values stay equal.</summary>
    Hash,
}

/// <summary>Privacy per field of the finished event. A name may end in <c>.*</c> for all below it; the longest match wins.</summary>
/// <param name="Actions">Field name or prefix to action.</param>
/// <param name="Key">The HMAC key; needed as soon as one action is <see cref="PrivacyAction.Hash"/>.</param>
public sealed record PrivacyRules(IReadOnlyDictionary<string, PrivacyAction> Actions, ReadOnlyMemory<byte> Key)
{
    /// <summary>Whether a rule drops or hashes a field.</summary>
    public bool HideAnything => Actions.Values.Any(action => action != PrivacyAction.Keep);

    public static PrivacyRules KeepAll { get; } = new(new Dictionary<string, PrivacyAction>(), ReadOnlyMemory<byte>.Empty);
}
