using System.Net.Sockets;
using System.Security.Authentication;

namespace ActivityConnector.Pipeline;

/// <summary>Why a request got no response, in words for an operator. They hold no credential and nothing of the request.</summary>
internal static class ConnectionFailure
{
    /// <summary>How long a connection may take to be made, over all addresses of the host.</summary>
    public static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The server shows a certificate that is not trusted: it will again, until an operator acts. .NET has one exception for all that can go wrong in
    /// TLS, and only its text tells this.
    /// </summary>
    public static bool IsUntrusted(Exception e) => e is HttpRequestException { InnerException: AuthenticationException tls }
        && tls.Message.StartsWith("The remote certificate", StringComparison.Ordinal);

    /// <summary>A phrase without a full stop.</summary>
    /// <param name="e">What the platform's client threw.</param>
    /// <param name="address">What was asked for.</param>
    public static string Text(Exception e, Uri address) => e switch
    {
        // A connection that is not made in time is a cancellation in .NET.
        OperationCanceledException => $"no connection to {address.Authority} within {ConnectTimeout.TotalSeconds:0} s{Through(address)}",
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => $"the name {address.Host} cannot be resolved{Through(address)}",
        HttpRequestException http when IsUntrusted(http) =>
            $"the certificate of {address.Authority} is not trusted: {http.InnerException!.Message.TrimEnd('.')}{Through(address)}",
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } http =>
            $"no TLS connection with {address.Authority}: {Said(http)}{Through(address)}",
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } http => $"{address.Authority}: {Said(http)}{Through(address)}",
        HttpRequestException { HttpRequestError: not HttpRequestError.Unknown } http => $"{http.HttpRequestError}: {Said(http)}{Through(address)}",
        _ => $"{e.GetType().Name}: {Said(e)}{Through(address)}",
    };

    private static string Said(Exception e) => ((e.InnerException as SocketException)?.Message ?? (e.InnerException ?? e).Message).TrimEnd('.');

    /// <summary>The proxy of the environment, if this address is asked through one; without the user and password of its URL.</summary>
    private static string Through(Uri address) =>
        !HttpClient.DefaultProxy.IsBypassed(address) && HttpClient.DefaultProxy.GetProxy(address) is { } proxy && proxy != address
            ? $", through the proxy {proxy.Authority}"
            : "";
}
