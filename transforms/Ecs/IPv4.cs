using System.Buffers.Text;

namespace ActivityConnector.Transforms;

/// <summary>Four decimal octets without leading zeros, nothing else.</summary>
internal static class IPv4
{
    public static bool TryRead(ReadOnlySpan<byte> text, Span<byte> address)
    {
        var (octet, value, digits) = (0, 0, 0);
        foreach (var b in text)
        {
            if (b != '.')
            {
                if (b is < (byte)'0' or > (byte)'9' || (digits > 0 && value == 0))
                {
                    return false;
                }

                value = (value * 10) + b - '0';
                digits++;
                if (value > byte.MaxValue)
                {
                    return false;
                }
            }
            else
            {
                if (digits == 0 || octet == 3)
                {
                    return false;
                }

                address[octet++] = (byte)value;
                (value, digits) = (0, 0);
            }
        }

        address[3] = (byte)value;
        return octet == 3 && digits > 0;
    }

    public static int Write(ReadOnlySpan<byte> address, Span<byte> to)
    {
        var length = 0;
        for (var octet = 0; octet < 4; octet++)
        {
            if (octet > 0)
            {
                to[length++] = (byte)'.';
            }

            Utf8Formatter.TryFormat(address[octet], to[length..], out var written);
            length += written;
        }

        return length;
    }
}
