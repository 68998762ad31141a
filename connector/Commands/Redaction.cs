using System.Text;
using System.Text.RegularExpressions;
using ActivityConnector.Configuration;
using ActivityConnector.Pipeline;

namespace ActivityConnector.Commands;

/// <summary>Takes the configured secrets, in what form ever, and this host's name out of a text.</summary>
internal sealed class Redaction
{
    /// <summary>What stands for the name of this host.</summary>
    public const string Host = "THIS-HOST";

    /// <summary>A shorter text is found in words that are none of it.</summary>
    private const int FewestCharacters = 4;

    private readonly List<string> _hidden;

    /// <summary>This host's name as a word of its own; null where it is configured.</summary>
    private readonly Regex? _host;

    private Redaction(List<string> hidden, Regex? host) => (_hidden, _host) = (hidden, host);

    /// <summary>Knows every secret of a configuration, also those in files, and those that are no valid secret.</summary>
    public static Redaction Of(LoadedConfiguration loaded)
    {
        var secrets = new HashSet<string>();
        foreach (var value in loaded.Layers.All)
        {
            var name = value.Key.Split(':')[^1];
            if (name.EndsWith("File", StringComparison.OrdinalIgnoreCase) && OptionKeys.Secrets.Contains(name[..^4]))
            {
                foreach (var line in Lines(Path.GetFullPath(value.Value ?? "", value.Folder))) secrets.Add(line);

                // It may be the secret itself, by mistake.
                if (value.Value is { } path && !File.Exists(Path.GetFullPath(path, value.Folder))) secrets.Add(path);
            }
            else if (OptionKeys.Secrets.Contains(name)
                || (value.Key.StartsWith("Kafka:Properties:", StringComparison.OrdinalIgnoreCase)
                    && Masking.KafkaProperty(name, value.Value ?? "") == Masking.Mask))
            {
                secrets.Add((value.Value ?? "").Trim());
            }

            foreach (var part in UserOf(value.Value)) secrets.Add(part);
        }

        var forms = secrets.Where(s => s.Length >= FewestCharacters).SelectMany(Forms).Distinct().OrderByDescending(s => s.Length).ToList();
        var isConfigured = loaded.Layers.All.Any(v => v.Value?.Contains(Environment.MachineName, StringComparison.OrdinalIgnoreCase) == true);
        var host = $@"(?<![\w.-]){Regex.Escape(Environment.MachineName)}(?![\w-])";
        return new(forms, isConfigured ? null : new Regex(host, RegexOptions.IgnoreCase));
    }

    /// <summary>The text without them.</summary>
    public string Apply(string text)
    {
        var shown = _hidden.Aggregate(text, (at, secret) => at.Replace(secret, Masking.Mask, StringComparison.OrdinalIgnoreCase));
        return _host?.Replace(shown, Host) ?? shown;
    }

    /// <summary>As it is, in a URL, and in Base64, as a header has it.</summary>
    private static IEnumerable<string> Forms(string secret) =>
        [secret, Uri.EscapeDataString(secret), Convert.ToBase64String(Encoding.UTF8.GetBytes(secret)).TrimEnd('=')];

    private static string[] Lines(string path)
    {
        try
        {
            return Encoding.UTF8.GetString(RegularFile.Read(path, SecretFile.MostBytes)).Split(['\r', '\n'], StringSplitOptions.TrimEntries);
        }
        catch (IOException)
        {
            return [];
        }
    }

    /// <summary>User and password of a URL.</summary>
    private static string[] UserOf(string? text)
    {
        var at = text?.LastIndexOf('@') ?? -1;
        if (at < 0) return [];

        var start = text!.IndexOf("://", StringComparison.Ordinal) is >= 0 and var scheme ? scheme + 3 : 0;
        return start < at ? text[start..at].Split(':') : [];
    }
}
