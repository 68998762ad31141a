using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ActivityConnector.Pipeline;
using ActivityConnector.Sinks.Elasticsearch;
using ActivityConnector.Tests.Shared;

namespace ActivityConnector.Tests.Sinks.Elasticsearch;

/// <summary>Whom the sink speaks to: real TLS on loopback, with certificates made here.</summary>
public sealed class ServerTrustTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Authority _ours = new("ours");
    private readonly Authority _others = new("others");

    [Theory]
    [InlineData("nothing said", false)]
    [InlineData("our authority's file", true)]
    [InlineData("another authority's file", false)]
    [InlineData("our authority's fingerprint", true)]
    [InlineData("our authority's fingerprint with colons", true)]
    [InlineData("the server's own fingerprint", true)]
    [InlineData("another fingerprint", false)]
    public async Task A_server_is_trusted_when_what_is_configured_says_so(string configured, bool trusted)
    {
        using var certificate = _ours.Sign("127.0.0.1");
        await using var server = await FakeElasticsearch.StartAsync(certificate: certificate, chain: _ours.Certificate);
        var options = new ElasticsearchOptions { Urls = [server.Url] };
        switch (configured)
        {
            case "our authority's file":
                options.CaFile = Write(_ours);
                break;
            case "another authority's file":
                options.CaFile = Write(_others);
                break;
            case "our authority's fingerprint":
                options.CaFingerprint = Fingerprint(_ours.Certificate).ToLowerInvariant();
                break;
            case "our authority's fingerprint with colons":
                options.CaFingerprint = string.Join(':', Fingerprint(_ours.Certificate).Chunk(2).Select(pair => new string(pair)));
                break;
            case "the server's own fingerprint":
                options.CaFingerprint = Fingerprint(certificate);
                break;
            case "another fingerprint":
                options.CaFingerprint = Fingerprint(_others.Certificate);
                break;
        }

        Assert.Equal(trusted ? 200 : 0, (await AskAsync(options)).Status);
    }

    [Fact]
    public async Task A_certificate_that_is_not_trusted_needs_an_operator_and_is_told_in_words()
    {
        await using var scene = await SinkOnFake.StartAsync();
        using var certificate = _ours.Sign("127.0.0.1");
        await using var server = await FakeElasticsearch.StartAsync(certificate: certificate, chain: _ours.Certificate);
        (scene.Options.Urls, scene.WaitAtMost) = ([server.Url], TimeSpan.FromMinutes(2));

        var refused = await Assert.ThrowsAsync<SinkRefusedException>(() => scene.Sink.PrepareAsync(default).AsTask());

        var cause = $"Elasticsearch cannot take events: the certificate of {new Uri(server.Url).Authority} is not trusted: ";
        Assert.StartsWith(cause, refused.Message, StringComparison.Ordinal);
        Assert.Contains("Elasticsearch:CaFile", refused.Fix, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 200)]
    public async Task A_trusted_certificate_for_another_host_is_refused_unless_hosts_are_not_looked_at(bool verify, int status)
    {
        using var certificate = _ours.Sign("10.9.8.7");
        await using var server = await FakeElasticsearch.StartAsync(certificate: certificate, chain: _ours.Certificate);

        Assert.Equal(status, (await AskAsync(new() { Urls = [server.Url], CaFile = Write(_ours), VerifyHostname = verify })).Status);
        Assert.Equal(status, (await AskAsync(new() { Urls = [server.Url], CaFingerprint = Fingerprint(_ours.Certificate), VerifyHostname = verify })).Status);
    }

    [Theory]
    [InlineData("forged")]
    [InlineData("expired")]
    public async Task A_certificate_that_only_says_that_the_trusted_authority_signed_it_or_that_is_over_is_refused(string how)
    {
        using var forger = new Authority("ours");
        using var certificate = how == "forged" ? forger.Sign("127.0.0.1") : _ours.Sign("127.0.0.1", isExpired: true);
        await using var server = await FakeElasticsearch.StartAsync(certificate: certificate, chain: _ours.Certificate);

        // The server shows the trusted authority, as somebody would who has seen its certificate.
        Assert.Contains(Fingerprint(_ours.Certificate), await ShownAsync(server.Url));
        Assert.Equal(0, (await AskAsync(new() { Urls = [server.Url], CaFile = Write(_ours) })).Status);
        Assert.Equal(0, (await AskAsync(new() { Urls = [server.Url], CaFingerprint = Fingerprint(_ours.Certificate) })).Status);
    }

    [Fact]
    public async Task A_client_certificate_is_shown_to_a_server_that_asks_for_one()
    {
        using var certificate = _ours.Sign("127.0.0.1");
        await using var server = await FakeElasticsearch.StartAsync(certificate: certificate, chain: _ours.Certificate, wantsClient: true);
        using var client = _ours.Sign("127.0.0.1");
        await File.WriteAllTextAsync(_folder.File("client.pem"), client.ExportCertificatePem());
        await File.WriteAllTextAsync(_folder.File("client.key"), client.GetRSAPrivateKey()!.ExportPkcs8PrivateKeyPem());
        var options = new ElasticsearchOptions { Urls = [server.Url], CaFile = Write(_ours) };

        Assert.Equal(0, (await AskAsync(options)).Status);
        (options.CertificateFile, options.KeyFile) = (_folder.File("client.pem"), _folder.File("client.key"));
        Assert.Equal(200, (await AskAsync(options)).Status);
    }

    public void Dispose()
    {
        _ours.Dispose();
        _others.Dispose();
        _folder.Dispose();
    }

    private static async Task<ServerResponse> AskAsync(ElasticsearchOptions options)
    {
        using var client = new ClusterClient(options, TimeProvider.System);
        return await client.GetAsync("", default);
    }

    private static async Task<List<string>> ShownAsync(string url)
    {
        var shown = new List<string>();
        using var http = new HttpClient(new HttpClientHandler
        {
            ServerCertificateCustomValidationCallback = (_, _, chain, _) =>
            {
                shown.AddRange(chain!.ChainElements.Select(element => Fingerprint(element.Certificate)));
                return true;
            },
        });
        using var response = await http.GetAsync(url);
        return shown;
    }

    private static string Fingerprint(X509Certificate2 certificate) => certificate.GetCertHashString(HashAlgorithmName.SHA256);

    private string Write(Authority authority)
    {
        File.WriteAllText(_folder.File("ca.pem"), authority.Certificate.ExportCertificatePem());
        return _folder.File("ca.pem");
    }

    private sealed class Authority : IDisposable
    {
        private readonly RSA _key = RSA.Create(2048);

        public Authority(string name)
        {
            var request = new CertificateRequest($"CN={name}", _key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
            request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));

            // Signed by a root that nobody is told of: servers leave out their root when they show their chain.
            using var rootKey = RSA.Create(2048);
            var root = new CertificateRequest($"CN=root of {name}", rootKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            root.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
            using var signing = root.CreateSelfSigned(From, Until);
            using var signed = request.Create(signing, From, Until, RandomNumberGenerator.GetBytes(8));
            Certificate = signed.CopyWithPrivateKey(_key);
        }

        private static DateTimeOffset From { get; } = TimeProvider.System.GetUtcNow().AddDays(-1);

        private static DateTimeOffset Until { get; } = TimeProvider.System.GetUtcNow().AddDays(2);

        public X509Certificate2 Certificate { get; }

        public X509Certificate2 Sign(string address, bool isExpired = false)
        {
            using var key = RSA.Create(2048);
            var request = new CertificateRequest($"CN={address}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            var names = new SubjectAlternativeNameBuilder();
            names.AddIpAddress(IPAddress.Parse(address));
            request.CertificateExtensions.Add(names.Build());
            using var signed = request.Create(
                Certificate, From, isExpired ? From.AddHours(1) : Until.AddDays(-1), RandomNumberGenerator.GetBytes(8));
            using var withKey = signed.CopyWithPrivateKey(key);
            return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable);
        }

        public void Dispose()
        {
            Certificate.Dispose();
            _key.Dispose();
        }
    }
}
