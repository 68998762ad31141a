using System.Net.Http.Headers;
using System.Text;
using ActivityConnector.Pipeline;

namespace ActivityConnector.Sinks.Elasticsearch;

/// <summary>What a request is signed with. Files are read for each request: a rotated secret is used at once.</summary>
internal static class Credentials
{
    /// <summary>Those of this moment; null where none are configured.</summary>
    /// <exception cref="SinkRefusedException">A file cannot be read.</exception>
    public static AuthenticationHeaderValue? Of(ElasticsearchOptions options)
    {
        if (Secret(options.ApiKey, options.ApiKeyFile, nameof(options.ApiKey)) is { } key)
        {
            return new("ApiKey", key.Contains(':', StringComparison.Ordinal) ? Encode(key) : key);
        }

        return Secret(options.Username, options.UsernameFile, nameof(options.Username)) is { } user
            ? new("Basic", Encode($"{user}:{Secret(options.Password, options.PasswordFile, nameof(options.Password))}"))
            : null;
    }

    private static string Encode(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static string? Secret(string? value, string? file, string option)
    {
        if (string.IsNullOrWhiteSpace(file)) return string.IsNullOrWhiteSpace(value) ? null : value.Trim();

        try
        {
            return File.ReadAllText(file).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SinkRefusedException(
                $"The file of Elasticsearch:{option}File cannot be read ({e.GetType().Name}).",
                $"Make the file that Elasticsearch:{option}File names readable by the connector.",
                e);
        }
    }
}
