using System.Buffers;
using System.Buffers.Text;
using System.Net;
using System.Text;

namespace ActivityConnector.Transforms;

/// <summary>IPv6 addresses, without brackets, zone or port, written as RFC 5952 asks.</summary>
internal static class IPv6
{
    public const int MaxBytes = 45;

    private static readonly SearchValues<byte> Allowed = SearchValues.Create("0123456789abcdefABCDEF:."u8);

    public static bool TryRead(ReadOnlySpan<byte> text, Span<byte> address)
    {
        if (text.Length is < 2 or > MaxBytes || text.ContainsAnyExcept(Allowed))
        {
            return false;
        }

        // The dotted end of an address is no place for octal either.
        if (text.Contains((byte)'.') && !IPv4.TryRead(text[(text.LastIndexOf((byte)':') + 1)..], address))
        {
            return false;
        }

        Span<char> chars = stackalloc char[MaxBytes];
        var length = Encoding.ASCII.GetChars(text, chars);
        return IPAddress.TryParse(chars[..length], out var ip) && ip.TryWriteBytes(address, out var bytes) && bytes == 16;
    }

    public static int Write(ReadOnlySpan<byte> address, Span<byte> to)
    {
        Span<ushort> groups = stackalloc ushort[8];
        for (var i = 0; i < 8; i++)
        {
            groups[i] = (ushort)((address[2 * i] << 8) | address[(2 * i) + 1]);
        }

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

            if (length > 0 && to[length - 1] != ':')
            {
                to[length++] = (byte)':';
            }

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
            while (end < 8 && groups[end] == 0)
            {
                end++;
            }

            if (end - i > count)
            {
                (start, count) = (i, end - i);
            }

            i = Math.Max(i, end - 1);
        }

        return (start, count);
    }
}
