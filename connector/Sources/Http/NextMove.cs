namespace ActivityConnector.Sources.Http;

/// <summary>What to do after a vendor's answer.</summary>
internal enum NextMove
{
    /// <summary>Read the body.</summary>
    Use,

    /// <summary>Ask the same again after a back-off; counts as a failure.</summary>
    Retry,

    /// <summary>Ask the same again when the quota allows; never counts as a failure.</summary>
    Wait,

    /// <summary>Somebody must act: credential, permission, plan, version, address.</summary>
    Refuse,

    /// <summary>The vendor does not accept this very request: a cursor, or a fault of ours.</summary>
    Reject,
}

/// <summary>Status and error code to <see cref="NextMove"/>. Pure.</summary>
internal static class NextMoves
{
    /// <param name="status">The HTTP status.</param>
    /// <param name="code">The vendor's own error code, if the body has one. It counts more than the status, which vendors vary.</param>
    public static NextMove Of(int status, string? code) => code switch
    {
        "rate_limit_exceeded" or "too_many_requests" => NextMove.Wait,
        "parameter_not_found" or "parameter_missing" or "missing_parameter" or "parameter_invalid" when status is >= 400 and < 500 => NextMove.Reject,
        "intercom_version_invalid" or "UnrecognisedApiVersion" => NextMove.Refuse,
        _ => Of(status),
    };

    private static NextMove Of(int status) => status switch
    {
        200 => NextMove.Use,
        408 or 425 => NextMove.Retry,
        429 => NextMove.Wait,
        400 or 409 or 422 => NextMove.Reject,

        // A redirect is never followed: it would carry the credential to an address nobody configured.
        >= 300 and < 500 => NextMove.Refuse,
        _ => NextMove.Retry,
    };
}
