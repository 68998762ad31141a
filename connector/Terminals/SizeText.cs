using System.Globalization;

namespace ActivityConnector.Terminals;

/// <summary>Sizes as people write them in the configuration.</summary>
internal static class SizeText
{
    private static readonly (string Unit, long Bytes)[] Units =
    [
        ("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("TiB", 1L << 40),
        ("KB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("TB", 1_000_000_000_000),
    ];

    /// <summary>A size in bytes as a whole number, or one with a unit: <c>500MB</c>, <c>10GB</c>, <c>2GiB</c>; null for anything else.</summary>
    public static long? Bytes(string text)
    {
        var (unit, factor) = Array.Find(Units, u => text.EndsWith(u.Unit, StringComparison.OrdinalIgnoreCase)) is { Unit: not null } found ? found : ("", 1);
        return long.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            && Math.Abs((decimal)number) * factor <= long.MaxValue
            ? number * factor
            : null;
    }
}
