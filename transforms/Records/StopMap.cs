using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ActivityConnector.Transforms;

/// <summary>
/// The places of a record at which the inside of a string may stop: quotes, backslashes and control characters. Strings are then found
/// without a look at what is in them: one begins at a stop and ends at a later one, so no search waits for the search before it.
/// </summary>
internal sealed class StopMap
{
    public const int BytesPerWord = 64;

    private int[] _places = new int[1024];

    /// <summary>The places in ascending order, up to a zero after the text, which stops every string; what follows is of no meaning.</summary>
    public int[] Places => _places;

    /// <summary>Where the first and the last word stand that are not all ASCII; nothing if every word is.</summary>
    public Range? NotAscii { get; private set; }

    /// <summary>Reads a text and copies it on the way.</summary>
    /// <param name="text">The text.</param>
    /// <param name="copy">Room for it; after it, zeros to the end of the word at least, of which there must be one.</param>
    public void Read(ReadOnlySpan<byte> text, ref byte copy)
    {
        if (_places.Length < text.Length + (2 * BytesPerWord))
        {
            _places = new int[Math.Max(_places.Length * 2, text.Length + (2 * BytesPerWord))];
        }

        NotAscii = null;
        ref var place = ref MemoryMarshal.GetArrayDataReference(_places);
        ref var first = ref MemoryMarshal.GetReference(text);
        var at = 0;
        for (; at <= text.Length - BytesPerWord; at += BytesPerWord)
        {
            var v = Vector512.LoadUnsafe(ref first, (nuint)at);
            v.StoreUnsafe(ref copy, (nuint)at);
            place = ref Unsafe.Add(ref place, ReadWord(v, at, ref place));
        }

        text[at..].CopyTo(MemoryMarshal.CreateSpan(ref Unsafe.Add(ref copy, at), BytesPerWord));
        ReadWord(Vector512.LoadUnsafe(ref copy, (nuint)at), at, ref place);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int ReadWord(Vector512<byte> v, int at, ref int place)
    {
        if ((v.GetLower() | v.GetUpper()).ExtractMostSignificantBits() != 0)
        {
            NotAscii = (NotAscii?.Start ?? at)..(at + BytesPerWord);
        }

        var isStop = Vector512.Equals(v, Vector512.Create((byte)'"')) | Vector512.Equals(v, Vector512.Create((byte)'\\'))
            | Vector512.LessThan(v, Vector512.Create((byte)' '));
        var count = BitOperations.PopCount(isStop.ExtractMostSignificantBits());
        if (Avx512Vbmi2.IsSupported)
        {
            Store(Avx512Vbmi2.Compress(Vector512<byte>.Zero, isStop, Vector512<byte>.Indices), count, at, ref place);
        }
        else
        {
            Store(isStop.ExtractMostSignificantBits(), count, at, ref place);
        }

        return count;
    }

    /// <summary>Whole vectors of places, of which the last is stored over by the next word's.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector512<byte> places, int count, int at, ref int to)
    {
        var start = Vector512.Create(at);
        (Avx512F.ConvertToVector512Int32(places.GetLower().GetLower()) + start).StoreUnsafe(ref to);
        if (count > Vector512<int>.Count)
        {
            (Avx512F.ConvertToVector512Int32(places.GetLower().GetUpper()) + start).StoreUnsafe(ref to, 16);
            (Avx512F.ConvertToVector512Int32(places.GetUpper().GetLower()) + start).StoreUnsafe(ref to, 32);
            (Avx512F.ConvertToVector512Int32(places.GetUpper().GetUpper()) + start).StoreUnsafe(ref to, 48);
        }
    }

    /// <summary>Eight places at a time, of which the last ones are stored over by the next word's: most words have no more.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(ulong stops, int count, int at, ref int to)
    {
        for (var i = 0; i < count; i += 8)
        {
            stops = StoreTwo(stops, at, ref Unsafe.Add(ref to, i));
            stops = StoreTwo(stops, at, ref Unsafe.Add(ref to, i + 2));
            stops = StoreTwo(stops, at, ref Unsafe.Add(ref to, i + 4));
            stops = StoreTwo(stops, at, ref Unsafe.Add(ref to, i + 6));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong StoreTwo(ulong stops, int at, ref int to)
    {
        to = at + BitOperations.TrailingZeroCount(stops);
        stops &= stops - 1;
        Unsafe.Add(ref to, 1) = at + BitOperations.TrailingZeroCount(stops);
        return stops & (stops - 1);
    }
}
