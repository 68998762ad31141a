using System.Text;
using System.Text.Json.Nodes;
using ActivityConnector.Sinks.Elasticsearch;

namespace ActivityConnector.Dashboards;

/// <summary>
/// Sends requests to one space or tenant of Kibana or OpenSearch Dashboards. What no request of it can get past is an exception with its fix; what
/// concerns one request is its response. Nothing is sent twice.
/// </summary>
internal sealed class DashboardsClient : IDisposable
{
    private const string Boundary = "activity-connector-2f1c6a0e94b74d5d";

    private readonly DashboardsProduct _product;
    private readonly ElasticsearchOptions _server;
    private readonly ClusterClient _client;
    private readonly string _space;

    /// <param name="server">The address, and what requests are signed with.</param>
    /// <param name="space">The id of a space of Kibana; null = the default space.</param>
    /// <param name="tenant">The name of a tenant of OpenSearch Dashboards; null = the one that the user gets.</param>
    public DashboardsClient(DashboardsProduct product, ElasticsearchOptions server, string? space, string? tenant, TimeProvider time)
    {
        (_product, _server) = (product, server);
        _space = string.IsNullOrEmpty(space) || space == "default" ? "" : space;
        var headers = new List<KeyValuePair<string, string>> { new(product.GuardHeader, "true") };
        if (tenant is not null) headers.Add(new("securitytenant", tenant));

        _client = new ClusterClient(server, time, server.Urls, headers);
    }

    /// <summary>Ends with an exception where the space is named and is not there: Kibana would write into it all the same.</summary>
    public async Task FindSpaceAsync(CancellationToken cancellationToken)
    {
        if (_space.Length == 0) return;

        var said = Usable(await _client.GetAsync($"api/spaces/space/{Uri.EscapeDataString(_space)}", cancellationToken));
        switch (said.Status)
        {
            case 200 when said.Node() is JsonObject:
                return;
            case 404:
                throw new DashboardsException(
                    $"Kibana has no space \"{_space}\".", "Make the space, or give the id of another as --space or Dashboards:Space.");
            case 403:
                throw new DashboardsException($"This user may not see the space \"{_space}\" of Kibana (403).", _product.Rights);
            default:
                throw Odd(said);
        }
    }

    /// <summary>Posts JSON below the space.</summary>
    public async Task<ServerResponse> PostAsync(string path, JsonNode body, CancellationToken cancellationToken) =>
        Usable(await _client.PostAsync(Below(path), Encoding.UTF8.GetBytes(body.ToJsonString()), "application/json", cancellationToken));

    /// <summary>Posts lines of JSON below the space, as a file of a form.</summary>
    public async Task<ServerResponse> PostFileAsync(string path, IEnumerable<JsonObject> lines, CancellationToken cancellationToken)
    {
        // Quoted as browsers and curl do: .NET's own class leaves the quotes out.
        var body = new StringBuilder()
            .Append($"--{Boundary}\r\n")
            .Append("Content-Disposition: form-data; name=\"file\"; filename=\"activity-connector.ndjson\"\r\n")
            .Append("Content-Type: application/ndjson\r\n\r\n")
            .AppendJoin('\n', lines.Select(line => line.ToJsonString()))
            .Append($"\r\n--{Boundary}--\r\n");
        var bytes = Encoding.UTF8.GetBytes(body.ToString());
        return Usable(await _client.PostAsync(Below(path), bytes, $"multipart/form-data; boundary={Boundary}", cancellationToken));
    }

    /// <summary>The body of a successful response: an object.</summary>
    public JsonObject ObjectOf(ServerResponse response) => response.IsSuccess && response.Node() is JsonObject body ? body : throw Odd(response);

    /// <summary>The body of a successful response: an object a line.</summary>
    public IReadOnlyList<JsonObject> LinesOf(ServerResponse response)
    {
        if (!response.IsSuccess) throw Odd(response);

        var lines = Encoding.UTF8.GetString(response.Body.Span).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return [.. lines.Select(line => (response with { Body = Encoding.UTF8.GetBytes(line) }).Node() as JsonObject ?? throw Odd(response))];
    }

    /// <summary>What an error of the server says, in one line: the status with its text.</summary>
    public static string Said(ServerResponse response) => $"{response.Status} {Message(response)}".TrimEnd();

    public void Dispose() => _client.Dispose();

    private static string Message(ServerResponse response) =>
        response.Node().Text("message") ?? response.Error.Reason ?? "";

    private string Below(string path) => _space.Length == 0 ? path : $"s/{Uri.EscapeDataString(_space)}/{path}";

    private ServerResponse Usable(ServerResponse response)
    {
        if (response.Failure is not null)
        {
            throw new DashboardsException($"{_product.Name} cannot be used: {response.Failure}.", response.IsUntrusted
                ? "Give the certificate of its authority as Dashboards:CaFile, or a fingerprint as Dashboards:CaFingerprint."
                : "See that it runs, and that Dashboards:Url is its address.");
        }

        var message = Message(response);
        return response.Status switch
        {
            401 => throw new DashboardsException(
                $"{_product.Name} does not take the credential (401).",
                (_server.HasCredential, _server.CredentialSection) switch
                {
                    (false, _) => "Give an API key or a user in the section Dashboards.",
                    (true, "Dashboards") => "Give a valid API key or user in the section Dashboards.",
                    (true, var section) => $"Give a valid API key or user in the section {section}, or in the section Dashboards.",
                }),
            >= 300 and < 400 => throw new DashboardsException(
                $"{_product.Name} answers with a redirect ({response.Status}), as to a page for signing in.",
                "Give its own address as Dashboards:Url, with the base path if there is one, and a credential."),
            429 or 502 or 503 or 504 => throw new DashboardsException(
                $"{_product.Name} is not ready ({response.Status}).", "Wait until its page opens, and run the command again: it goes on where it ended."),
            400 when message.Contains(_product.Other.GuardHeader, StringComparison.OrdinalIgnoreCase) => throw new DashboardsException(
                $"The server at Dashboards:Url is {_product.Other.Name}.", $"Run setup {_product.Other.Verb}."),
            _ => response,
        };
    }

    private DashboardsException Odd(ServerResponse response)
    {
        var start = response.Body.Span.TrimStart(" \r\n\t"u8);
        return start.StartsWith("<"u8)
            ? new(
                $"The answer ({response.Status}) is a web page, and not one of {_product.Name}'s API.",
                "Give the address of the server itself as Dashboards:Url, with the base path if there is one.")
            : response.IsSuccess
                ? new($"{_product.Name}'s answer ({response.Status}) is cut off or is no JSON.", "See what stands between, and run the command again.")
                : new(
                    $"{_product.Name} does not answer as it should: {Said(response)}.",
                    "See that Dashboards:Url is its address, with the base path if there is one, and look into its log.");
    }
}
