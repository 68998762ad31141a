using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace ActivityConnector.Transforms.Ecs;

/// <summary>
/// IP addresses as <see cref="IPAddress"/> reads them, but for its leniency: alone it would take <c>1.2.3</c>, and <c>010.1.1.1</c> as 8.1.1.1.
/// </summary>
internal static class StrictAddress
{
    private const int MaxBytes = 45;

    private static readonly SearchValues<byte> AllowedInV6 = SearchValues.Create("0123456789abcdefABCDEF:."u8);

    /// <summary>Four decimal octets without leading zeros, which is the form that they are written in, and nothing else.</summary>
    public static bool TryReadV4(ReadOnlySpan<byte> text, [NotNullWhen(true)] out IPAddress? address)
    {
        Span<byte> written = stackalloc byte[MaxBytes];
        return IPAddress.TryParse(text, out address) && address.AddressFamily == AddressFamily.InterNetwork
            && address.TryFormat(written, out var length) && written[..length].SequenceEqual(text);
    }

    /// <summary>
    /// An address without brackets, zone or port; an IPv4 address that is written as IPv6 (<c>::ffff:8.8.8.8</c>) becomes IPv4. Its dotted end, if
    /// it has one, is no place for octal either.
    /// </summary>
    public static bool TryReadV6(ReadOnlySpan<byte> text, [NotNullWhen(true)] out IPAddress? address)
    {
        address = null;
        if (text.Length is < 2 or > MaxBytes || text.ContainsAnyExcept(AllowedInV6)
            || (text.Contains((byte)'.') && !TryReadV4(text[(text.LastIndexOf((byte)':') + 1)..], out _))
            || !IPAddress.TryParse(text, out address) || address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return false;
        }

        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return true;
    }
}
