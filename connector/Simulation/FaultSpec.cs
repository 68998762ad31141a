using System.Globalization;

namespace ActivityConnector.Simulation;

/// <summary>A kind of fault and the share of list requests it hits.</summary>
/// <param name="Kind">What goes wrong.</param>
/// <param name="Rate">0 to 1. Without meaning for <see cref="FaultKind.EveryPageOnce"/>, which hits every request once.</param>
public sealed record FaultSpec(FaultKind Kind, double Rate)
{
    private static readonly Dictionary<string, FaultKind> Kinds = new(StringComparer.OrdinalIgnoreCase)
    {
        ["500"] = FaultKind.ServerError,
        ["502html"] = FaultKind.BadGateway,
        ["503"] = FaultKind.Unavailable,
        ["429"] = FaultKind.TooManyRequests,
        ["429-noheader"] = FaultKind.TooManyRequestsNoHeader,
        ["401"] = FaultKind.Unauthorized,
        ["403"] = FaultKind.Forbidden,
        ["html200"] = FaultKind.Html,
        ["truncated"] = FaultKind.Truncated,
        ["reset"] = FaultKind.Reset,
        ["slow"] = FaultKind.Slow,
        ["timeout"] = FaultKind.Timeout,
        ["every-page-once"] = FaultKind.EveryPageOnce,
        ["bad-record"] = FaultKind.BadRecord,
        ["total-pages-change"] = FaultKind.TotalPagesChange,
        ["cursor-refused"] = FaultKind.CursorRefused,
        ["next-loop"] = FaultKind.NextLoop,
        ["next-foreign-host"] = FaultKind.NextForeignHost,
    };

    /// <summary>The names that <see cref="Parse"/> knows.</summary>
    public static IReadOnlyCollection<string> KindNames => Kinds.Keys;

    /// <summary>Reads <c>KIND:RATE</c>, the rate as a share (<c>0.05</c>) or in per cent (<c>5%</c>).</summary>
    /// <exception cref="FormatException">The text is not of that form; the message names what is allowed.</exception>
    public static FaultSpec Parse(string text)
    {
        var colon = text.LastIndexOf(':');
        if (colon <= 0)
            throw new FormatException($"'{text}' is not KIND:RATE, for example 500:0.05. {AllowedKinds}");
        if (!Kinds.TryGetValue(text[..colon], out var kind))
            throw new FormatException($"There is no fault '{text[..colon]}'. {AllowedKinds}");

        var rateText = text[(colon + 1)..];
        var perCent = rateText.EndsWith('%');
        if (!double.TryParse(rateText.TrimEnd('%'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var rate)
            || (rate = perCent ? rate / 100 : rate) > 1)
        {
            throw new FormatException($"'{rateText}' is not a rate: give a share from 0 to 1, or 0% to 100%.");
        }

        return new FaultSpec(kind, rate);
    }

    private static string AllowedKinds => $"The kinds are {string.Join(", ", Kinds.Keys)}.";

    /// <summary>The form that <see cref="Parse"/> reads.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Kinds.First(k => k.Value == Kind).Key}:{Rate}");
}
