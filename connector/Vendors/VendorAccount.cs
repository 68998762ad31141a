using ActivityConnector.Configuration;
using ActivityConnector.Pipeline;

namespace ActivityConnector.Vendors;

/// <summary>One configured account of a vendor.</summary>
internal sealed record VendorAccount
{
    /// <summary>What the configuration says of it.</summary>
    public required ISourceOptions Options { get; init; }

    /// <summary>The API version that belongs to each record; null where a record does not depend on it.</summary>
    public string? ApiVersion { get; init; }

    /// <summary>Checks that the credential is complete. Called for an account that is on.</summary>
    public required Action<SecretRules> CheckCredential { get; init; }

    /// <summary>What two accounts with the same credential share: the secret, or the path of its file; null when there is none. Never printed.</summary>
    public string? Credential { get; init; }

    /// <summary>Checks what only this vendor's options have.</summary>
    public Action<SourceRules>? CheckMore { get; init; }

    /// <summary>Makes the source.</summary>
    public required Func<SourceParts, IActivitySource> NewSource { get; init; }

    /// <summary>An account is read when it has credentials, unless <c>Enabled</c> is false.</summary>
    public bool IsOn => Options.Enabled ?? Options.HasAnyCredential;
}
