using System.Globalization;

namespace ActivityConnector.Simulation;

/// <summary>A share of the records becomes visible only some time after its creation, never later than <paramref name="Delay"/>.</summary>
/// <param name="Share">0 to 1.</param>
/// <param name="Delay">The longest delay; each late record has its own, between nothing and this.</param>
public sealed record LateArrivals(double Share, TimeSpan Delay)
{
    /// <summary>Reads <c>SHARE:DELAY</c>, the delay as <c>hh:mm:ss</c>.</summary>
    /// <exception cref="FormatException">The text is not of that form; the message says what is expected.</exception>
    public static LateArrivals Parse(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon > 0
            && double.TryParse(text.AsSpan(0, colon), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var share)
            && share <= 1
            && TimeSpan.TryParseExact(text[(colon + 1)..], "c", CultureInfo.InvariantCulture, out var delay)
            && delay > TimeSpan.Zero)
        {
            return new LateArrivals(share, delay);
        }

        throw new FormatException($"'{text}' is not SHARE:DELAY: give a share from 0 to 1 and a delay as hh:mm:ss, for example 0.03:00:02:00.");
    }
}
