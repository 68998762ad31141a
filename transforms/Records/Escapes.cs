using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace ActivityConnector.Transforms.Records;

/// <summary>JSON string escapes, both ways: the least that RFC 8259 asks for on the way out, everything it allows on the way in.</summary>
/// <remarks>The platform's encoders escape more than that, and its readers refuse a lone surrogate, which here becomes U+FFFD.</remarks>
internal static class Escapes
{
    /// <summary>The most bytes that <see cref="Write"/> makes of one.</summary>
    public const int MaxBytes = 6;

    private static readonly SearchValues<byte> Escaped = SearchValues.Create([.. Enumerable.Range(0, ' ').Select(b => (byte)b), (byte)'"', (byte)'\\']);

    /// <summary>Writes UTF-8 text as the inside of a JSON string.</summary>
    /// <param name="text">Valid UTF-8.</param>
    /// <param name="to">Room for <see cref="MaxBytes"/> times the text.</param>
    /// <returns>The bytes written.</returns>
    public static int Write(ReadOnlySpan<byte> text, Span<byte> to)
    {
        var length = 0;
        for (int plain; (plain = text.IndexOfAny(Escaped)) >= 0; text = text[(plain + 1)..])
        {
            text[..plain].CopyTo(to[length..]);
            length += plain;
            length += WriteEscape(text[plain], to[length..]);
        }

        text.CopyTo(to[length..]);
        return length + text.Length;
    }

    /// <summary>Appends the text of a raw JSON string to the tree. Lone surrogates become U+FFFD; U+0000 goes unless it is asked for.</summary>
    public static Text Remove(RecordTree tree, Text raw, bool keepNul, out TextLoss loss)
    {
        loss = TextLoss.None;
        var room = tree.Room(raw.Length);
        var s = tree[raw];
        int i = 0, o = 0;
        while (i < s.Length)
        {
            var run = s[i..].IndexOf((byte)'\\');
            if (run != 0)
            {
                var plain = s.Slice(i, run < 0 ? s.Length - i : run);
                plain.CopyTo(room[o..]);
                i += plain.Length;
                o += plain.Length;
                continue;
            }

            if (s[i + 1] != 'u')
            {
                room[o++] = Unescaped(s[i + 1]);
                i += 2;
                continue;
            }

            var unit = Hex(s, i + 2);
            i += 6;
            if (unit == 0)
            {
                loss |= TextLoss.Nul;
                if (!keepNul) continue;
            }

            Rune rune;
            if (char.IsHighSurrogate(unit) && i + 6 <= s.Length && s[i] == '\\' && s[i + 1] == 'u'
                && Rune.TryCreate(unit, Hex(s, i + 2), out rune))
            {
                i += 6;
            }
            else if (!Rune.TryCreate(unit, out rune))
            {
                loss |= TextLoss.Surrogate;
                rune = Rune.ReplacementChar;
            }

            o += rune.EncodeToUtf8(room[o..]);
        }

        return tree.Commit(o);
    }

    private static int WriteEscape(byte b, Span<byte> to)
    {
        to[0] = (byte)'\\';
        switch (b)
        {
            case (byte)'"' or (byte)'\\': to[1] = b; return 2;
            case (byte)'\b': to[1] = (byte)'b'; return 2;
            case (byte)'\t': to[1] = (byte)'t'; return 2;
            case (byte)'\n': to[1] = (byte)'n'; return 2;
            case (byte)'\f': to[1] = (byte)'f'; return 2;
            case (byte)'\r': to[1] = (byte)'r'; return 2;
            default:
                "u00"u8.CopyTo(to[1..]);
                Utf8Formatter.TryFormat(b, to[4..], out _, new StandardFormat('x', 2));
                return 6;
        }
    }

    private static byte Unescaped(byte letter) => letter switch
    {
        (byte)'b' => (byte)'\b',
        (byte)'f' => (byte)'\f',
        (byte)'n' => (byte)'\n',
        (byte)'r' => (byte)'\r',
        (byte)'t' => (byte)'\t',
        _ => letter,
    };

    private static char Hex(ReadOnlySpan<byte> s, int at) => Utf8Parser.TryParse(s.Slice(at, 4), out ushort unit, out _, 'x') ? (char)unit : default;
}
