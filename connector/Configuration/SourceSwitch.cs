using ActivityConnector.Sources.Intercom;
using ActivityConnector.Sources.Sequence;

namespace ActivityConnector.Configuration;

/// <summary>A source is on when it has credentials, unless <c>Enabled</c> is false.</summary>
internal static class SourceSwitch
{
    public static bool IsOn(IntercomOptions source) => source.Enabled ?? source.HasCredentials;

    /// <summary>Half a credential counts: it is a mistake to be reported, not a source that is off.</summary>
    public static bool IsOn(SequenceOptions source) => source.Enabled ?? (source.Id.IsConfigured || source.Key.IsConfigured);
}
