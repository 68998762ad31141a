using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Confluent.Kafka;

namespace ActivityConnector.Journals.Kafka;

/// <summary>Text that comes from a vendor or a server, as keys and header values have it: UTF-8, bounded, without a character that steers a reader.</summary>
/// <remarks>
/// CloudEvents allows no control character and no noncharacter in a text (CloudEvents 1.0.2, 3.1), and its Kafka binding has header values in
/// UTF-8. So what is not allowed, and what changes the direction or the look of a line, is percent-encoded as in its HTTP binding (3.1.3.2);
/// every other character stays as it is. The same text always gives the same bytes. Thread-safe.
/// </remarks>
internal static class HeaderText
{
    /// <summary>The most that <see cref="Encode"/> gives unless it is asked for another bound.</summary>
    public const int MaxBytes = 256;

    private const int DigestDigits = 16;

    private static readonly SearchValues<char> Unchanged = SearchValues.Create(
        [.. Enumerable.Range(' ', '~' - ' ' + 1).Select(c => (char)c).Where(c => c != '%')]);

    /// <summary>
    /// The text with percent-encoding, <c>%</c> included, so that decoding gives the text back. A longer one is cut, and ends with <c>~</c> and 16
    /// hex digits of the digest of all of it: texts that differ keep different keys.
    /// </summary>
    public static byte[] Encode(string text, int maxBytes = MaxBytes) => Encode(text, maxBytes, encodesPercent: true);

    /// <summary>As <see cref="Encode(string, int)"/>, for a sentence that a person reads: a <c>%</c> stays.</summary>
    public static byte[] EncodeLine(string text, int maxBytes) => Encode(text, maxBytes, encodesPercent: false);

    /// <summary>The last value of a header as text; null when there is no such header, or it has no value.</summary>
    public static string? Read(Headers headers, string name) =>
        headers.TryGetLastBytes(name, out var bytes) && bytes is not null ? Encoding.UTF8.GetString(bytes) : null;

    private static byte[] Encode(string text, int maxBytes, bool encodesPercent)
    {
        if (text.Length <= maxBytes && !text.AsSpan().ContainsAnyExcept(Unchanged)) return Encoding.ASCII.GetBytes(text);

        var bytes = new ArrayBufferWriter<byte>(Math.Min(text.Length, maxBytes) + 16);
        Span<byte> utf8 = stackalloc byte[4];
        var fits = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            var length = rune.EncodeToUtf8(utf8);
            if (rune.Value == '%' ? encodesPercent : IsEncoded(rune))
            {
                foreach (var b in utf8[..length]) bytes.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"%{b:X2}")));
            }
            else
            {
                bytes.Write(utf8[..length]);
            }

            if (bytes.WrittenCount <= maxBytes - DigestDigits - 1) fits = bytes.WrittenCount;
            if (bytes.WrittenCount > maxBytes) return [.. bytes.WrittenSpan[..fits], .. Digest(text)];
        }

        return bytes.WrittenSpan.ToArray();
    }

    private static bool IsEncoded(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        || (rune.Value & 0xFFFE) == 0xFFFE || rune.Value is >= 0xFDD0 and <= 0xFDEF;

    private static byte[] Digest(string text) =>
        Encoding.ASCII.GetBytes("~" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, DigestDigits / 2)));
}
