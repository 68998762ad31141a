using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ActivityConnector.Tests.Shared.Servers;

/// <summary>
/// The part of Confluent Schema Registry's REST API (v1) that a producer uses, on loopback, as its reference describes it: paths, media type, answers
/// and error codes.
/// </summary>
public sealed class FakeSchemaRegistry : IAsyncDisposable
{
    private const string MediaType = "application/vnd.schemaregistry.v1+json";

    private readonly WebApplication _application;
    private readonly Lock _gate = new();
    private readonly List<string> _ids = [];
    private readonly Dictionary<string, List<string>> _subjects = [];

    private FakeSchemaRegistry(WebApplication application) => _application = application;

    public string Url => _application.Urls.First().Replace("127.0.0.1", Host, StringComparison.Ordinal);

    /// <summary>The name under which it is asked.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>The only <c>user:password</c> that it takes; null = it asks for none.</summary>
    public string? Credential { get; set; }

    /// <summary>The subjects whose newest schema no other one may follow.</summary>
    public HashSet<string> Closed { get; } = [];

    /// <summary>Answers every request in the place of the registry; null = it answers itself.</summary>
    public Func<HttpContext, Task>? Instead { get; set; }

    /// <summary>Every request: method, path and what it was signed with.</summary>
    public ConcurrentQueue<string> Requests { get; } = [];

    /// <summary>The schemas of a subject, oldest first.</summary>
    public IReadOnlyList<string> Schemas(string subject)
    {
        lock (_gate)
        {
            return [.. _subjects.GetValueOrDefault(subject) ?? []];
        }
    }

    /// <summary>Registers a schema as another program would.</summary>
    public int Register(string subject, string schema)
    {
        lock (_gate)
        {
            if (!_ids.Contains(schema)) _ids.Add(schema);

            var versions = _subjects.TryGetValue(subject, out var known) ? known : _subjects[subject] = [];
            if (!versions.Contains(schema)) versions.Add(schema);

            return _ids.IndexOf(schema) + 1;
        }
    }

    /// <param name="certificates">For TLS: what its own certificate is of.</param>
    /// <param name="host">The name in the certificate.</param>
    public static async Task<FakeSchemaRegistry> StartAsync(CertificateFolder? certificates = null, string host = "127.0.0.1")
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (certificates?.Issue($"registry-{host}", host) is var (certificate, key)) listen.UseHttps(X509Certificate2.CreateFromPemFile(certificate, key));
        }));
        var registry = new FakeSchemaRegistry(builder.Build());
        registry.Map();
        await registry._application.StartAsync();
        return registry;
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private void Map()
    {
        _application.Use(async (context, next) =>
        {
            var signed = context.Request.Headers.Authorization.ToString();
            Requests.Enqueue($"{context.Request.Method} {context.Request.Path} {signed}");
            if (Instead is { } instead)
            {
                await instead(context);
            }
            else if (Credential is { } credential && signed != "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(credential)))
            {
                await Error(401, 401, "Unauthorized").ExecuteAsync(context);
            }
            else if (context.Request.ContentType != MediaType)
            {
                await Error(415, 415, "Unsupported Media Type").ExecuteAsync(context);
            }
            else
            {
                await next();
            }
        });
        _application.MapPost("/subjects/{subject}", async (string subject, HttpRequest request) => Look(subject, await SchemaOfAsync(request)));
        _application.MapPost(
            "/subjects/{subject}/versions",
            async (string subject, HttpRequest request) => Register(request, subject, await SchemaOfAsync(request)));
        _application.MapPost(
            "/compatibility/subjects/{subject}/versions/latest",
            async (string subject, HttpRequest request) =>
            {
                var schema = await SchemaOfAsync(request);
                return Schemas(subject).Count == 0
                    ? Error(404, 40401, $"Subject '{subject}' not found.")
                    : Closed.Contains(subject) && !Schemas(subject).Contains(schema)
                        ? Results.Json(new { is_compatible = false, messages = new[] { "{errorType:\"TYPE_CHANGED\"}" } })
                        : Results.Json(new { is_compatible = true, messages = Array.Empty<string>() });
            });
    }

    private IResult Look(string subject, string schema)
    {
        var versions = Schemas(subject);
        return versions.Count == 0 ? Error(404, 40401, $"Subject '{subject}' not found.")
            : !versions.Contains(schema) ? Error(404, 40403, "Schema not found")
            : Results.Json(new { subject, version = versions.ToList().IndexOf(schema) + 1, id = Register(subject, schema), schemaType = "JSON", schema });
    }

    private IResult Register(HttpRequest request, string subject, string schema) =>
        Closed.Contains(subject) && !Schemas(subject).Contains(schema)
            ? Error(409, 409, "Schema being registered is incompatible with an earlier schema for subject")
            : Results.Json(new { id = Register(subject, schema) }, contentType: request.ContentType);

    private static async Task<string> SchemaOfAsync(HttpRequest request)
    {
        using var body = await JsonDocument.ParseAsync(request.Body);
        Assert.Equal("JSON", body.RootElement.GetProperty("schemaType").GetString());
        return body.RootElement.GetProperty("schema").GetString()!;
    }

    private static IResult Error(int status, int code, string message) => Results.Json(new { error_code = code, message }, statusCode: status);
}
