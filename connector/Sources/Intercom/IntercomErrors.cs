using System.Text.Json;
using ActivityConnector.Sources.Http;

namespace ActivityConnector.Sources.Intercom;

/// <summary>Intercom's refusals in words that an operator can act upon.</summary>
internal static class IntercomErrors
{
    /// <summary>The first <c>errors[].code</c> of an <c>error.list</c>.</summary>
    public static JsonElement? Code(JsonElement body) =>
        body.TryGetProperty("errors", out var errors) && errors.GetArrayLength() > 0 && errors[0].TryGetProperty("code", out var code) ? code : null;

    /// <summary>Intercom sends the same code with different statuses, so the code decides.</summary>
    public static NextMove? MoveOn(int status, string code) => code switch
    {
        "rate_limit_exceeded" or "too_many_requests" => NextMove.Wait,
        "parameter_not_found" or "parameter_missing" or "missing_parameter" or "parameter_invalid" when status is >= 400 and < 500 => NextMove.Reject,
        "intercom_version_invalid" => NextMove.Refuse,
        _ => null,
    };

    public static (string Cause, string Fix) Explain(int status, string? code, Secret token)
    {
        var answer = code is null ? $"{status}" : $"{status} {code}";
        return status switch
        {
            _ when code == "intercom_version_invalid" => (
                $"Intercom does not serve this endpoint in the configured version ({answer}).",
                "Set Sources:Intercom:ApiVersion to a version it serves, such as 2.16."),
            401 => (
                $"Intercom refused the access token ({answer}).",
                $"Put a token with the permissions 'Read admins' and 'Read admin activity logs' into {token.Place}."),
            402 or 403 when status == 402 || code == "api_plan_restricted" => (
                $"Intercom's plan or subscription does not include activity logs ({answer}).",
                "Renew or upgrade the workspace's subscription, or set Sources:Intercom:Enabled to false."),
            403 => (
                $"Intercom does not allow this token to read activity logs ({answer}).",
                $"Give the app of the token in {token.Place} the permissions 'Read admins' and 'Read admin activity logs'."),
            >= 300 and < 400 => (
                $"Intercom answered with a redirect ({answer}), which is never followed.",
                "Set Sources:Intercom:BaseUrl to the region's own address, such as https://api.eu.intercom.io."),
            404 when code is null or "not_found" => (
                $"Intercom has no activity logs at this address ({answer}).",
                "Check Sources:Intercom:BaseUrl, without a path, and Sources:Intercom:ApiVersion."),
            _ => (
                $"Intercom did not accept the request ({answer}).",
                "Check Sources:Intercom:ApiVersion and Sources:Intercom:PageSize. If Intercom refuses times that are too long ago, set the start "
                + "of a first run with Sources:Intercom:StartAt, a later one with 'checkpoint set intercom --watermark', and "
                + "Sources:Intercom:SweepRange to what it keeps."),
        };
    }
}
