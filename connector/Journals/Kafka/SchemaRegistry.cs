using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using ActivityConnector.Pipeline;

namespace ActivityConnector.Journals.Kafka;

/// <summary>
/// The three questions to a Schema Registry that a producer has (Confluent Schema Registry API, v1). Its credential goes to the origin of
/// <c>Kafka:SchemaRegistry:Url</c> and nowhere else: no redirect is followed, and a certificate that does not name the host is refused.
/// </summary>
/// <remarks>Thread-safe. Credential and certificates are those of the moment it was made.</remarks>
internal sealed class SchemaRegistry : IDisposable
{
    private const string Section = "Kafka:SchemaRegistry";
    private const int MostAnswerBytes = 1 << 20;

    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(15);
    private static readonly MediaTypeHeaderValue ContentType = new("application/vnd.schemaregistry.v1+json");

    private readonly Uri _url;
    private readonly string? _password;
    private readonly AuthenticationHeaderValue? _credential;
    private readonly HttpClient _http;

    /// <exception cref="JournalMisconfiguredException">A file cannot be used.</exception>
    public SchemaRegistry(SchemaRegistryOptions options, TimeProvider time)
    {
        _url = new Uri(options.Url!.TrimEnd('/') + "/");
        _password = KafkaCredentials.Secret(options.Password, options.PasswordFile, $"{Section}:PasswordFile");
        if (KafkaCredentials.Secret(options.Username, options.UsernameFile, $"{Section}:UsernameFile") is { Length: > 0 } user)
        {
            _credential = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{_password}")));
        }

        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ActivityHeadersPropagator = null,
            ConnectTimeout = ConnectionFailure.ConnectTimeout,
            ConnectCallback = new HostConnection(time).ConnectAsync,
        };
        if (!string.IsNullOrWhiteSpace(options.CaFile)) handler.SslOptions = Trust(options.CaFile);

