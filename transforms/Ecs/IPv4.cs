using System.Buffers.Text;

namespace ActivityConnector.Transforms;

/// <summary>Four decimal octets without leading zeros, nothing else.</summary>
internal static class IPv4
{
    public static bool TryRead(ReadOnlySpan<byte> text, Span<byte> address)
    {
        for (var octet = 0; octet < 4; octet++)
        {
            var digits = octet == 3 ? text.Length : text.IndexOf((byte)'.');
            if (digits is < 1 or > 3 || (digits > 1 && text[0] == '0') || text[..digits].IndexOfAnyExceptInRange((byte)'0', (byte)'9') >= 0
                || !Utf8Parser.TryParse(text[..digits], out address[octet], out _))
            {
                return false;
            }

            text = octet == 3 ? default : text[(digits + 1)..];
        }

        return true;
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
