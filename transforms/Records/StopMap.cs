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

    /// <summary>Reads whole words of text, which must end in zeros.</summary>
    public void Read(ReadOnlySpan<byte> text)
    {
        if (_places.Length < text.Length + BytesPerWord)
        {
            _places = new int[Math.Max(_places.Length * 2, text.Length + BytesPerWord)];
        }

        NotAscii = null;
        ref var place = ref MemoryMarshal.GetArrayDataReference(_places);
        ref var first = ref MemoryMarshal.GetReference(text);
        for (var at = 0; at < text.Length; at += BytesPerWord)
        {
            var v = Vector512.LoadUnsafe(ref first, (nuint)at);
            if (v.ExtractMostSignificantBits() != 0)
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
                Store(isStop.ExtractMostSignificantBits(), at, ref place);
            }

            place = ref Unsafe.Add(ref place, count);
        }
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

    private static void Store(ulong stops, int at, ref int to)
    {
        for (var i = 0; stops != 0; i++)
        {
            Unsafe.Add(ref to, i) = at + BitOperations.TrailingZeroCount(stops);
            stops &= stops - 1;
        }
    }
}
