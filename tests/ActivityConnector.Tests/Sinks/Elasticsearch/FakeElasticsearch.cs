using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace ActivityConnector.Tests.Sinks.Elasticsearch;

/// <summary>
/// A server on loopback that stores what it is sent as the real one does, but for the next bulk requests of its script: those it answers as
/// a server does that is not well. An answer of the script that was not used fails <see cref="AssertDone"/>.
/// </summary>
internal sealed class FakeElasticsearch : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Func<Bulk, HttpContext, Task>> _script = [];
    private readonly ConcurrentDictionary<string, string> _put = [];

    private FakeElasticsearch(X509Certificate2? certificate, X509Certificate2? chain, bool wantsClient)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                if (certificate is not null)
                {
                    listen.UseHttps(https =>
                    {
                        https.ServerCertificate = certificate;
                        https.ServerCertificateChain = [chain!];
                        https.ClientCertificateMode = wantsClient ? ClientCertificateMode.RequireCertificate : ClientCertificateMode.NoCertificate;
                        https.ClientCertificateValidation = (_, _, _) => true;
                    });
                }
            });
            kestrel.Limits.MaxRequestBodySize = null;
        });
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    public string Url { get; private set; } = "";

    /// <summary>By index and id.</summary>
    public ConcurrentDictionary<(string Index, string Id), string> Documents { get; } = [];

    public ConcurrentQueue<Bulk> Bulks { get; } = [];

    public ConcurrentQueue<(string Request, string? Authorization)> Requests { get; } = [];

    /// <summary>Answers instead of storing when it says so: status and body for a path.</summary>
    public Func<string, string, (int Status, string Body)?> Instead { get; set; } = (_, _) => null;

    /// <summary>Ends the connection with each answer: a client keeps one for a minute, also when it is no longer used.</summary>
    public bool ClosesConnections { get; set; }

    /// <summary>The ids of documents that its mapping does not take.</summary>
    public Func<string, bool> Refuses { get; set; } = _ => false;

    /// <summary>The ids of documents that it fails at, there already or not.</summary>
    public Func<string, bool> Fails { get; set; } = _ => false;

    /// <summary>The ids of documents for which it fails at the whole request.</summary>
    public Func<string, bool> FailsWhole { get; set; } = _ => false;

    /// <summary>The indices that are closed.</summary>
    public Func<string, bool> Closed { get; set; } = _ => false;

    public static async Task<FakeElasticsearch> StartAsync(
        X509Certificate2? certificate = null, X509Certificate2? chain = null, bool wantsClient = false)
    {
        var fake = new FakeElasticsearch(certificate, chain, wantsClient);
        await fake._app.StartAsync();
        fake.Url = fake._app.Urls.First();
        return fake;
    }

    /// <summary>The next bulk is answered like this.</summary>
    public FakeElasticsearch Then(Func<Bulk, HttpContext, Task> answer)
    {
        _script.Enqueue(answer);
        return this;
    }

    /// <summary>The next bulk is answered as a whole, and nothing of it is stored.</summary>
    public FakeElasticsearch Then(int status, string body = "", params (string Name, string Value)[] headers) => Then(async (_, http) =>
    {
        http.Response.StatusCode = status;
        foreach (var (name, value) in headers) http.Response.Headers[name] = value;

        await http.Response.WriteAsync(body);
    });

    /// <summary>The next bulk is answered item by item with these; what is left is stored.</summary>
    public FakeElasticsearch ThenItems(params Item[] items) => Then((bulk, http) => http.Response.WriteAsync(ItemsText(bulk, items)));

    /// <summary>The next bulk is stored, and its answer is this.</summary>
    public FakeElasticsearch ThenStoreAnd(Func<string, HttpContext, Task> answer) => Then((bulk, http) => answer(ItemsText(bulk, []), http));

    /// <summary>The next bulk is stored up to its middle, and nobody is told.</summary>
    public FakeElasticsearch ThenStoreHalfAnd(Func<Task> then) => Then(async (bulk, http) =>
    {
        _ = ItemsText(bulk with { Lines = [.. bulk.Lines.Take(bulk.Lines.Count / 2)] }, []);
        await then();
        http.Abort();
    });

    /// <summary>What it does with a bulk of which its script says nothing.</summary>
    public Task StoreAsync(Bulk bulk, HttpContext http)
    {
        if (!bulk.Lines.Any(l => FailsWhole(l.Id))) return http.Response.WriteAsync(ItemsText(bulk, []));

        http.Response.StatusCode = 500;
        return http.Response.WriteAsync(Error("null_pointer_exception", "because"));
    }

    public void AssertDone() => Assert.Empty(_script);

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private static string Error(string type, string reason) => JsonSerializer.Serialize(new { error = new { type, reason } });

    private async Task AnswerAsync(HttpContext http)
    {
        var path = http.Request.Path.Value!.TrimStart('/');
        Requests.Enqueue(($"{http.Request.Method} {path}", http.Request.Headers.Authorization));
        http.Response.ContentType = "application/json";
        if (ClosesConnections) http.Response.Headers.Connection = "close";
        if (Instead(http.Request.Method, path) is var (status, body))
        {
            http.Response.StatusCode = status;
            await http.Response.WriteAsync(body);
        }
        else if (path == "_bulk")
        {
            var bulk = await Bulk.ReadAsync(http.Request);
            Bulks.Enqueue(bulk);
            await (_script.TryDequeue(out var scripted) ? scripted(bulk, http) : StoreAsync(bulk, http));
        }
        else if (path.Length == 0)
        {
            await http.Response.WriteAsync("""{"version":{"number":"8.19.13","build_flavor":"default"}}""");
        }
        else if (http.Request.Method == "PUT")
        {
            using var reader = new StreamReader(http.Request.Body);
            var isThere = !path.StartsWith('_') && _put.ContainsKey(path);
            _put[path] = await reader.ReadToEndAsync();
            http.Response.StatusCode = isThere ? 400 : 200;
            await http.Response.WriteAsync(isThere ? Error("resource_already_exists_exception", path) : "{}");
        }
        else if (_put.TryGetValue(path, out var put))
        {
            await http.Response.WriteAsync(put);
        }
        else
        {
            http.Response.StatusCode = 404;
            await http.Response.WriteAsync(Error("resource_not_found_exception", path));
        }
    }

    private string ItemsText(Bulk bulk, Item[] items)
    {
        var text = new StringBuilder("{\"errors\":").Append(items.Any(i => i.Status >= 400) ? "true" : "false").Append(",\"items\":[");
        for (var n = 0; n < bulk.Lines.Count; n++)
        {
            var (index, id, document) = bulk.Lines[n];
            var item = n < items.Length && items[n].Status != 0 ? items[n] : Store(index, id, document);
            text.Append(n == 0 ? "" : ",").Append(CultureInfo.InvariantCulture, $"{{\"create\":{{\"_id\":\"{item.Id ?? id}\",\"status\":{item.Status}");
            text.Append(item.Type is null
                ? $",\"result\":\"{item.Result ?? "created"}\""
                : $",\"error\":{{\"type\":\"{item.Type}\",\"reason\":{JsonSerializer.Serialize(item.Reason ?? "because")}}}");
            text.Append(item.FailureStore is null ? "" : $",\"failure_store\":\"{item.FailureStore}\"").Append("}}");
        }

        return text.Append("]}").ToString();
    }

    private Item Store(string index, string id, string document) =>
        Closed(index) ? new(400, "index_closed_exception")
        : Fails(id) ? new(500, "null_pointer_exception")
        : Refuses(id) ? new(400, "document_parsing_exception")
        : Documents.TryAdd((index, id), document) ? new(201) : new(409, "version_conflict_engine_exception");

    /// <summary>What one event is answered; a status of 0 stores it.</summary>
    internal sealed record Item(int Status, string? Type = null, string? Reason = null)
    {
        public string? Result { get; init; }

        public string? FailureStore { get; init; }

        public string? Id { get; init; }
    }

    /// <summary>One bulk request.</summary>
    internal sealed record Bulk(IReadOnlyList<(string Index, string Id, string Document)> Lines, int Bytes, string ContentType)
    {
        public static async Task<Bulk> ReadAsync(HttpRequest request)
        {
            using var bytes = new MemoryStream();
            if (request.Headers.ContentEncoding == "gzip")
            {
                await using var gzip = new GZipStream(request.Body, CompressionMode.Decompress);
                await gzip.CopyToAsync(bytes);
            }
            else
            {
                await request.Body.CopyToAsync(bytes);
            }

            var text = Encoding.UTF8.GetString(bytes.ToArray());
            Assert.EndsWith("\n", text, StringComparison.Ordinal);
            var lines = text.Split('\n')[..^1];
            return new([.. lines.Chunk(2).Select(pair =>
            {
                using var action = JsonDocument.Parse(pair[0]);
                var create = action.RootElement.GetProperty("create");
                return (create.GetProperty("_index").GetString()!, create.GetProperty("_id").GetString()!, pair[1]);
            })], (int)bytes.Length, request.ContentType ?? "");
        }
    }
}
