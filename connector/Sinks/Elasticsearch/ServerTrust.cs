using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ActivityConnector.Pipeline;

namespace ActivityConnector.Sinks.Elasticsearch;

/// <summary>
/// Which server is spoken to. A CA file or a fingerprint says who is trusted; neither says that the host's name does not matter.
/// </summary>
/// <remarks>Files are read for each connection: a new certificate is used from the next one on.</remarks>
internal sealed class ServerTrust(ElasticsearchOptions options)
{
    private readonly string? _fingerprint = options.CaFingerprint?.Replace(":", "", StringComparison.Ordinal).ToUpperInvariant();

    public SslClientAuthenticationOptions Options()
    {
        var ssl = new SslClientAuthenticationOptions();
        if (_fingerprint is not null || !string.IsNullOrWhiteSpace(options.CaFile) || !options.VerifyHostname)
        {
            ssl.RemoteCertificateValidationCallback = (_, certificate, chain, errors) => Accepts(certificate, chain, errors);
        }

        if (!string.IsNullOrWhiteSpace(options.CertificateFile))
        {
            // Asked with an empty list, .NET would not offer a certificate at all.
            ssl.LocalCertificateSelectionCallback = (_, _, _, _, _) => X509Certificate2.CreateFromPem(
                SecretFile.ReadPem(options.CertificateFile, $"{options.CertificateSection}:CertificateFile"),
                SecretFile.ReadPem(options.KeyFile ?? options.CertificateFile, $"{options.CertificateSection}:KeyFile"));
        }

        return ssl;
    }

    private bool Accepts(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is not X509Certificate2 server || chain is null
            || (options.VerifyHostname && errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch)))
        {
            return false;
        }

        if (_fingerprint is null && string.IsNullOrWhiteSpace(options.CaFile))
        {
            return !errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors);
        }

        var presented = chain.ChainElements.Select(element => element.Certificate).ToList();
        var roots = new X509Certificate2Collection();
        if (_fingerprint is null)
        {
            roots.ImportFromPem(SecretFile.ReadPem(options.CaFile!, $"{options.CertificateSection}:CaFile"));
        }
        else if (presented.Find(c => c.GetCertHashString(HashAlgorithmName.SHA256) == _fingerprint) is { } trusted)
        {
            roots.Add(trusted);
        }

        return LeadsTo(roots, server, presented);
    }

    private static bool LeadsTo(X509Certificate2Collection roots, X509Certificate2 server, IEnumerable<X509Certificate2> presented)
    {
        if (roots.Count == 0) return false;

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.CustomTrustStore.AddRange(roots);
        chain.ChainPolicy.ExtraStore.AddRange(presented.ToArray());

        // What is named may be no root: an authority in the middle, or the server's own certificate.
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.AllowUnknownCertificateAuthority;
        return chain.Build(server)
            && chain.ChainElements.Any(element => roots.Any(root => root.RawDataMemory.Span.SequenceEqual(element.Certificate.RawDataMemory.Span)));
    }
}
