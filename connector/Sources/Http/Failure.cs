using ActivityConnector.Pipeline;

namespace ActivityConnector.Sources.Http;

/// <summary>Why a request has no usable answer, after everything that asking again could do.</summary>
internal enum FailureKind
{
    /// <summary>Network, outage, timeouts.</summary>
    Unavailable,

    /// <summary>Answers come, but they are not what the vendor promises.</summary>
    Unreadable,

    /// <summary>An operator must act.</summary>
    Refused,

    /// <summary>This very request is not accepted.</summary>
    Rejected,
}

/// <summary>A request without a usable answer.</summary>
/// <param name="Kind">Why there is none.</param>
/// <param name="Status">The last HTTP status; 0 without an answer.</param>
/// <param name="Cause">One sentence without a secret.</param>
/// <param name="Fix">One sentence: what to do or look at.</param>
/// <param name="ConcernsRange">
/// Asking for another or a smaller range may help: 500, 408, 504, no answer in time, an answer that cannot be read or is too large.
/// Never an outage (502, 503, network), a refusal or a quota.
/// </param>
/// <param name="TooLarge">The page has more than <see cref="VendorClient.MaxPageBytes"/>: asking with a smaller limit helps.</param>
/// <param name="Inner">What was thrown, if anything was.</param>
internal sealed record Failure(
    FailureKind Kind, int Status, string Cause, string Fix, bool ConcernsRange = false, bool TooLarge = false, Exception? Inner = null)
{
    public Exception ToException() => Kind is FailureKind.Refused or FailureKind.Rejected
        ? new SourceRefusedException(Cause, Fix, Inner)
        : new SourceUnavailableException(Cause, Fix, Inner);
}

/// <summary>An answer, or why there is none; exactly one is set.</summary>
internal readonly record struct Reply<T>(T? Value, Failure? Failure)
    where T : class
{
    /// <summary>The answer.</summary>
    /// <exception cref="SourceRefusedException">There is none until an operator acts.</exception>
    /// <exception cref="SourceUnavailableException">There is none now.</exception>
    public T OrThrow() => Value ?? throw Failure!.ToException();
}
