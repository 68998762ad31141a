using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using ActivityConnector.Pipeline;
using ActivityConnector.Terminals;
using ActivityConnector.Verification;

namespace ActivityConnector.Commands;

/// <summary>
/// A completeness report as one page to hand over: needs no network and no script, prints, has a dark form, and every text of a stranger
/// in it is escaped.
/// </summary>
internal static class VerificationPage
{
    private const string Style = """
        :root { color-scheme: light dark; --text: #1a1c21; --soft: #5a606b; --line: #d3dae6; --ground: #fff; --head: #f5f7fa;
          --good: #00695c; --bad: #a8201a; --open: #7a4a00; }
        @media (prefers-color-scheme: dark) { :root { --text: #e6e8ec; --soft: #a2abba; --line: #3d4350; --ground: #16181d; --head: #22252c;
          --good: #5fd3bc; --bad: #ff8f87; --open: #f0b95b; } }
        body { margin: 2rem auto; max-width: 64rem; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif; color: var(--text); background: var(--ground); }
        h1 { font-size: 1.6rem; } h2 { font-size: 1.25rem; margin-top: 2.5rem; border-top: 2px solid var(--line); padding-top: 1rem; } h3 { font-size: 1rem; }
        .outcome { font-weight: 600; } .complete { color: var(--good); } .different { color: var(--bad); } .notshown { color: var(--open); }
        .scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: .875rem; }
        caption { text-align: left; color: var(--soft); padding-bottom: .25rem; }
        th, td { text-align: left; vertical-align: top; padding: .25rem .5rem; border-bottom: 1px solid var(--line); }
        thead th { background: var(--head); } .t { white-space: nowrap; } .n { text-align: right; font-variant-numeric: tabular-nums; }
        code { font: .8125rem ui-monospace, monospace; overflow-wrap: anywhere; } footer { margin-top: 3rem; color: var(--soft); font-size: .875rem; }
        @media print { body { margin: 0; max-width: none; font-size: 10pt; } .scroll { overflow: visible; } tr { break-inside: avoid; } }
        """;

