using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ActivityConnector.Transforms.Ecs;

/// <summary>The one text of an IPv6 address, as RFC 5952 asks. The platform's has a dotted end for some addresses.</summary>
internal static class IPv6Form
{
    public const int MaxBytes = 39;

    /// <summary>The text of an address of either kind.</summary>
    public static string Of(IPAddress address)
    {
        if (address.AddressFamily == AddressFamily.InterNetwork) return address.ToString();

        Span<byte> text = stackalloc byte[MaxBytes];
        return Encoding.ASCII.GetString(text[..Write(address, text)]);
    }

    public static int Write(IPAddress address, Span<byte> to)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        Span<ushort> groups = stackalloc ushort[8];
        for (var i = 0; i < groups.Length; i++) groups[i] = BinaryPrimitives.ReadUInt16BigEndian(bytes[(2 * i)..]);

        var (start, count) = LongestZeros(groups);
        var length = 0;
        for (var i = 0; i < 8; i++)
        {
            if (i == start)
            {
                "::"u8.CopyTo(to[length..]);
                length += 2;
                i += count - 1;
                continue;
            }

            if (length > 0 && to[length - 1] != ':') to[length++] = (byte)':';

            Utf8Formatter.TryFormat(groups[i], to[length..], out var written, new StandardFormat('x'));
            length += written;
        }

        return length;
    }

    /// <summary>The first of the longest runs of at least two zero groups: what <c>::</c> stands for.</summary>
    private static (int Start, int Count) LongestZeros(ReadOnlySpan<ushort> groups)
    {
        var (start, count) = (-1, 1);
        for (var i = 0; i < 8; i++)
        {
            var end = i;
            while (end < 8 && groups[end] == 0) end++;

            if (end - i > count) (start, count) = (i, end - i);

            i = Math.Max(i, end - 1);
        }

        return (start, count);
    }
}
