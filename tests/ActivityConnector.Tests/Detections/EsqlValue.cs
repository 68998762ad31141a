namespace ActivityConnector.Tests.Detections;

/// <summary>
/// Values of ES|QL: null, text, a whole number, a number, a Boolean, a time, a span of time, or a list of at least two of them. Functions and
/// operators give null for null and for a list, as the reference says.
/// </summary>
internal static class EsqlValue
{
    /// <summary>A column's value of the values of a field.</summary>
    public static object? Of(IReadOnlyList<object> values) => values.Count switch
    {
        0 => null,
        1 => values[0],
        _ => values,
    };

    /// <summary>The single values of a column's value.</summary>
    public static IReadOnlyList<object> Each(object? value) => value switch
    {
        null => [],
        IReadOnlyList<object> values => values,
        _ => [value],
    };

    public static bool IsSingle(object? value) => value is not (null or IReadOnlyList<object>);

    /// <exception cref="ArgumentException">The two are of types that have no order between them.</exception>
    public static int Compare(object a, object b) => (a, b) switch
    {
        (string x, string y) => string.CompareOrdinal(x, y),
        (DateTimeOffset x, DateTimeOffset y) => x.CompareTo(y),
        (DateTimeOffset x, string y) => x.CompareTo(Time(y)),
        (string x, DateTimeOffset y) => Time(x).CompareTo(y),
        (bool x, bool y) => x.CompareTo(y),
        (long x, long y) => x.CompareTo(y),
        (long or double, long or double) => Number(a).CompareTo(Number(b)),
        _ => throw new ArgumentException($"{Kind(a)} and {Kind(b)} cannot be compared."),
    };

    public static object Add(object a, object b, int sign) => (a, b) switch
    {
        (long x, long y) => x + (sign * y),
        (long or double, long or double) => Number(a) + (sign * Number(b)),
        (DateTimeOffset x, TimeSpan y) => x + (sign * y),
        (TimeSpan x, DateTimeOffset y) when sign > 0 => y + x,
        _ => throw new ArgumentException($"{Kind(a)} and {Kind(b)} cannot be added or subtracted."),
    };

    /// <summary>Null for a division of whole numbers by 0.</summary>
    public static object? Multiply(object a, object b, string symbol)
    {
        if (a is not (long or double) || b is not (long or double)) throw new ArgumentException($"'{symbol}' is for numbers.");

        if (a is long x && b is long y)
        {
            return symbol switch
            {
                "*" => x * y,
                _ when y == 0 => null,
                "/" => x / y,
                _ => x % y,
            };
        }

        return symbol switch
        {
            "*" => Number(a) * Number(b),
            "/" => Number(a) / Number(b),
            _ => Number(a) % Number(b),
        };
    }

    private static double Number(object value) => value is long whole ? whole : (double)value;

    private static DateTimeOffset Time(string text) => DateTimeOffset.TryParse(text, null, System.Globalization.DateTimeStyles.AssumeUniversal, out var time)
        ? time
        : throw new ArgumentException($"'{text}' is not a time.");

    private static string Kind(object value) => value switch
    {
        string => "Text",
        long or double => "A number",
        bool => "A Boolean",
        TimeSpan => "A span of time",
        _ => "A time",
    };
}
