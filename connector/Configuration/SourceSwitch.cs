using ActivityConnector.Sources.Intercom;
using ActivityConnector.Sources.Sequence;

namespace ActivityConnector.Configuration;

/// <summary>A source is on when it has credentials, unless <c>Enabled</c> is false.</summary>
internal static class SourceSwitch
{
    public static bool IsOn(IntercomOptions source) =>
        source.Enabled ?? (Given(source.AccessToken) || Given(source.AccessTokenFile));

    public static bool IsOn(SequenceOptions source) =>
        source.Enabled ?? (Given(source.ClientId) && (Given(source.ClientSecret) || Given(source.ClientSecretFile)));

    /// <summary>Half a credential is a mistake, not a source that is off.</summary>
    public static bool HasSomeCredential(SequenceOptions source) =>
        source.Enabled != false && (Given(source.ClientId) || Given(source.ClientSecret) || Given(source.ClientSecretFile));

    private static bool Given(string? text) => !string.IsNullOrEmpty(text);
}
