using System.Text.Json;
using ActivityConnector.Sources.Http;

namespace ActivityConnector.Sources.Sequence;

/// <summary>Sequence's refusals in words that an operator can act upon. Most of them come with an empty body.</summary>
internal static class SequenceErrors
{
    /// <summary>The text of <c>error.type</c>.</summary>
    public static JsonElement? Code(JsonElement body) =>
        body.TryGetProperty("error", out var error) && error.TryGetProperty("type", out var type) ? type : null;

    /// <summary>An unknown version is answered with 400, which would otherwise be a request that is not accepted.</summary>
    public static NextMove? MoveOn(int status, string code) => code == "UnrecognisedApiVersion" ? NextMove.Refuse : null;

    public static (string Cause, string Fix) Explain(int status, string? code, Secret id, Secret secret)
    {
        var answer = code is null ? $"{status}" : $"{status} {code}";
        return status switch
        {
            _ when code == "UnrecognisedApiVersion" => (
                $"Sequence does not know the configured version ({answer}).",
                "Set Sources:Sequence:ApiVersion to 2024-07-30."),
            401 => (
                $"Sequence refused the client id or secret ({answer}).",
                $"Put a credential of the environment in Sources:Sequence:BaseUrl into {id.Place} and {secret.Place}."),
            403 => (
                $"Sequence does not allow this credential to read activity logs ({answer}).",
                $"Put a credential that may read activity logs into {id.Place} and {secret.Place}."),
            >= 300 and < 400 => (
                $"Sequence answered with a redirect ({answer}), which is never followed.",
                "Set Sources:Sequence:BaseUrl to the API's own address, such as https://eu.sequencehq.com/api."),
            404 => (
                $"Sequence has no activity logs at this address ({answer}).",
                "Set Sources:Sequence:BaseUrl to an address that ends in /api, and Sources:Sequence:ApiVersion to 2024-07-30."),
            _ => (
                $"Sequence did not accept the request ({answer}).",
                "Check Sources:Sequence:PageSize and Sources:Sequence:ApiVersion; if they are right, report a fault of the connector."),
        };
    }
}
