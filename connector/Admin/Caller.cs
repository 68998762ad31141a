using ActivityConnector.Transforms;

namespace ActivityConnector.Admin;

/// <summary>Who asks for a change. The name is what the caller says; the token alone shows that they may.</summary>
internal sealed record Caller(string Name, string? Address, string? UserAgent)
{
    /// <summary>The header in which a caller gives a name; the commands send that of their user.</summary>
    public const string NameHeader = "X-Operator";

    private const int MostOfAText = 256;

    public static Caller Of(HttpContext context) => new(
        Text(context.Request.Headers[NameHeader].ToString()) ?? "unnamed",
        context.Connection.RemoteIpAddress is { } address ? (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString() : null,
        Text(context.Request.Headers.UserAgent.ToString()));

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
        UserAgent = UserAgent,
        Before = before,
        After = after,
        Agent = connector.Agent,
    };

    private static string? Text(string text) => text.Length == 0 ? null : text.Length <= MostOfAText ? text : text[..MostOfAText];
}
