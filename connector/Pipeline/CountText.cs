using System.Globalization;

namespace ActivityConnector.Pipeline;

/// <summary>How many there are, as people read it: <c>1 event</c>, <c>2 events</c>.</summary>
internal static class CountText
{
    /// <param name="thing">One of them, of which <c>s</c> makes more.</param>
    public static string Of(long count, string thing) => string.Create(CultureInfo.InvariantCulture, $"{count} {Noun(count, thing)}");

    /// <summary>The word alone.</summary>
    /// <inheritdoc cref="Of"/>
    public static string Noun(long count, string thing) => count == 1 ? thing : thing + "s";
}
