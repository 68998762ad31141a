namespace ActivityConnector.Simulation;

/// <summary>A way in which a simulated vendor's answer to a list request goes wrong.</summary>
public enum FaultKind
{
    /// <summary>500 in the vendor's own form.</summary>
    ServerError,

    /// <summary>A gateway's 502 with an HTML body.</summary>
    BadGateway,

    /// <summary>503 in the vendor's own form.</summary>
    Unavailable,

    /// <summary>429 with the headers the vendor has for it.</summary>
    TooManyRequests,

    /// <summary>429 without any header that says how long.</summary>
    TooManyRequestsNoHeader,

    /// <summary>401 in the vendor's own form.</summary>
    Unauthorized,

    /// <summary>403: the plan (Intercom) or nothing said (Sequence).</summary>
    Forbidden,

    /// <summary>200 with an HTML page.</summary>
    Html,

    /// <summary>A complete HTTP answer whose JSON ends in the middle.</summary>
    Truncated,

    /// <summary>The connection breaks in the middle of the body.</summary>
    Reset,

    /// <summary>The answer pauses in the middle of its body.</summary>
    Slow,

    /// <summary>No answer until the client gives up.</summary>
    Timeout,

    /// <summary>Every distinct request gets a 500 once, then works.</summary>
    EveryPageOnce,

    /// <summary>One more record in the page, which is no JSON; it is there again when the page is asked for again.</summary>
    BadRecord,

    /// <summary>Intercom: <c>total_pages</c> is one more than it was.</summary>
    TotalPagesChange,

    /// <summary>Sequence: a request with a cursor gets 400.</summary>
    CursorRefused,

    /// <summary>The way on leads to the page just served.</summary>
    NextLoop,

    /// <summary>Intercom: <c>pages.next</c> is on another host, over plain http.</summary>
    NextForeignHost,
}
