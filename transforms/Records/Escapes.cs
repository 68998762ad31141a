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
        if (text.Length < Vector256<byte>.Count)
        {
            return WriteShort(text, to);
        }

        var done = text.Length - (text.Length % Vector256<byte>.Count);
        var o = WriteVectors(text[..done], to);
        return done == text.Length ? o : o + WriteRest(text, done, to, o);
    }

    /// <summary>Not inlined: among a caller's many variables its own would not stay in registers.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int WriteVectors(ReadOnlySpan<byte> text, Span<byte> to)
    {
        ref var source = ref MemoryMarshal.GetReference(text);
        ref var target = ref MemoryMarshal.GetReference(to);
        var o = 0;
        for (var i = 0; i < text.Length; i += Vector256<byte>.Count)
        {
            var v = Vector256.LoadUnsafe(ref source, (nuint)i);
            o += Vector256.LessThanAny(v, Vector256.Create((byte)' '))
                ? WriteEach(text.Slice(i, Vector256<byte>.Count), to[o..])
                : WriteVector(v, ref Unsafe.Add(ref target, o));
        }

        return o;
    }

    /// <summary>The last vector begins among the bytes that are done: they are written once more, to the same places.</summary>
    private static int WriteRest(ReadOnlySpan<byte> text, int done, Span<byte> to, int o)
    {
        var again = Vector256<byte>.Count - (text.Length - done);
        var v = Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(text), (nuint)(done - again));
        if (Vector256.LessThanAny(v, Vector256.Create((byte)' ')))
        {
            return WriteEach(text[done..], to[o..]);
        }

        var written = again + BitOperations.PopCount(Escaped(v) & ((1u << again) - 1));
        return WriteVector(v, ref Unsafe.Add(ref MemoryMarshal.GetReference(to), o - written)) - written;
    }

    private static int WriteShort(ReadOnlySpan<byte> text, Span<byte> to)
    {
        Span<byte> padded = stackalloc byte[Vector256<byte>.Count];
        padded.Fill((byte)' ');
        text.CopyTo(padded);
        var v = Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(padded));
        return Vector256.LessThanAny(v, Vector256.Create((byte)' '))
            ? WriteEach(text, to)
            : WriteVector(v, ref MemoryMarshal.GetReference(to)) - (padded.Length - text.Length);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Escaped(Vector256<byte> v)
        => (Vector256.Equals(v, Vector256.Create((byte)'"')) | Vector256.Equals(v, Vector256.Create((byte)'\\'))).ExtractMostSignificantBits();

    /// <summary>Writes a vector without control characters.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int WriteVector(Vector256<byte> v, ref byte to) => Avx512Vbmi2.IsSupported ? WritePairs(v, ref to) : WriteEights(v, ref to);

    /// <summary>Every byte with a backslash before it, and then only the backslashes kept that are needed: no branch for any of them.</summary>
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

    /// <summary>The same with narrow vectors: for eight bytes, a table knows which bytes of their pairs are kept.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int WriteEights(Vector256<byte> v, ref byte to)
    {
        var escaped = Escaped(v);
        var (low, high) = Vector256.Widen(v);
        var backslashes = Vector256.Create((ushort)'\\');
        var (lowPairs, highPairs) = (((low << 8) | backslashes).AsByte(), ((high << 8) | backslashes).AsByte());
        var o = WriteEight(lowPairs.GetLower(), (byte)escaped, ref to);
        o += WriteEight(lowPairs.GetUpper(), (byte)(escaped >> 8), ref Unsafe.Add(ref to, o));
        o += WriteEight(highPairs.GetLower(), (byte)(escaped >> 16), ref Unsafe.Add(ref to, o));
        return o + WriteEight(highPairs.GetUpper(), (byte)(escaped >> 24), ref Unsafe.Add(ref to, o));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int WriteEight(Vector128<byte> pairs, byte escaped, ref byte to)
    {
        var kept = Vector128.LoadUnsafe(ref MemoryMarshal.GetArrayDataReference(KeptOfPairs), escaped * (nuint)Vector128<byte>.Count);
        Vector128.ShuffleNative(pairs, kept).StoreUnsafe(ref to);
        return 8 + BitOperations.PopCount(escaped);
    }

    private static int WriteEach(ReadOnlySpan<byte> text, Span<byte> to)
    {
        var o = 0;
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

        return o;
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
                loss |= TextLoss.Surrogate;
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
