using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Text;

namespace ActivityConnector.Transforms;

/// <summary>JSON string escapes, both ways: the least that RFC 8259 asks for on the way out, everything it allows on the way in.</summary>
internal static class Escapes
{
    /// <summary>For every set of eight bytes to escape: the places of what is kept of the eight pairs of backslash and byte.</summary>
    private static readonly byte[] KeptOfPairs =
    [
        .. Enumerable.Range(0, 256).SelectMany(escaped => Enumerable.Range(0, 16)
            .Where(place => place % 2 == 1 || ((escaped >> (place / 2)) & 1) == 1).Concat(new int[8]).Take(16).Select(place => (byte)place)),
    ];

    /// <summary>The most bytes that <see cref="Write"/> makes of <paramref name="length"/> bytes, with room for whole vectors.</summary>
    public static int MaxBytes(int length) => checked((length * 6) + Vector512<byte>.Count);

    /// <summary>Writes UTF-8 text as the inside of a JSON string.</summary>
    /// <param name="text">Valid UTF-8.</param>
    /// <param name="to">At least <see cref="MaxBytes"/> long.</param>
    /// <returns>The bytes written.</returns>
    public static int Write(ReadOnlySpan<byte> text, Span<byte> to)
    {
        int i = 0, o = 0;
        if (Avx512Vbmi2.IsSupported)
        {
            WritePairs(text, to, ref i, ref o);
        }
        else
        {
            WriteEights(text, to, ref i, ref o);
        }

        WriteEach(text[i..], to, ref o);
        return o;
    }

