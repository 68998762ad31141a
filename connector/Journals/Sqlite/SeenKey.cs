using System.Buffers.Binary;
using ActivityConnector.Pipeline;

namespace ActivityConnector.Journals.Sqlite;

/// <summary>An <see cref="EventKey"/> as the table of ids has it: hour, then key, so that the order of bytes is the order of time.</summary>
internal static class SeenKey
{
    public const int Bytes = 20;

    public static void Write(Span<byte> bytes, EventKey key)
    {
        BinaryPrimitives.WriteUInt32BigEndian(bytes, key.Hour);
        BinaryPrimitives.WriteUInt128BigEndian(bytes[sizeof(uint)..], key.Key);
    }

    public static EventKey Read(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt128BigEndian(bytes[sizeof(uint)..]), BinaryPrimitives.ReadUInt32BigEndian(bytes));

    /// <summary>Which of the items comes first in the table, which second, and so on.</summary>
    /// <remarks>By the first 8 bytes only, which differ for all but one pair in four thousand million of an hour and sort as plain numbers.</remarks>
    public static int[] Order<T>(IReadOnlyList<T> items, Func<T, EventKey> keyOf)
    {
        var (starts, order) = (new ulong[items.Count], new int[items.Count]);
        for (var i = 0; i < order.Length; i++)
        {
            var key = keyOf(items[i]);
            (starts[i], order[i]) = (((ulong)key.Hour << 32) | (uint)(key.Key >> 96), i);
        }

        Array.Sort(starts, order);
        return order;
    }
}
