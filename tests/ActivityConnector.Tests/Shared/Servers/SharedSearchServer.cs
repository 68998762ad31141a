using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace ActivityConnector.Tests.Shared.Servers;

/// <summary>
/// One server for all tests that do not harm it: the one that the environment names, or one that is started for them. Each test uses a
/// prefix of its own.
/// </summary>
public abstract class SharedSearchServer(string kind) : IAsyncLifetime
{
    private static int _prefixes;

    private readonly string? _given = Environment.GetEnvironmentVariable(SearchServer.Variable(kind));
    private SearchServer? _server;

    /// <summary>elasticsearch or opensearch.</summary>
    public string Kind => kind;

    public string Url => _given ?? _server!.Url;

    /// <summary>Index names that no other test of this or an earlier run uses begin with it.</summary>
    public static string NewPrefix() => $"t{Environment.ProcessId}_{Guid.NewGuid().ToString("n")[..6]}_{Interlocked.Increment(ref _prefixes)}";

    public static string? MissingOf(string kind) => Environment.GetEnvironmentVariable(SearchServer.Variable(kind)) is null ? SearchServer.Missing(kind) : null;

    public SearchClient Client() => new(Url);

    public async Task InitializeAsync()
    {
        if (_given is null && SearchServer.Missing(kind) is null) _server = await SearchServer.StartAsync(kind);
    }

    public async Task DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
    }
}

/// <summary>The Elasticsearch that tests share.</summary>
public sealed class ElasticsearchServer() : SharedSearchServer("elasticsearch")
{
    public static string? Missing { get; } = MissingOf("elasticsearch");
}

/// <summary>The OpenSearch that tests share.</summary>
public sealed class OpenSearchServer() : SharedSearchServer("opensearch")
{
    public static string? Missing { get; } = MissingOf("opensearch");
}

/// <summary>Tests that share the one Elasticsearch; they run one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class ElasticsearchCollection : ICollectionFixture<ElasticsearchServer>
{
    public const string Name = "Elasticsearch";
}

/// <summary>Tests that share the one OpenSearch; they run one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class OpenSearchCollection : ICollectionFixture<OpenSearchServer>
{
    public const string Name = "OpenSearch";
}

/// <summary>What a person would ask a server with curl; knows nothing of the connector.</summary>
public sealed class SearchClient(string url, string? authorization = null) : IDisposable
{
    private readonly HttpClient _http = Http(url, authorization);

    public async Task<JsonElement> SendAsync(HttpMethod method, string path, string? body = null)
    {
        var (status, answer) = await TryAsync(method, path, body);
        return status < 300 ? answer : throw new InvalidOperationException($"{method} {path}: {status} {answer}");
    }

    public async Task<(int Status, JsonElement Body)> TryAsync(HttpMethod method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await _http.SendAsync(request);
        return ((int)response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>());
    }

    public Task<JsonElement> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    public Task<JsonElement> PutAsync(string path, string body) => SendAsync(HttpMethod.Put, path, body);

    /// <summary>How many documents there are, of those that were written until now.</summary>
    public async Task<long> CountAsync(string indices)
    {
        await SendAsync(HttpMethod.Post, indices + "/_refresh?allow_no_indices=true");
        return (await GetAsync(indices + "/_count?allow_no_indices=true")).GetProperty("count").GetInt64();
    }

    /// <summary>The documents that a query finds.</summary>
    public async Task<IReadOnlyList<JsonElement>> SearchAsync(string indices, string query)
    {
        await SendAsync(HttpMethod.Post, indices + "/_refresh");
        return [.. (await SendAsync(HttpMethod.Post, indices + "/_search?size=1000", query)).GetProperty("hits").GetProperty("hits").EnumerateArray()];
    }

    public void Dispose() => _http.Dispose();

    private static HttpClient Http(string url, string? authorization)
    {
        var http = new HttpClient { BaseAddress = new Uri(url) };
        if (authorization is not null) http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", authorization);

        return http;
    }
}
