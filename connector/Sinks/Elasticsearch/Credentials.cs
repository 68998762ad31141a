using System.Net.Http.Headers;
using System.Text;
using ActivityConnector.Pipeline;

namespace ActivityConnector.Sinks.Elasticsearch;

/// <summary>What a request is signed with. Files are read for each request: a rotated secret is used at once.</summary>
internal static class Credentials
{
    /// <summary>Those of this moment; null where none are configured.</summary>
    /// <exception cref="SinkRefusedException">A file cannot be used.</exception>
    public static AuthenticationHeaderValue? Of(ElasticsearchOptions options)
    {
        if (Secret(options.ApiKey, options.ApiKeyFile, nameof(options.ApiKey), SecretKind.Token) is { } key)
        {
            return new("ApiKey", key.Contains(':', StringComparison.Ordinal) ? Encode(key) : key);
        }

        return Secret(options.Username, options.UsernameFile, nameof(options.Username), SecretKind.Text) is { } user
            ? new("Basic", Encode($"{user}:{Secret(options.Password, options.PasswordFile, nameof(options.Password), SecretKind.Text)}"))
            : null;
    }

    private static string Encode(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static string? Secret(string? value, string? file, string name, SecretKind kind)
    {
        if (string.IsNullOrWhiteSpace(file)) return string.IsNullOrWhiteSpace(value) ? null : value.Trim();

        var option = $"Elasticsearch:{name}File";
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
