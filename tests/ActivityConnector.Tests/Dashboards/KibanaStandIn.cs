using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ActivityConnector.Tests.Dashboards;

/// <summary>
/// A server on loopback that answers as Kibana's published API description says, or OpenSearch Dashboards': the header against forged requests, spaces or
/// tenants, export and import of saved objects, and detection rules. Real: HTTP, the form, what is written. Not real: migrations and searching.
/// </summary>
internal sealed class KibanaStandIn : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly bool _isOpenSearch;

    private KibanaStandIn(bool isOpenSearch, X509Certificate2? certificate)
    {
        _isOpenSearch = isOpenSearch;
        Saved = new(isOpenSearch);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (certificate is not null) listen.UseHttps(certificate);
        }));
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    public string Url { get; private set; } = "";

    /// <summary>The option <c>server.basePath</c>: without it in the address, a request is not for this server.</summary>
    public string BasePath { get; init; } = "";

    /// <summary>The one header <c>Authorization</c> that it takes; null = its security is off.</summary>
    public string? Authorization { get; set; }

    /// <summary>The ids of spaces; Kibana's API writes into one that is not there all the same.</summary>
    public HashSet<string> Spaces { get; } = ["default"];

    public bool MayReadSavedObjects { get; set; } = true;

    public bool MayWriteSavedObjects { get; set; } = true;

    public bool MayUseRules { get; set; } = true;

    public bool HasSecuritySolution { get; set; } = true;

    /// <summary>Answers instead, when it answers.</summary>
    public Func<HttpContext, Task<bool>> Instead { get; set; } = _ => Task.FromResult(false);

    public StandInSavedObjects Saved { get; }

    public StandInRules Rules { get; } = new();

    /// <summary>Method and path with the query, as received.</summary>
    public ConcurrentQueue<string> Requests { get; } = [];

    /// <summary>The requests that write.</summary>
    public IEnumerable<string> Writes => Requests.Where(request => request.Contains("/_import", StringComparison.Ordinal));

    public static async Task<KibanaStandIn> StartAsync(bool isOpenSearch = false, X509Certificate2? certificate = null, string basePath = "")
    {
        var server = new KibanaStandIn(isOpenSearch, certificate) { BasePath = basePath };
        await server._app.StartAsync();
        server.Url = server._app.Urls.First() + basePath;
        return server;
    }

    /// <summary>Answers each request of a path with this instead.</summary>
    public void Answer(string part, int status, string body, string mediaType = "application/json") => Instead = async http =>
    {
        if (!(http.Request.Path.Value ?? "").Contains(part, StringComparison.Ordinal)) return false;

        http.Response.StatusCode = status;
        http.Response.ContentType = mediaType;
        await http.Response.WriteAsync(body);
        return true;
    };

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    internal static Task JsonAsync(HttpContext http, int status, JsonNode body)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json; charset=utf-8";
        return http.Response.WriteAsync(body.ToJsonString());
    }

    internal static Task ErrorAsync(HttpContext http, int status, string error, string message, JsonNode? attributes = null)
    {
        var body = new JsonObject { ["statusCode"] = status, ["error"] = error, ["message"] = message };
        if (attributes is not null) body["attributes"] = attributes;

        return JsonAsync(http, status, body);
    }

    internal static async Task LinesAsync(HttpContext http, IEnumerable<JsonNode> lines)
    {
        http.Response.ContentType = "application/ndjson";
        await http.Response.WriteAsync(string.Join('\n', lines.Select(line => line.ToJsonString())));
    }

    /// <summary>The objects in the form's field <c>file</c>; null where the request is none that the API takes, which is answered then.</summary>
    internal static async Task<IReadOnlyList<JsonObject>?> FileAsync(HttpContext http)
    {
        if (!http.Request.HasFormContentType)
        {
            await ErrorAsync(http, 415, "Unsupported Media Type", "Unsupported Media Type");
            return null;
        }

        var form = await http.Request.ReadFormAsync();
        if (form.Files.GetFile("file") is not { } file)
        {
            await ErrorAsync(http, 400, "Bad Request", "[request body.file]: expected value of type [Stream] but got [undefined]");
            return null;
        }

        if (!file.FileName.EndsWith(".ndjson", StringComparison.Ordinal))
        {
            await ErrorAsync(http, 400, "Bad Request", "Invalid file extension " + Path.GetExtension(file.FileName));
            return null;
        }

        using var reader = new StreamReader(file.OpenReadStream());
        var text = await reader.ReadToEndAsync();
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!.AsObject())];
    }

    private async Task AnswerAsync(HttpContext http)
    {
        var request = http.Request;
        Requests.Enqueue($"{request.Method} {request.Path}{request.QueryString}");
        if (await Instead(http)) return;

        var path = request.Path.Value!;
        if (!path.StartsWith(BasePath + "/", StringComparison.Ordinal))
        {
            await ErrorAsync(http, 404, "Not Found", "Not Found");
            return;
        }

        if (Authorization is not null && request.Headers.Authorization != Authorization)
        {
            await ErrorAsync(http, 401, "Unauthorized", "[security_exception] unable to authenticate with the provided credentials");
            return;
        }

        var guard = _isOpenSearch ? "osd-xsrf" : "kbn-xsrf";
        if (request.Method != "GET" && !request.Headers.ContainsKey(guard))
        {
            await ErrorAsync(http, 400, "Bad Request", $"Request must contain a {guard} header.");
            return;
        }

        var parts = path[BasePath.Length..].Split('/', StringSplitOptions.RemoveEmptyEntries);
        var space = "default";
        if (!_isOpenSearch && parts is ["s", var named, ..]) (space, parts) = (named, parts[2..]);

        if (_isOpenSearch && request.Headers.TryGetValue("securitytenant", out var tenant)) space = tenant.ToString();

        var answer = (request.Method, string.Join('/', parts)) switch
        {
            ("GET", var at) when !_isOpenSearch && at.StartsWith("api/spaces/space/", StringComparison.Ordinal) => SpaceAsync(http, parts[^1]),
            ("POST", "api/saved_objects/_export") => MayReadSavedObjects
                ? Saved.ExportAsync(http, space)
                : ErrorAsync(http, 403, "Forbidden", "Unable to bulk_get dashboard,index-pattern"),
            ("POST", "api/saved_objects/_import") => MayWriteSavedObjects
                ? Saved.ImportAsync(http, space)
                : ErrorAsync(http, 403, "Forbidden", "Unable to bulk_create dashboard,index-pattern"),
            ("POST", "api/detection_engine/rules/_export" or "api/detection_engine/rules/_import") when !_isOpenSearch && HasSecuritySolution =>
                RulesAsync(http, space),
            _ => ErrorAsync(http, 404, "Not Found", "Not Found"),
        };
        await answer;
    }

    private Task SpaceAsync(HttpContext http, string id) => Spaces.Contains(id)
        ? JsonAsync(http, 200, new JsonObject { ["id"] = id, ["name"] = id, ["disabledFeatures"] = new JsonArray() })
        : ErrorAsync(http, 404, "Not Found", "Not Found");

    private Task RulesAsync(HttpContext http, string space)
    {
        var path = http.Request.Path.Value!;
        if (!MayUseRules)
        {
            const string Granted = "is unauthorized for user, this action is granted by the Kibana privileges [rules-all]";
            return ErrorAsync(http, 403, "Forbidden", $"API [POST {path}] {Granted}");
        }

        return path.EndsWith("_export", StringComparison.Ordinal) ? Rules.ExportAsync(http, space) : Rules.ImportAsync(http, space);
    }
}
