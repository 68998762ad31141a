using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace ActivityConnector.Transforms;

/// <summary>
/// One bit for each byte of a record at which the inside of a string may stop: quotes, backslashes and control characters. Strings
/// are then found without a look at what is in them, and without a branch that depends on their length.
/// </summary>
internal sealed class StopMap
{
    public const int BytesPerWord = 64;

    private ulong[] _words = new ulong[128];

    /// <summary>Reads whole words of text; zeros after the text stop every string.</summary>
    /// <returns>True if all of it is ASCII.</returns>
    public bool Read(ReadOnlySpan<byte> text)
    {
        var count = text.Length / BytesPerWord;
        if (_words.Length <= count)
        {
            _words = new ulong[count * 2];
        }

        ref var first = ref MemoryMarshal.GetReference(text);
        var all = Vector512<byte>.Zero;
        for (var word = 0; word < count; word++)
        {
            var v = Vector512.LoadUnsafe(ref first, (nuint)(word * BytesPerWord));
            all |= v;
            _words[word] = (Vector512.Equals(v, Vector512.Create((byte)'"')) | Vector512.Equals(v, Vector512.Create((byte)'\\'))
                | Vector512.LessThan(v, Vector512.Create((byte)' '))).ExtractMostSignificantBits();
        }

        return all.ExtractMostSignificantBits() == 0;
    }

    /// <summary>The next stop at or after a place inside the text.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Next(int from)
    {
        // 64 bits from there on, out of two words: whether a string crosses words decides no branch.
        var word = (int)((uint)from / BytesPerWord);
        var bits = (_words[word] >> from) | ((_words[word + 1] << 1) << ~from);
        return bits != 0 ? from + BitOperations.TrailingZeroCount(bits) : NextWord(word);
    }

    private int NextWord(int word)
    {
        ulong bits;
        do
        {
            bits = _words[++word];
        }
        while (bits == 0);
        return (word * BytesPerWord) + BitOperations.TrailingZeroCount(bits);
    }
}