    public static string Of(VerificationReport report)
    {
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <title>Completeness report, {UtcText.Of(report.MadeAt)}</title>
            <style>
            {Style}
            </style>
            </head>
            <body>
            <main>
            <h1>Completeness report</h1>
            <p class="outcome {(report.IsComplete ? "complete" : "different")}">{(report.IsComplete
                ? "Every source of this report is shown to be complete."
                : "Not every source is shown to be complete.")}</p>
            <p>Made at {UtcText.Of(report.MadeAt)} by Activity Connector {Escaped(report.Version)}, over a journal in {Escaped(report.Journal)}.
            All times are UTC.</p>

            """);
        foreach (var source in report.Sources) Append(page, source);

        page.Append("""
            <h2 id="how">How it was done</h2>
            <p>The connector read the vendor's records of the range again, by the same walk as its sweep, and changed nothing. It mapped each record to its
            events and document ids by the same rules as the collection. Each id was compared with the ids and events of the journal and, where a sink is
            on, with the ids of its documents. An event whose content differs was compared by a digest of what the record says. What seemed to differ was
            looked at a second time.</p>
            <h2 id="proves">What it shows, and what it does not</h2>
            <p>It shows that the journal and the sink hold what the vendor showed while the report was made. It does not show that the vendor shows
            everything that it has, that the contents of documents in the sink were not changed, or anything outside the range.
            A part that could not be read to its end is never called complete.</p>
            </main>
            <footer>This page needs no network: it holds no script and no reference to another file.</footer>
            </body>
            </html>

            """);
        return page.ToString();
    }

    private static void Append(StringBuilder page, SourceReport source)
    {
        var style = source.Outcome.ToString().ToLowerInvariant();
        page.Append(CultureInfo.InvariantCulture, $"""
            <h2>{Escaped(source.Source)}</h2>
            <p class="outcome {style}">{Capital(Escaped(VerificationText.Outcome(source)))}</p>

            """);
        if (source.ReadTo is { } read)
        {
            page.Append(CultureInfo.InvariantCulture, $"<p>The connector stands at {UtcText.Of(read)}, or at the newest record before it.</p>\n");
        }

        AppendList(page, "Why it is not shown to be complete", source.NotShown);
        AppendDays(page, source);
        AppendDifferences(page, source);
        AppendList(page, "Explained", source.Explained.Select(e => string.Create(CultureInfo.InvariantCulture, $"{e.Name}: {e.Count:N0}. {e.Text}")));
        AppendList(page, "Not compared", source.NotCovered);
    }

    private static void AppendDays(StringBuilder page, SourceReport source)
    {
        if (source.Days.Count == 0) return;

        string[] columns =
        [
            "Vendor", "Journal", "Revisions in it", .. source.Sink is { } sink ? [sink] : Array.Empty<string>(), "Dead letters", "Missing", "Extra",
            "Changed",
        ];
        page.Append(
            CultureInfo.InvariantCulture,
            $"""
            <div class="scroll" tabindex="0" role="region" aria-label="Counts a day of {Escaped(source.Source)}"><table><caption>Events a day (UTC)</caption>
            <thead><tr><th scope="col">Day</th>
            """);
        foreach (var column in columns) page.Append(CultureInfo.InvariantCulture, $"<th scope=\"col\" class=\"n\">{Escaped(column)}</th>");

        page.Append("</tr></thead><tbody>\n");
        foreach (var day in source.Days)
        {
            long[] cells =
            [
                day.Vendor, day.Journal, day.Revisions, .. source.Sink is null ? Array.Empty<long>() : [day.Sink],
                day.DeadLetters, day.Missing, day.Extra, day.Changed,
            ];
            var name = day.Day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "without a time";
            page.Append(CultureInfo.InvariantCulture, $"<tr><th scope=\"row\" class=\"t\">{name}</th>");
            foreach (var cell in cells) page.Append(CultureInfo.InvariantCulture, $"<td class=\"n\">{cell:N0}</td>");

            page.Append("</tr>\n");
        }

        page.Append("</tbody></table></div>\n");
    }

    private static void AppendDifferences(StringBuilder page, SourceReport source)
    {
        if (source.Differences.Count == 0) return;

        page.Append(CultureInfo.InvariantCulture, $"""
            <h3>Differences</h3>
            <div class="scroll" tabindex="0" role="region" aria-label="Differences of {Escaped(source.Source)}">
            <table><caption>Each event that differs, by time</caption>
            <thead><tr><th scope="col">Difference</th><th scope="col">Time</th><th scope="col">Action</th><th scope="col">Event id</th>
            <th scope="col">Document id</th></tr></thead><tbody>

            """);
        foreach (var d in source.Differences)
        {
            page.Append(CultureInfo.InvariantCulture, $"""
                <tr><td>{d.Kind.Name()}</td><td class="t">{(d.Time is { } time ? UtcText.Of(time) : "")}</td><td>{Escaped(d.Action)}</td>
                <td><code>{Escaped(d.EventId)}</code></td><td><code>{Escaped(d.Id)}</code></td></tr>

                """);
        }

        page.Append("</tbody></table></div>\n");
        AppendList(page, "What the differences mean", source.Differences.Select(d => d.Kind).Distinct().Select(kind => $"{kind.Name()}: {kind.Meaning()}"));
        if (source.DifferenceCount > source.Differences.Count)
        {
            page.Append(CultureInfo.InvariantCulture, $"<p>{Escaped(VerificationText.NotListed(source))}</p>\n");
        }
    }

    private static void AppendList(StringBuilder page, string title, IEnumerable<string> lines)
    {
        var items = string.Concat(lines.Select(line => $"<li>{Capital(Escaped(line))}</li>\n"));
        if (items.Length > 0) page.Append(CultureInfo.InvariantCulture, $"<h3>{title}</h3>\n<ul>\n{items}</ul>\n");
    }

    private static string Capital(string text) => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..];

    private static string Escaped(string? text) => HtmlEncoder.Default.Encode(PlainText.Of(text ?? ""));
}
