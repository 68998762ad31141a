using System.Net.Http.Headers;
using System.Text.Json;

namespace ActivityConnector.Sources.Http;

/// <summary>What <see cref="VendorClient"/> needs to know of one vendor.</summary>
internal sealed record VendorApi
{
    /// <summary>As people call it.</summary>
    public required string Name { get; init; }

    /// <summary>The section of its options, for messages: <c>Sources:Intercom</c>.</summary>
    public required string Section { get; init; }

    /// <summary>The only origin that sees the credential.</summary>
    public required Uri BaseUrl { get; init; }

    /// <summary>Made anew for each attempt, because a secret's file may have changed.</summary>
    public required Func<AuthenticationHeaderValue> Authorization { get; init; }

    public required string VersionHeader { get; init; }

    public required string Version { get; init; }

    /// <summary>0 = no limit of our own.</summary>
    public int RequestsPerMinute { get; init; }

    /// <summary>The vendor's error code in the body of a refusal; null, or an <see cref="InvalidOperationException"/>, when it has none.</summary>
    public required Func<JsonElement, JsonElement?> ErrorCode { get; init; }

    /// <summary>What to do about an answer whose error code says more than its status (arguments: status, code); null leaves it to the status.</summary>
    public required Func<int, string, NextMove?> MoveOn { get; init; }

    /// <summary>Cause and fix, one sentence each, of a status and code that an operator must act upon.</summary>
    public required Func<int, string?, (string Cause, string Fix)> Explain { get; init; }
}
