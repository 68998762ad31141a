using System.Text;
using ActivityConnector.Tests.Golden.Properties;

namespace ActivityConnector.Fuzz;

/// <summary>Makes an input of others: bytes are changed, and tokens of JSON and CSV are replaced, repeated, nested and taken from other inputs.</summary>
internal sealed class Mutator(Random random)
{
    private const int MostBytes = 16 * 1024;

    private static readonly string[] Fragments =
    [
        "\"\\ud800\"", "\\udc00", "\\u0000", "\u0000", "\uFEFF", "\"", "\\", "{", "}", "[", "]", ",", ":", "\n", "\r\n", "\"\"", "null", "{}", "[]", "-1", "0",
        "9223372036854775807", "-9223372036854775808", "9223372036854775808", "2147483648", "1e400", "-0", "253402300800", "99999999999999",
        "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.9999999+14:00", "\n---\n", "|", "*", "true", "false", "NaN", "1.5",
    ];

    private static readonly byte[][] BadText = [[0xFF], [0xC3, 0x28], [0xED, 0xA0, 0x80], [0xEF, 0xBB, 0xBF], [0xF4, 0x90, 0x80, 0x80], [0xC0, 0x80]];

    private readonly HostileJson _json = new(random);

    /// <param name="input">What is changed.</param>
    /// <param name="other">What parts are taken from.</param>
    public byte[] Mutate(byte[] input, byte[] other)
    {
        var bytes = new List<byte>(input);
        for (var steps = 1 << random.Next(4); steps > 0; steps--) Step(bytes, other);

        if (bytes.Count > MostBytes) bytes.RemoveRange(MostBytes, bytes.Count - MostBytes);
        return [.. bytes];
    }

    private void Step(List<byte> bytes, byte[] other)
    {
        switch (random.Next(14))
        {
            case 0 when bytes.Count > 0:
                bytes[random.Next(bytes.Count)] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when bytes.Count > 0:
                bytes[random.Next(bytes.Count)] = (byte)random.Next(256);
                break;
            case 2:
                Replace(bytes, Range(bytes.Count), []);
                break;
            case 3:
                Replace(bytes, (random.Next(bytes.Count + 1), 0), Part(bytes, Range(bytes.Count)));
                break;
            case 4:
                Replace(bytes, (random.Next(bytes.Count + 1), 0), other[Slice(Range(other.Length))]);
                break;
            case 5 when bytes.Count > 0:
                var cut = random.Next(bytes.Count);
                Replace(bytes, (cut, bytes.Count - cut), other[Math.Min(cut, other.Length)..]);
                break;
            case 6:
                Replace(bytes, (random.Next(bytes.Count + 1), 0), Fragment());
                break;
            case 7 or 8:
                Replace(bytes, Token([.. bytes]), Fragment());
                break;
            case 9:
                Replace(bytes, Token([.. bytes]), Encoding.UTF8.GetBytes(random.Next(3) switch { 0 => _json.Name(), 1 => _json.Number(), _ => _json.Value() }));
                break;
            case 10:
                Replace(bytes, Token([.. bytes]), other[Slice(Token(other))]);
                break;
            case 11:
                var (start, length) = Token([.. bytes]);
                Replace(bytes, (start, 0), [.. Part(bytes, (start, length)), (byte)(random.Next(4) == 0 ? ':' : ',')]);
                break;
            case 12:
                var token = Token([.. bytes]);
                Replace(bytes, token, Nested(Part(bytes, token)));
                break;
            default:
                Replace(bytes, Token([.. bytes]), []);
                break;
        }
    }

    private byte[] Fragment() => random.Next(4) == 0 ? BadText[random.Next(BadText.Length)] : Encoding.UTF8.GetBytes(Fragments[random.Next(Fragments.Length)]);

    /// <summary>As deep as a limit of some reader.</summary>
    private byte[] Nested(byte[] inner)
    {
        int[] depths = [1, 2, 62, 64, 65, 254, 256, 257, 300, 512, 515];
        var depth = depths[random.Next(depths.Length)];
        var (open, close) = random.Next(2) == 0 ? ("[", "]") : ("{\"n\":", "}");
        return
        [
            .. Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(open, depth))), .. inner,
            .. Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(close, depth))),
        ];
    }

    private (int Start, int Length) Range(int count)
    {
        var start = random.Next(count + 1);
        return (start, random.Next(Math.Min(count - start, 1 << random.Next(11)) + 1));
    }

    /// <summary>A string with its quotes, something in brackets, or a word: from a random place on the next one.</summary>
    private (int Start, int Length) Token(ReadOnlySpan<byte> text)
    {
        var start = random.Next(text.Length + 1);
        while (start < text.Length && text[start] is not ((byte)'"' or (byte)'{' or (byte)'[') && !IsWord(text[start])) start++;

        if (start == text.Length) return (start, 0);

        var end = start + 1;
        switch (text[start])
        {
            case (byte)'"':
                while (end < text.Length && text[end] != '"') end += text[end] == '\\' ? 2 : 1;
                end++;
                break;
            case (byte)'{' or (byte)'[':
                for (var depth = 1; end < text.Length && depth > 0; end++)
                {
                    depth += text[end] is (byte)'{' or (byte)'[' ? 1 : text[end] is (byte)'}' or (byte)']' ? -1 : 0;
                }

                break;
            default:
                while (end < text.Length && IsWord(text[end])) end++;
                break;
        }

        return (start, Math.Min(end, text.Length) - start);
    }

    private static bool IsWord(byte b) => char.IsAsciiLetterOrDigit((char)b) || b is (byte)'-' or (byte)'.' or (byte)'_' or (byte)'+';

    private static byte[] Part(List<byte> bytes, (int Start, int Length) range) => [.. bytes.GetRange(range.Start, range.Length)];

    private static Range Slice((int Start, int Length) range) => range.Start..(range.Start + range.Length);

    private static void Replace(List<byte> bytes, (int Start, int Length) range, byte[] with)
    {
        bytes.RemoveRange(range.Start, range.Length);
        bytes.InsertRange(range.Start, with);
    }
}
