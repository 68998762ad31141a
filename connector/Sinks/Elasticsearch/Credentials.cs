using System.Net.Http.Headers;
using System.Text;
using ActivityConnector.Pipeline;

namespace ActivityConnector.Sinks.Elasticsearch;

/// <summary>What a request is signed with. Files are read for each request: a rotated secret is used at once.</summary>
internal static class Credentials
{
    /// <summary>A shorter text may be a word of any answer.</summary>
    private const int LeastHidden = 8;

    /// <summary>Those of this moment; null where none are configured.</summary>
    /// <exception cref="SinkRefusedException">A file cannot be used.</exception>
    public static AuthenticationHeaderValue? Of(ElasticsearchOptions options)
    {
        if (Secret(options, options.ApiKey, options.ApiKeyFile, nameof(options.ApiKey), SecretKind.Token) is { } key)
        {
            return new("ApiKey", key.Contains(':', StringComparison.Ordinal) ? Encode(key) : key);
        }

        return Secret(options, options.Username, options.UsernameFile, nameof(options.Username), SecretKind.Text) is { } user
            ? new("Basic", Encode($"{user}:{Secret(options, options.Password, options.PasswordFile, nameof(options.Password), SecretKind.Text)}"))
            : null;
    }

    /// <summary>Puts asterisks where an error, perhaps a proxy's, repeats what the request was signed with: its words end up in logs.</summary>
    public static void Hide(AuthenticationHeaderValue credentials, Span<byte> answer)
    {
        var sent = Encoding.UTF8.GetBytes(credentials.Parameter!);
        Hide(sent, answer);
        Span<byte> pair = new byte[sent.Length];
        if (!Convert.TryFromBase64String(credentials.Parameter!, pair, out var length)) return;

        // The user, or the name of the key, is no secret.
        pair = pair[..length];
        Hide(pair[(pair.IndexOf((byte)':') + 1)..], answer);
    }

    private static void Hide(ReadOnlySpan<byte> secret, Span<byte> answer)
    {
        for (var at = secret.Length < LeastHidden ? -1 : answer.IndexOf(secret); at >= 0; at = answer.IndexOf(secret))
        {
            answer.Slice(at, secret.Length).Fill((byte)'*');
            answer = answer[(at + secret.Length)..];
        }
    }

    private static string Encode(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static string? Secret(ElasticsearchOptions options, string? value, string? file, string name, SecretKind kind)
    {
        if (string.IsNullOrWhiteSpace(file)) return string.IsNullOrWhiteSpace(value) ? null : value.Trim();

        var option = $"{options.CredentialSection}:{name}File";
        try
        {
            return SecretFile.Read(file, option, kind) is { Length: > 0 } secret
                ? secret
                : throw new SinkRefusedException($"The file of {option} is empty.", $"Write the secret into the file of {option}.");
        }
        catch (SecretFileException e)
        {
            throw new SinkRefusedException(e.Message, e.Fix, e);
        }
    }
}
