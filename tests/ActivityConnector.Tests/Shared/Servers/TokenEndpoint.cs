using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ActivityConnector.Tests.Shared.Servers;

/// <summary>An identity provider on loopback: it gives a client that shows its secret a signed token, and brokers the key to check it with.</summary>
public sealed class TokenEndpoint : IAsyncDisposable
{
    public const string Issuer = "issuer of a test";
    public const string Audience = "kafka";

    private const string KeyId = "key-of-a-test";

    private readonly RSA _key = RSA.Create(2048);
    private readonly ConcurrentDictionary<string, (string Secret, TimeSpan Lifetime)> _clients = [];
    private readonly ConcurrentDictionary<string, int> _issued = [];
    private WebApplication? _application;
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Where clients ask for tokens.</summary>
    public string Url => Address("https:") + "/token";

    /// <summary>Where brokers find the public key.</summary>
    public string Keys => Address("http:") + "/keys";

    /// <param name="certificates">What its own certificate is of.</param>
    public async Task StartAsync(CertificateFolder certificates)
    {
        var (certificate, key) = certificates.Issue("tokens", "127.0.0.1");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(X509Certificate2.CreateFromPemFile(certificate, key)));
        });
        _application = builder.Build();
        _application.MapPost("/token", AnswerAsync);
        _application.MapGet("/keys", () => Results.Json(new { keys = new[] { PublicKey() } }));
        await _application.StartAsync();
    }

    /// <summary>Lets a client have tokens from now on, and only with this secret.</summary>
    public void Allow(string client, string secret, TimeSpan? lifetime = null) => _clients[client] = (secret, lifetime ?? TimeSpan.FromHours(1));

    /// <summary>How many tokens a client has been given.</summary>
    public int Issued(string client) => _issued.GetValueOrDefault(client);

    /// <summary>Completes when a client has been given so many.</summary>
    public async Task IssuedAsync(string client, int count)
    {
        while (true)
        {
            var next = Volatile.Read(ref _next).Task;
            if (Issued(client) >= count) return;

            await next;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_application is not null) await _application.DisposeAsync();

        _key.Dispose();
    }

    private string Address(string scheme) => _application!.Urls.Single(url => url.StartsWith(scheme, StringComparison.Ordinal));

    private async Task<IResult> AnswerAsync(HttpRequest request)
    {
        var form = await request.ReadFormAsync();
        var shown = Encoding.UTF8.GetString(Convert.FromBase64String(request.Headers.Authorization.ToString()["Basic ".Length..])).Split(':', 2);
        if (form["grant_type"] != "client_credentials" || !_clients.TryGetValue(shown[0], out var client) || client.Secret != shown[1])
        {
            return Results.Json(new { error = "invalid_client", error_description = "no such client" }, statusCode: StatusCodes.Status401Unauthorized);
        }

        _issued.AddOrUpdate(shown[0], 1, (_, count) => count + 1);
        Interlocked.Exchange(ref _next, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
        return Results.Json(new { access_token = Token(shown[0], client.Lifetime), token_type = "Bearer", expires_in = (int)client.Lifetime.TotalSeconds });
    }

    private string Token(string subject, TimeSpan lifetime)
    {
        var now = TimeProvider.System.GetUtcNow();
        var head = Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(new { alg = "RS256", typ = "JWT", kid = KeyId }));
        var claims = Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(
            new { iss = Issuer, aud = Audience, sub = subject, iat = now.ToUnixTimeSeconds(), exp = (now + lifetime).ToUnixTimeSeconds() }));
        var signature = _key.SignData(Encoding.ASCII.GetBytes($"{head}.{claims}"), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{head}.{claims}.{Base64Url.EncodeToString(signature)}";
    }

    private object PublicKey()
    {
        var key = _key.ExportParameters(false);
        return new
        {
            kty = "RSA",
            use = "sig",
            alg = "RS256",
            kid = KeyId,
            n = Base64Url.EncodeToString(key.Modulus),
            e = Base64Url.EncodeToString(key.Exponent),
        };
    }
}
