namespace ActivityConnector.Transforms;

/// <summary>Loopback, private, link-local, shared and documentation ranges: addresses that say nothing about where someone is.</summary>
internal static class AddressRange
{
    public static bool IsPublic(ReadOnlySpan<byte> a) => a.Length == 4 ? IsPublicV4(a) : IsPublicV6(a);

    private static bool IsPublicV4(ReadOnlySpan<byte> a) => (a[0], a[1], a[2]) switch
    {
        (127 or 10, _, _) => false,
        (172, >= 16 and < 32, _) => false,
        (192, 168, _) => false,
        (169, 254, _) => false,
        (100, >= 64 and < 128, _) => false,
        (192, 0, 2) => false,
        (198, 51, 100) => false,
        (203, 0, 113) => false,
        (198, 18 or 19, _) => false,
        _ => true,
    };

    private static bool IsPublicV6(ReadOnlySpan<byte> a)
    {
        var isLoopback = a[15] == 1 && a[..15].IndexOfAnyExcept((byte)0) < 0;
        var isUniqueLocal = (a[0] & 0xFE) == 0xFC;
        var isLinkLocal = a[0] == 0xFE && (a[1] & 0xC0) == 0x80;
        var isDocumentation = a is [0x20, 0x01, 0x0D, 0xB8, ..];
        return !(isLoopback || isUniqueLocal || isLinkLocal || isDocumentation);
    }
}