    /// <summary>Every byte with a backslash before it, and then only the backslashes kept that are needed: no branch for any of them.</summary>
    private static void WritePairs(ReadOnlySpan<byte> text, Span<byte> to, ref int i, ref int o)
    {
        ref var source = ref MemoryMarshal.GetReference(text);
        ref var target = ref MemoryMarshal.GetReference(to);
        while (text.Length - i >= Vector256<byte>.Count)
        {
            var v = Vector256.LoadUnsafe(ref source, (nuint)i);
            if (Vector256.LessThanAny(v, Vector256.Create((byte)' ')))
            {
                WriteEach(text.Slice(i, Vector256<byte>.Count), to, ref o);
            }
            else
            {
                o += WritePairs(v, ref Unsafe.Add(ref target, o));
            }

            i += Vector256<byte>.Count;
        }

        var rest = text[i..];
        Span<byte> padded = stackalloc byte[Vector256<byte>.Count];
        padded.Fill((byte)' ');
        rest.CopyTo(padded);
        var last = Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(padded));
        if (!Vector256.LessThanAny(last, Vector256.Create((byte)' ')))
        {
            o += WritePairs(last, ref Unsafe.Add(ref target, o)) - (padded.Length - rest.Length);
            i = text.Length;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int WritePairs(Vector256<byte> v, ref byte to)
    {
        var wide = Avx512BW.ConvertToVector512UInt16(v);
        var escaped = Vector512.Equals(wide, Vector512.Create((ushort)'"')) | Vector512.Equals(wide, Vector512.Create((ushort)'\\'));
        var kept = (escaped | Vector512.Create((ushort)0xFF00)).AsByte();
        var pairs = ((wide << 8) | Vector512.Create((ushort)'\\')).AsByte();
        Avx512Vbmi2.Compress(Vector512<byte>.Zero, kept, pairs).StoreUnsafe(ref to);
        return BitOperations.PopCount(kept.ExtractMostSignificantBits());
    }

    private static void WriteEach(ReadOnlySpan<byte> text, Span<byte> to, ref int o)
    {
        foreach (var b in text)
        {
            if (b is (byte)'"' or (byte)'\\' or < (byte)' ')
            {
                o += WriteOne(b, ref to[o]);
            }
            else
            {
                to[o++] = b;
            }
        }
    }

    /// <summary>The same with narrow vectors: for eight bytes, a table knows which bytes of their pairs are kept.</summary>
    private static void WriteEights(ReadOnlySpan<byte> text, Span<byte> to, ref int i, ref int o)
    {
        ref var source = ref MemoryMarshal.GetReference(text);
        ref var target = ref MemoryMarshal.GetReference(to);
        for (; text.Length - i >= Vector128<byte>.Count; i += Vector128<byte>.Count)
        {
            var v = Vector128.LoadUnsafe(ref source, (nuint)i);
            if (Vector128.LessThanAny(v, Vector128.Create((byte)' ')))
            {
                WriteEach(text.Slice(i, Vector128<byte>.Count), to, ref o);
                continue;
            }

            var escaped = (Vector128.Equals(v, Vector128.Create((byte)'"')) | Vector128.Equals(v, Vector128.Create((byte)'\\'))).ExtractMostSignificantBits();
            var (low, high) = Vector128.Widen(v);
            o += WriteEight(low, escaped & 0xFF, ref Unsafe.Add(ref target, o));
            o += WriteEight(high, escaped >> 8, ref Unsafe.Add(ref target, o));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int WriteEight(Vector128<ushort> wide, uint escaped, ref byte to)
    {
        var pairs = ((wide << 8) | Vector128.Create((ushort)'\\')).AsByte();
        var kept = Vector128.LoadUnsafe(ref MemoryMarshal.GetArrayDataReference(KeptOfPairs), escaped * (nuint)Vector128<byte>.Count);
        Vector128.ShuffleNative(pairs, kept).StoreUnsafe(ref to);
        return 8 + BitOperations.PopCount(escaped);
    }

    /// <summary>Appends the text of a raw JSON string to the tree. Lone surrogates become U+FFFD; U+0000 goes unless it is asked for.</summary>
    public static Text Remove(RecordTree tree, Text raw, bool keepNul, out bool hasNul)
    {
        hasNul = false;
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
                hasNul = true;
                if (!keepNul)
                {
                    continue;
                }
            }

            Rune rune;
            if (char.IsHighSurrogate(unit) && i + 6 <= s.Length && s[i] == '\\' && s[i + 1] == 'u'
                && Rune.TryCreate(unit, Hex(s, i + 2), out rune))
            {
                i += 6;
            }
            else if (!Rune.TryCreate(unit, out rune))
            {
                rune = Rune.ReplacementChar;
            }

            o += rune.EncodeToUtf8(room[o..]);
        }

        return tree.Commit(o);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int WriteOne(byte b, ref byte to)
    {
        if (b is not ((byte)'"' or (byte)'\\'))
        {
            return WriteControl(b, MemoryMarshal.CreateSpan(ref to, 6));
        }

        to = (byte)'\\';
        Unsafe.Add(ref to, 1) = b;
        return 2;
    }

    private static int WriteControl(byte b, Span<byte> to)
    {
        to[0] = (byte)'\\';
        switch (b)
        {
            case (byte)'\b': to[1] = (byte)'b'; return 2;
            case (byte)'\t': to[1] = (byte)'t'; return 2;
            case (byte)'\n': to[1] = (byte)'n'; return 2;
            case (byte)'\f': to[1] = (byte)'f'; return 2;
            case (byte)'\r': to[1] = (byte)'r'; return 2;
            default:
                "u00"u8.CopyTo(to[1..]);
                to[4] = "0123456789abcdef"u8[b >> 4];
                to[5] = "0123456789abcdef"u8[b & 15];
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

    private static char Hex(ReadOnlySpan<byte> s, int at)
    {
        var value = 0;
        for (var k = 0; k < 4; k++)
        {
            value = (value << 4) | HexDigit(s[at + k]);
        }

        return (char)value;
    }

    private static int HexDigit(byte b) => b <= '9' ? b - '0' : (b | 0x20) - 'a' + 10;
}
