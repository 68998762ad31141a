using System.Net;
using ActivityConnector.Operations;
using ActivityConnector.Terminals;

namespace ActivityConnector.Admin;

/// <summary>Who asks for a change. The name is what the caller says; the token alone shows that they may.</summary>
internal static class Caller
{
    /// <summary>The header in which a caller gives a name; the commands send that of their user.</summary>
    public const string NameHeader = "X-Operator";

    private const int MostOfAName = 64;

    /// <summary>What tells of the caller's changes, from now on.</summary>
    public static OperatorAudit Of(HttpContext context, ConnectorHost connector, TimeProvider time) => new(
        PlainText.Of(context.Request.Headers[NameHeader].ToString().Trim(), MostOfAName) is { Length: > 0 } name ? name : OperatorAudit.Unnamed,
        context.Connection.RemoteIpAddress is { } address ? TextOf(address) : null,
        connector.Agent,
        time.GetUtcNow());

    /// <summary>Without the zone, which no field of addresses takes.</summary>
    private static string TextOf(IPAddress address) =>
        (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : new IPAddress(address.GetAddressBytes())).ToString();
}
