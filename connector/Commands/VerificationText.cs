using System.Globalization;
using ActivityConnector.Pipeline;
using ActivityConnector.Verification;

namespace ActivityConnector.Commands;

/// <summary>The sentences that the table and the page of a completeness report share.</summary>
internal static class VerificationText
{
    /// <summary>What is known of the source, as one sentence or two.</summary>
    public static string Outcome(SourceReport source)
    {
        var range = $"from {UtcText.Of(source.From)} to {UtcText.Of(source.Until)}";
        var held = source.Sink is null ? "The vendor and the journal hold" : $"The vendor, the journal and {source.Sink} hold";
        return source.Outcome switch
        {
            VerificationOutcome.Complete => $"complete {range}. {held} the same events{(source.Explained.Count > 0 ? ", but for what is explained" : "")}.",
            VerificationOutcome.Different => $"different {range}. {Count(source)}",
            _ => $"not shown to be complete {range}. {Count(source)}",
        };
    }

    public static string NotListed(SourceReport source) => string.Create(
        CultureInfo.InvariantCulture,
        $"{source.DifferenceCount - source.Differences.Count:N0} more differences are counted, not listed: verify a part of the range with --from and --to.");

    private static string Count(SourceReport source) =>
        source.DifferenceCount == 1 ? "1 difference." : string.Create(CultureInfo.InvariantCulture, $"{source.DifferenceCount:N0} differences.");
}
