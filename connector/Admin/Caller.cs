using System.Net;
using ActivityConnector.Terminals;
using ActivityConnector.Transforms;

namespace ActivityConnector.Admin;

/// <summary>Who asks for a change. The name is what the caller says; the token alone shows that they may.</summary>
internal sealed record Caller(string Name, string? Address)
{
    /// <summary>The header in which a caller gives a name; the commands send that of their user.</summary>
    public const string NameHeader = "X-Operator";

    private const int MostOfAName = 64;

    public static Caller Of(HttpContext context) => new(
        NameOf(context.Request.Headers[NameHeader].ToString()), context.Connection.RemoteIpAddress is { } address ? TextOf(address) : null);

    /// <summary>The event that tells of the change.</summary>
    public AuditEvent Audit(ConnectorHost connector, DateTimeOffset time, string action, string target, string message, string? before, string? after) => new()
    {
        Id = Guid.NewGuid(),
        Time = time,
        Action = action,
        Message = message,
        Target = target,
        User = Name,
        Address = Address,
        Before = before,
        After = after,
        Agent = connector.Agent,
    };

    private static string NameOf(string text) => PlainText.Of(text.Trim(), MostOfAName) is { Length: > 0 } name ? name : "unnamed";

    /// <summary>Without the zone, which no field of addresses takes.</summary>
    private static string TextOf(IPAddress address) =>
        (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : new IPAddress(address.GetAddressBytes())).ToString();
}
