using System.Runtime.InteropServices;
using SharpFuzz.Common;

namespace ActivityConnector.Fuzz;

/// <summary>How often each branch of the instrumented code was taken by one input. There is one: the instrumented code counts in it.</summary>
/// <remarks>Counts are compared by their size (1, 2, 3, 4–7, … 128 and more), as AFL does.</remarks>
internal static unsafe class CoverageMap
{
    private const int Size = 1 << 16;

    private static readonly byte[] Classes = [.. Enumerable.Range(0, 256).Select(ClassOf)];

    static CoverageMap() => Trace.SharedMem = (byte*)NativeMemory.AllocZeroed(Size);

    public static byte[] NewSeen() => new byte[Size];

    /// <summary>Called before each input.</summary>
    public static void Clear()
    {
        new Span<byte>(Trace.SharedMem, Size).Clear();
        Trace.PrevLocation = 0;
    }

    /// <summary>Adds what the last input did to what others did, and returns whether some of it is new.</summary>
    /// <param name="seen">From <see cref="NewSeen"/>.</param>
    /// <param name="onlyBranches">A branch that was taken more often than before is not new.</param>
    public static bool AddTo(byte[] seen, bool onlyBranches = false)
    {
        var isNew = false;
        var words = new ReadOnlySpan<ulong>(Trace.SharedMem, Size / sizeof(ulong));
        for (var word = 0; word < words.Length; word++)
        {
            if (words[word] == 0) continue;

            for (var i = word * sizeof(ulong); i < (word + 1) * sizeof(ulong); i++)
            {
                var kind = Trace.SharedMem[i] == 0 ? (byte)0 : onlyBranches ? (byte)1 : Classes[Trace.SharedMem[i]];
                if ((kind & ~seen[i]) == 0) continue;

                seen[i] |= kind;
                isNew = true;
            }
        }

        return isNew;
    }

    public static int Branches(byte[] seen) => seen.Count(b => b != 0);

    private static byte ClassOf(int count) => count switch
    {
        0 => 0,
        1 => 1,
        2 => 2,
        3 => 4,
        < 8 => 8,
        < 16 => 16,
        < 32 => 32,
        < 128 => 64,
        _ => 128,
    };
}
