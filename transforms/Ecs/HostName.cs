using System.Buffers;
using System.Text;
using ActivityConnector.Transforms.Records;

namespace ActivityConnector.Transforms.Ecs;

/// <summary>The host of an absolute http(s) URL, or a bare domain, lower case. (Mapping 2, <c>related.hosts</c>.)</summary>
internal static class HostName
{
    private static readonly SearchValues<byte> EndOfAuthority = SearchValues.Create("/?#\\"u8);

    /// <summary>Whether a metadata key speaks of hosts: one of its words is url, uri, endpoint, webhook, domain(s) or host.</summary>
    public static bool IsKey(ReadOnlySpan<byte> key)
    {
        foreach (var word in key.Split((byte)'_'))
        {
            if (IsWord(key[word])) return true;
        }

        return false;
    }

    public static Text Read(RecordTree record, Text value)
    {
        var text = Trimmed.Of(record, value);
        var s = record[text];
        var scheme = StartsWithIgnoringCase(s, "https://"u8) ? 8 : StartsWithIgnoringCase(s, "http://"u8) ? 7 : 0;
        if (scheme == 0)
        {
            return IsHost(s) && s.Contains((byte)'.') && char.IsAsciiLetter((char)s[^1]) && HasOnlyLettersAndDigits(s) ? LowerCase.Of(record, text) : default;
        }

        var end = s[scheme..].IndexOfAny(EndOfAuthority);
        var authority = end < 0 ? s[scheme..] : s.Slice(scheme, end);
        var start = scheme + authority.LastIndexOf((byte)'@') + 1;
        authority = authority[(start - scheme)..];
        if (authority is [(byte)'[', ..])
        {
            var close = authority.IndexOf((byte)']');
            return close > 0 && StrictAddress.TryReadV6(authority[1..close], out _)
                ? LowerCase.Of(record, new(text.Start + start + 1, close - 1))
                : default;
        }

        var colon = authority.IndexOf((byte)':');
        var host = new Text(text.Start + start, colon < 0 ? authority.Length : colon);
        return IsHost(record[host]) ? LowerCase.Of(record, host) : default;
    }

    /// <summary>Labels of letters, digits, hyphens and underscores; letters beyond ASCII too, as people write them.</summary>
    private static bool IsHost(ReadOnlySpan<byte> s)
    {
        if (s.Length is 0 or > 253) return false;

        foreach (var label in s.Split((byte)'.'))
        {
            var l = s[label];
            if (l.Length is 0 or > 63 || l[0] == '-' || l[^1] == '-') return false;

            foreach (var b in l)
            {
                if (!char.IsAsciiLetterOrDigit((char)b) && b is not ((byte)'-' or (byte)'_' or >= 0x80)) return false;
            }
        }

        return true;
    }

    /// <summary>Text that only might be a domain: no signs or spaces from beyond ASCII.</summary>
    private static bool HasOnlyLettersAndDigits(ReadOnlySpan<byte> s)
    {
        if (Ascii.IsValid(s)) return !s.Contains((byte)'_');

        foreach (var rune in Encoding.UTF8.GetString(s).EnumerateRunes())
        {
            if (!Rune.IsLetterOrDigit(rune) && rune.Value is not ('-' or '.')) return false;
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

    private static bool StartsWithIgnoringCase(ReadOnlySpan<byte> s, ReadOnlySpan<byte> prefix)
        => s.Length >= prefix.Length && Ascii.EqualsIgnoreCase(s[..prefix.Length], prefix);
}
