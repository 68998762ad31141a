using System.ComponentModel.DataAnnotations;
using System.Net;

namespace ActivityConnector.Admin;

/// <summary>The configuration section <c>Admin</c>: health, metrics, the API and the page, over HTTP.</summary>
public sealed class AdminOptions
{
    /// <summary>Whether the service listens at Url. The other commands ask a running connector there.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>
    /// Where it listens: http://HOST:PORT, with an address of this machine, localhost, or * for all. Beyond this machine it needs a Token. It speaks plain
    /// HTTP: put TLS in front of it where the network is not trusted.
    /// </summary>
    [RegularExpression(@"http://[^/\s@]+(:\d+)?/?", ErrorMessage = "Write it as http://127.0.0.1:8080, or http://*:8080 for every address of this machine.")]
    public string Url { get; set; } = "http://127.0.0.1:8080";

    /// <summary>The secret that a caller sends as 'Authorization: Bearer'. Without one everything can be read and nothing changed.</summary>
    public string? Token { get; set; }

    /// <summary>The file that holds Token; a changed file is read at once.</summary>
    public string? TokenFile { get; set; }

    /// <summary>Whether a token is configured.</summary>
    internal bool HasToken => !string.IsNullOrWhiteSpace(Token) || !string.IsNullOrWhiteSpace(TokenFile);

    /// <summary>Whether only this machine can reach Url.</summary>
    /// <remarks>The server listens at all addresses for any other name, also for <c>loopback</c>, whose Host says localhost.</remarks>
    internal bool IsLoopback => Uri.TryCreate(Url, UriKind.Absolute, out var url)
        && ((url.Host == "localhost" && Url.Contains("//localhost", StringComparison.OrdinalIgnoreCase))
            || (IPAddress.TryParse(url.Host, out var address) && IPAddress.IsLoopback(address)));
}
