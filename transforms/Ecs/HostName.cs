using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ActivityConnector.Transforms.Records;

namespace ActivityConnector.Transforms.Ecs;

/// <summary>The host of an absolute http(s) URL, as a browser reads it, or a bare domain. Lower case. (Mapping 2, <c>related.hosts</c>.)</summary>
internal static class HostName
{
    private const int MaxBytes = 253;
    private const int MaxLabelBytes = 63;

    /// <summary>A dot or colon, or the first byte of another full stop.</summary>
    private static readonly SearchValues<byte> MayBeHost = SearchValues.Create((byte)'.', (byte)':', 0xE3, 0xEF);

    private const string Slashes = "/\\";

    private static readonly SearchValues<char> Unseen = SearchValues.Create("\u00AD\u200B\u2060\uFEFF");
    private static readonly SearchValues<char> EndOfAuthority = SearchValues.Create("/\\?#");
    private static readonly SearchValues<char> IgnoredInUrls = SearchValues.Create("\t\n\r");
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdefABCDEF");

    /// <summary>
    /// Whether a metadata name speaks of hosts: one of its words is url, uri, endpoint, webhook, domain(s) or host. The topics of a webhook, such
    /// as conversation.user.created, look like domains and are none.
    /// </summary>
    public static bool IsMetadataName(ReadOnlySpan<byte> name)
    {
        if (name.EndsWith("_topics"u8)) return false;

        foreach (var word in name.Split((byte)'_'))
        {
            if (IsWord(name[word])) return true;
        }

        return false;
    }

    public static Text Read(RecordTree record, Text value)
    {
        var text = Trimmed.Of(record, value);
        return record[text].ContainsAny(MayBeHost) && Find(record.StringOf(text)) is { } host ? record.Append(host) : default;
    }

    private static string? Find(string text)
    {
        var url = text.AsSpan().ContainsAny(IgnoredInUrls) ? string.Concat(text.Split(['\t', '\n', '\r'])) : text;
        var scheme = url.StartsWith("https:", StringComparison.OrdinalIgnoreCase) ? 6 : url.StartsWith("http:", StringComparison.OrdinalIgnoreCase) ? 5 : 0;
        var rest = url.AsSpan(scheme);
        if (scheme > 0) return OfUrl(rest.TrimStart(Slashes).ToString());

        text = AsciiForms(text);
        return text.IndexOf('.', StringComparison.Ordinal) is var dot and >= 0 && dot < text.Length - 1 && !text.Contains('_') ? Name(text) : null;
    }

    /// <param name="rest">What follows the slashes after the scheme.</param>
    private static string? OfUrl(string rest)
    {
        var end = rest.AsSpan().IndexOfAny(EndOfAuthority);
        var authority = end < 0 ? rest : rest[..end];
        authority = authority[(authority.LastIndexOf('@') + 1)..];
        if (authority.StartsWith('['))
        {
            var close = authority.IndexOf(']', StringComparison.Ordinal);
            return close > 0 && IsPort(authority.AsSpan(close + 1)) && StrictAddress.TryReadV6(Encoding.UTF8.GetBytes(authority[1..close]), out var address)
                ? IPv6Form.Of(address)
                : null;
        }

        var colon = authority.IndexOf(':', StringComparison.Ordinal);
        if (colon >= 0 && !IsPort(authority.AsSpan(colon))) return null;

        var host = AsciiForms(Uri.UnescapeDataString(colon < 0 ? authority : authority[..colon]));
        var numbers = host.EndsWith('.') ? host[..^1] : host;
        if (!EndsInNumber(numbers)) return Name(host);

        // One to four numbers, also octal or hexadecimal: 0x7f.1 is 127.0.0.1 for a browser.
        return IPAddress.TryParse(numbers, out var number) && number.AddressFamily == AddressFamily.InterNetwork ? number.ToString() : null;
    }

    private static bool IsPort(ReadOnlySpan<char> text)
        => text.IsEmpty || (text[0] == ':' && (text[1..].TrimStart('0').IsEmpty
            || ushort.TryParse(text[1..], NumberStyles.None, CultureInfo.InvariantCulture, out _)));

    /// <summary>Full-width forms, ideographic full stops, and invisible characters, as a browser takes them.</summary>
    private static string AsciiForms(string text) => Ascii.IsValid(text) ? text : string.Concat(text.Where(c => !Unseen.Contains(c)).Select(c => c switch
    {
        '\u3002' or '\uFF61' => '.',
        >= '\uFF01' and <= '\uFF5E' => (char)(c - 0xFEE0),
        _ => c,
    }));

    private static bool EndsInNumber(string host)
    {
        var last = host.AsSpan(host.LastIndexOf('.') + 1);
        return !last.IsEmpty && (!last.ContainsAnyExceptInRange('0', '9')
            || (last is ['0', 'x' or 'X', ..] && last[2..].IndexOfAnyExcept(HexDigits) < 0));
    }

    /// <summary>Labels of letters, digits, hyphens and underscores; letters beyond ASCII too, as people write them. The last begins with a letter.</summary>
    private static string? Name(string text)
    {
        var host = LowerCase.Of(text);
        host = host.EndsWith('.') ? host[..^1] : host;
        var labels = host.Split('.');
        return labels.All(IsLabel) && Encoding.UTF8.GetByteCount(host) <= MaxBytes && Rune.IsLetter(Rune.GetRuneAt(labels[^1], 0)) ? host : null;
    }

    private static bool IsLabel(string label)
        => label.Length > 0 && Encoding.UTF8.GetByteCount(label) <= MaxLabelBytes && label[0] != '-' && label[^1] != '-'
            && AreInLabels(label);

    private static bool AreInLabels(string text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value is not ('-' or '_') && !Rune.IsLetterOrDigit(rune) && !CombiningMark.Is(rune)) return false;
        }

        return true;
    }

    private static bool IsWord(ReadOnlySpan<byte> word) => word.Length switch
    {
        3 => word.SequenceEqual("url"u8) || word.SequenceEqual("uri"u8),
        4 => word.SequenceEqual("host"u8),
        6 => word.SequenceEqual("domain"u8),
        7 => word.SequenceEqual("webhook"u8) || word.SequenceEqual("domains"u8),
        8 => word.SequenceEqual("endpoint"u8),
        _ => false,
    };
}
