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

    /// <summary>An operator must act: credential, permission, plan, version, address.</summary>
    Refuse,

    /// <summary>The vendor does not accept this very request: a cursor, or a fault of ours.</summary>
    Reject,
}

/// <summary>HTTP status to <see cref="NextMove"/>, where the vendor's error code does not decide (<see cref="VendorApi.MoveOn"/>). Pure.</summary>
internal static class NextMoves
{
    public static NextMove Of(int status) => status switch
    {
        200 => NextMove.Use,
        408 or 425 => NextMove.Retry,
        429 => NextMove.Wait,
        400 or 409 or 422 => NextMove.Reject,

        // A redirect is never followed: it would carry the credential to an address that is not configured.
        >= 300 and < 500 => NextMove.Refuse,
        _ => NextMove.Retry,
    };
}