        _http = new HttpClient(handler) { Timeout = AnswerTimeout, MaxResponseContentBufferSize = MostAnswerBytes };
    }

    /// <summary>The id of exactly this schema under a subject; null when it is not registered there.</summary>
    public async Task<int?> FindAsync(string subject, string schema, CancellationToken cancellationToken)
    {
        var answer = await AskAsync($"subjects/{Escaped(subject)}", schema, $"looking up {subject}", cancellationToken);
        return answer.Status == HttpStatusCode.NotFound ? null : IdOf(answer);
    }

    /// <summary>Why the schema cannot follow the newest one under a subject by the registry's own rule; null when it can.</summary>
    public async Task<string?> ConflictAsync(string subject, string schema, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(
            $"compatibility/subjects/{Escaped(subject)}/versions/latest?verbose=true", schema, $"comparing with {subject}", cancellationToken);
        if (answer.Status == HttpStatusCode.NotFound) return null;

        if (!answer.Json.TryGetProperty("is_compatible", out var compatible)) throw Stranger("an answer without is_compatible");

        return compatible.ValueKind == JsonValueKind.True ? null
            : answer.Json.TryGetProperty("messages", out var messages) && messages.ValueKind == JsonValueKind.Array
                ? Said(string.Join("; ", messages.EnumerateArray().Select(message => message.ToString())))
                : "";
    }

    /// <summary>Registers the schema under a subject, unless it is there.</summary>
    /// <returns>Its id.</returns>
    public async Task<int> RegisterAsync(string subject, string schema, CancellationToken cancellationToken)
    {
        var answer = await AskAsync($"subjects/{Escaped(subject)}/versions", schema, $"registering {subject}", cancellationToken);
        return answer.Status == HttpStatusCode.NotFound ? throw Stranger("404 Not Found") : IdOf(answer);
    }

    public void Dispose() => _http.Dispose();

    private static string Escaped(string subject) => Uri.EscapeDataString(subject);

    private static SslClientAuthenticationOptions Trust(string caFile)
    {
        var roots = new X509Certificate2Collection();
        roots.ImportFromPem(KafkaCredentials.Pem(caFile, $"{Section}:CaFile"));
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(roots);
        return new() { CertificateChainPolicy = policy };
    }

    private async Task<(HttpStatusCode Status, JsonElement Json)> AskAsync(
        string path, string schema, string doing, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_url, path));
        request.Headers.Authorization = _credential;
        request.Headers.Accept.Add(new("application/vnd.schemaregistry.v1+json"));
        request.Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(new { schemaType = "JSON", schema }));
        request.Content.Headers.ContentType = ContentType;
        HttpResponseMessage response;
        byte[] body;
        try
        {
            response = await _http.SendAsync(request, cancellationToken);
            body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            var message = $"The schema registry of {Section}:Url cannot be asked: {ConnectionFailure.Text(e, _url)}.";
            throw ConnectionFailure.IsUntrusted(e)
                ? new JournalMisconfiguredException(
                    message, $"Give the authority's certificate as {Section}:CaFile, and the host's name as the certificate has it.", e)
                : new JournalUnavailableException(message, $"See that it runs and that {Section}:Url is right.", e);
        }

        using (response)
        {
            var json = JsonOf(body);
            return response.StatusCode switch
            {
                HttpStatusCode.OK when json.ValueKind == JsonValueKind.Object => (response.StatusCode, json),
                HttpStatusCode.OK => throw Stranger("no JSON object"),

                // Another server has no such code: the subject, its version or the schema is not there.
                HttpStatusCode.NotFound when Number(json, "error_code") is >= 40401 and <= 40403 => (response.StatusCode, json),
                var status => throw Refusal(status, json, doing),
            };
        }
    }

    private static int IdOf((HttpStatusCode Status, JsonElement Json) answer) => Number(answer.Json, "id") ?? throw Stranger("an answer without an id");

    private JournalException Refusal(HttpStatusCode status, JsonElement json, string doing)
    {
        var code = $"{(int)status} {status}";
        return status switch
        {
            HttpStatusCode.Unauthorized => new JournalMisconfiguredException(
                $"The schema registry refused the credentials ({code}).", $"Look at {Section}:Username and {Section}:Password."),
            HttpStatusCode.Forbidden => new JournalMisconfiguredException(
                $"The schema registry does not let this user do that ({doing}: {code}).",
                $"Allow it to read the subjects of the topics, and to register where {Section}:AutoRegister is true or setup kafka is run."),
            HttpStatusCode.Conflict => new JournalMisconfiguredException(
                $"The schema registry refused the schema as incompatible with the subject's earlier ones ({doing}{Message(json)}).",
                "Set the subject's compatibility to BACKWARD, or to NONE for one run of setup kafka."),
            HttpStatusCode.UnprocessableEntity => new JournalMisconfiguredException(
                $"The schema registry refused the schema as invalid ({doing}{Message(json)}).",
                "Use a registry that knows JSON Schema 2020-12 (Confluent Platform 7.4 or later)."),
            HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError => new JournalUnavailableException(
                $"The schema registry failed ({doing}: {code}).", "See its log; it is asked again."),
            >= HttpStatusCode.MultipleChoices and < HttpStatusCode.BadRequest => new JournalMisconfiguredException(
                $"The schema registry of {Section}:Url answers with a redirect ({code}), which is not followed.",
                "Give the address that it redirects to, if it is yours."),
            _ => Stranger(code),
        };
    }

    private static JournalMisconfiguredException Stranger(string what) => new(
        $"The server of {Section}:Url answers as no schema registry does ({what}).", "Give the registry's address, with its path where it has one.");

    private string Message(JsonElement json) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty("message", out var text) && Said(text.ToString()) is { Length: > 0 } said
            ? $": {said}"
            : "";

    /// <summary>The server's own words, bounded; nothing of them where they repeat the credential.</summary>
    private string Said(string text)
    {
        const int Most = 500;
        var repeats = (_password is { Length: > 0 } password && text.Contains(password, StringComparison.Ordinal))
            || (_credential?.Parameter is { } sent && text.Contains(sent, StringComparison.Ordinal));
        return repeats ? "" : text.Length <= Most ? text : text[..Most] + "…";
    }

    private static JsonElement JsonOf(byte[] body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            return json.RootElement.Clone();
        }
        catch (JsonException)
        {
            return default;
        }
    }

    private static int? Number(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number
        && value.TryGetInt32(out var number) ? number : null;
}
