using System.Security.Cryptography;
using System.Text;
using ActivityConnector.Pipeline;

namespace ActivityConnector.Admin;

/// <summary>
/// Who may do what: with a token configured, its bearer everything; without one, every user of this machine may read and none change. No web site
/// can make a browser change or read anything: requests that come from another site, or under a name that is not this server's, are refused.
/// </summary>
internal sealed class Access(RequestDelegate next, AdminOptions options)
{
    private static readonly string[] Public = ["/livez", "/startupz", "/readyz"];
    private static readonly string[] LocalNames = ["localhost", "127.0.0.1", "[::1]"];

    public async Task InvokeAsync(HttpContext context)
    {
        var (request, headers) = (context.Request, context.Response.Headers);
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "no-store";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";

        if (Refusal(request) is var (status, cause, fix))
        {
            if (status == StatusCodes.Status401Unauthorized) headers.WWWAuthenticate = "Bearer";

            await TypedResults.Problem(statusCode: status, title: cause, detail: fix).ExecuteAsync(context);
            return;
        }

        await next(context);
    }

    private (int Status, string Cause, string Fix)? Refusal(HttpRequest request)
    {
        if (PageFiles.Has(request.Path.Value)) return null;

        // A page of another site can reach a local address under a name of its own.
        if (options.IsLoopback && !LocalNames.Append(new Uri(options.Url).Host).Contains(request.Host.Host, StringComparer.OrdinalIgnoreCase))
        {
            return (StatusCodes.Status421MisdirectedRequest, "This server is not known under that name.", "Ask for it as localhost or 127.0.0.1.");
        }

        var isChange = !HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method);
        if (IsOfAnotherSite(request))
        {
            return (StatusCodes.Status403Forbidden, "The request comes from another site.", "Send it from the connector's own page, or from a program.");
        }

        if (Public.Contains(request.Path.Value)) return null;

        if (!options.HasToken)
        {
            return isChange
                ? (StatusCodes.Status403Forbidden, "Without Admin:Token nothing can be changed.", "Set Admin:Token, and send it as 'Authorization: Bearer'.")
                : null;
        }

        return IsToken(request.Headers.Authorization.ToString())
            ? null
            : (StatusCodes.Status401Unauthorized, "The token is missing or wrong.", "Send Admin:Token as 'Authorization: Bearer'.");
    }

    /// <summary>By what a browser says and no script can change: where the request was made.</summary>
    private static bool IsOfAnotherSite(HttpRequest request)
    {
        var origin = request.Headers.Origin.ToString();
        var site = request.Headers["Sec-Fetch-Site"].ToString();

        // Only the authority: TLS may end in front of this server.
        return (origin.Length > 0 && !(Uri.TryCreate(origin, UriKind.Absolute, out var from)
                && from.Authority.Equals(request.Host.ToString(), StringComparison.OrdinalIgnoreCase)))
            || site is not ("" or "same-origin" or "none");
    }

    private bool IsToken(string authorization)
    {
        const string Scheme = "Bearer ";
        if (!authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) return false;

        var token = options.TokenFile is { Length: > 0 } file ? Read(file) : options.Token;
        return !string.IsNullOrWhiteSpace(token)
            && CryptographicOperations.FixedTimeEquals(Digest(authorization[Scheme.Length..].Trim()), Digest(token.Trim()));
    }

    /// <summary>Null when it cannot be read now: no caller gets in.</summary>
    private static string? Read(string file)
    {
        try
        {
            return SecretFile.Read(file, "Admin:TokenFile", SecretKind.Token);
        }
        catch (SecretFileException)
        {
            return null;
        }
    }

    // Of one length, so that the time of the comparison tells nothing of the token's.
    private static byte[] Digest(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
