using System.Collections.Frozen;
using System.Reflection;
using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace ActivityConnector.Admin;

/// <summary>
/// The files of the page, under their exact paths. They hold no data: what the page shows it asks the API for, with the token of who looks at it.
/// A browser may load, run and ask nothing but what comes from this server, and no script can write markup.
/// </summary>
internal sealed class PageFiles(RequestDelegate next)
{
    private const string Folder = "page/";
    private const string Start = "index.html";

    private const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; "
        + "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

    private static readonly FrozenDictionary<string, PageFile> Files = Assembly.GetExecutingAssembly().GetManifestResourceNames()
        .Where(name => name.StartsWith(Folder, StringComparison.Ordinal))
        .ToFrozenDictionary(name => name == Folder + Start ? "/" : $"/{name}", PageFile.Read);

    /// <summary>Whether a file of the page has this path.</summary>
    public static bool Has(string? path) => path is not null && Files.ContainsKey(path);

    public Task InvokeAsync(HttpContext context)
    {
        if (context.Request.Path.Value is not { } path || !Files.TryGetValue(path, out var file)) return next(context);

        var headers = context.Response.Headers;
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            headers.Allow = "GET, HEAD";
            return TypedResults.Problem(statusCode: StatusCodes.Status405MethodNotAllowed, title: "The page can only be read.").ExecuteAsync(context);
        }

        headers.ContentSecurityPolicy = Policy;

        // A browser keeps it and asks each time whether it is still the same: after an upgrade it is not.
        headers.CacheControl = "no-cache";
        return TypedResults.Bytes(file.Content, file.ContentType, entityTag: file.Tag).ExecuteAsync(context);
    }

    private sealed record PageFile(ReadOnlyMemory<byte> Content, string ContentType, EntityTagHeaderValue Tag)
    {
        public static PageFile Read(string resource)
        {
            using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(resource)!;
            var content = new byte[stream.Length];
            stream.ReadExactly(content);
            return new PageFile(content, TypeOf(Path.GetExtension(resource)), new($"\"{Convert.ToHexStringLower(SHA256.HashData(content))[..32]}\""));
        }

        private static string TypeOf(string extension) => extension switch
        {
            ".html" => "text/html; charset=utf-8",
            ".css" => "text/css; charset=utf-8",
            ".js" => "text/javascript; charset=utf-8",
            ".svg" => "image/svg+xml",
            _ => throw new InvalidOperationException($"The page has no kind of file {extension}."),
        };
    }
}
