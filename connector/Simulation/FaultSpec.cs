using System.Globalization;

namespace ActivityConnector.Simulation;

/// <summary>A kind of fault and the share of list requests it hits.</summary>
/// <param name="Kind">What goes wrong.</param>
/// <param name="Rate">0 to 1. Without meaning for <see cref="FaultKind.EveryPageOnce"/>, which hits every request once.</param>
public sealed record FaultSpec(FaultKind Kind, double Rate)
{
    private static readonly Dictionary<string, (FaultKind Kind, string Meaning)> Kinds = new(StringComparer.OrdinalIgnoreCase)
    {
        ["500"] = (FaultKind.ServerError, "the vendor's own error"),
        ["502html"] = (FaultKind.BadGateway, "a gateway's page"),
        ["503"] = (FaultKind.Unavailable, "unavailable"),
        ["429"] = (FaultKind.TooManyRequests, "too many requests"),
        ["429-noheader"] = (FaultKind.TooManyRequestsNoHeader, "without saying how long"),
        ["401"] = (FaultKind.Unauthorized, "the credential is refused"),
        ["403"] = (FaultKind.Forbidden, "a right is missing"),
        ["html200"] = (FaultKind.Html, "200 with a page"),
        ["truncated"] = (FaultKind.Truncated, "JSON that ends in the middle"),
        ["reset"] = (FaultKind.Reset, "the connection breaks"),
        ["slow"] = (FaultKind.Slow, "a pause in the body"),
        ["timeout"] = (FaultKind.Timeout, "no answer"),
        ["every-page-once"] = (FaultKind.EveryPageOnce, "each request fails once"),
        ["bad-record"] = (FaultKind.BadRecord, "a record that is no JSON"),
        ["total-pages-change"] = (FaultKind.TotalPagesChange, "Intercom announces a page too many"),
        ["cursor-refused"] = (FaultKind.CursorRefused, "Sequence refuses cursors"),
        ["next-loop"] = (FaultKind.NextLoop, "the way on leads back"),
        ["next-foreign-host"] = (FaultKind.NextForeignHost, "Intercom's way on leads to another host"),
    };

    /// <summary>The names that <see cref="Parse"/> knows, each with what it means.</summary>
    public static IEnumerable<string> Meanings => Kinds.Select(kind => $"{kind.Key} ({kind.Value.Meaning})");

    /// <summary>Reads <c>KIND:RATE</c>, the rate as a share (<c>0.05</c>) or in per cent (<c>5%</c>).</summary>
    /// <exception cref="FormatException">The text is not of that form; the message names what is allowed.</exception>
    public static FaultSpec Parse(string text)
    {
        var colon = text.LastIndexOf(':');
        if (colon <= 0)
            throw new FormatException($"'{text}' is not KIND:RATE, for example 500:0.05. {AllowedKinds}");
        if (!Kinds.TryGetValue(text[..colon], out var found))
            throw new FormatException($"There is no fault '{text[..colon]}'. {AllowedKinds}");

        var rateText = text[(colon + 1)..];
        var perCent = rateText.EndsWith('%');
        if (!double.TryParse(rateText.TrimEnd('%'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var rate)
            || (rate = perCent ? rate / 100 : rate) > 1)
        {
            throw new FormatException($"'{rateText}' is not a rate: give a share from 0 to 1, or 0% to 100%.");
        }

        return new FaultSpec(found.Kind, rate);
    }

    private static string AllowedKinds => $"The kinds are {string.Join(", ", Kinds.Keys)}.";

    /// <summary>The form that <see cref="Parse"/> reads.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Kinds.First(k => k.Value.Kind == Kind).Key}:{Rate}");
}
