using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using ActivityConnector.Tests.Dashboards;

namespace ActivityConnector.Benchmarks;

/// <summary>The dashboard as a page: each panel in its place on the grid, drawn from the answer to its query.</summary>
internal sealed class DashboardPage(Board board, BoardQuery query)
{
    private const int Column = 30;
    private const int Row = 20;
    private const int Gap = 8;
    private const int Head = 92;
    private const int Foot = 30;

    public int Width => (BoardFile.Columns * Column) + (2 * Gap);

    public int Height(IEnumerable<BoardPanel> panels) => Head + Foot + (panels.Max(panel => panel.Place.Y + panel.Place.Height) * Row);

    public string Of(IReadOnlyList<(BoardPanel Panel, JsonElement Answer)> panels)
    {
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"<!doctype html><meta charset=utf-8><style>{Style}</style>");
        page.Append(CultureInfo.InvariantCulture, $"<h1>{Text(board.Title)}</h1>");
        page.Append(CultureInfo.InvariantCulture, $"<div class=period>{query.From:MMM d, yyyy} – {query.To:MMM d, yyyy}, UTC</div>");
        page.Append("<div class=controls>");
        foreach (var control in board.Controls) page.Append(CultureInfo.InvariantCulture, $"<div><b>{Text(control.Title)}</b><span>Any</span></div>");

        page.Append("</div>");
        foreach (var (panel, answer) in panels) Add(page, panel, answer);

        page.Append(CultureInfo.InvariantCulture, $"<footer style=\"top:{Height(panels.Select(p => p.Panel)) - Foot}px\">");
        page.Append("Drawn by Activity Connector from the answers of a real Elasticsearch to the query of each panel, with simulated records. ");
        return page.Append("Kibana draws the same panels in its own style.</footer>").ToString();
    }

    private void Add(StringBuilder page, BoardPanel panel, JsonElement answer)
    {
        var place = panel.Place;
        var (width, height) = ((place.Width * Column) - Gap, (place.Height * Row) - Gap);
        page.Append(CultureInfo.InvariantCulture, $"<section class={panel.Kind.ToString().ToLowerInvariant()} ");
        page.Append(CultureInfo.InvariantCulture, $"style=\"left:{(place.X * Column) + Gap + (Gap / 2)}px;top:{Head + (place.Y * Row)}px;");
        page.Append(CultureInfo.InvariantCulture, $"width:{width}px;height:{height}px\">");
        if (panel.Kind == BoardKind.Heading)
        {
            page.Append(CultureInfo.InvariantCulture, $"<h2>{Text(panel.Heading!.TrimStart('#', ' '))}</h2></section>");
            return;
        }

        var title = Text(board.TitleOf(panel));
        page.Append(panel.Kind == BoardKind.Metric ? "" : $"<h3>{title}</h3>");
        var canvas = new DashboardCanvas(width - 24, height - 44);
        page.Append(panel.Kind switch
        {
            BoardKind.Metric => Metric(title, panel, answer),
            BoardKind.Search => Search(panel, answer, height),
            BoardKind.Table => Table(panel, answer, height),
            BoardKind.Bars => canvas.Bars([.. BoardRows.Of(panel, answer).Select(row => (row.Keys[0], row.Values[0] ?? 0))]),
            BoardKind.Pie => canvas.Pie(Shares(panel, answer)),
            BoardKind.HeatMap => canvas.HeatMap([.. BoardRows.Of(panel, answer).Select(row => (row.Keys[0], row.Keys[1], row.Values[0] ?? 0))]),
            _ => OverTime(canvas, panel, answer),
        });
        page.Append("</section>");
    }

    private string OverTime(DashboardCanvas canvas, BoardPanel panel, JsonElement answer)
    {
        var rows = answer.GetProperty("aggregations").GetProperty("by0").GetProperty("buckets").EnumerateArray().Select(group => (
            Name: group.GetProperty("key").GetString()!,
            Counts: (IReadOnlyDictionary<long, long>)group.GetProperty("by1").GetProperty("buckets").EnumerateArray()
                .ToDictionary(bucket => bucket.GetProperty("key").GetInt64(), bucket => bucket.GetProperty("doc_count").GetInt64()))).ToList();
        var others = BoardRows.OverTime(answer)
            .ToDictionary(bucket => bucket.Key, bucket => bucket.Value - rows.Sum(row => row.Counts.GetValueOrDefault(bucket.Key)));
        if (rows.Count == panel.Dimensions[0].Size && others.Values.Any(count => count > 0)) rows.Add(("Other", others));

        return canvas.OverTime(rows, query.From!.Value, query.To!.Value, TimeSpan.FromHours(3));
    }

    private static List<(string Name, double Count)> Shares(BoardPanel panel, JsonElement answer)
    {
        List<(string, double)> shares = [.. BoardRows.Of(panel, answer).Select(row => (row.Keys[0], row.Values[0] ?? 0))];
        var others = answer.GetProperty("aggregations").GetProperty("by0").GetProperty("sum_other_doc_count").GetInt64();
        if (others > 0) shares.Add(("Other", others));

        return shares;
    }

    private static string Metric(string title, BoardPanel panel, JsonElement answer) => string.Create(
        CultureInfo.InvariantCulture,
        $"<div class=number style=\"background:{panel.Color ?? "#6092c0"}22\"><span>{title}</span><b>{BoardRows.Of(panel, answer)[0].Values[0]:N0}</b></div>");

    private string Table(BoardPanel panel, JsonElement answer, int height)
    {
        var table = new StringBuilder("<table><tr>");
        foreach (var by in panel.Dimensions) table.Append(CultureInfo.InvariantCulture, $"<th>{Text(by.Field)}");

        foreach (var metric in panel.Metrics) table.Append(CultureInfo.InvariantCulture, $"<th class=\"n {Narrow(metric)}\">{Text(metric.Label(board))}");

        foreach (var row in BoardRows.Of(panel, answer).Take(Rows(height)))
        {
            table.Append("<tr>");
            foreach (var key in row.Keys) table.Append(CultureInfo.InvariantCulture, $"<td>{Text(key)}");

            foreach (var (metric, value) in panel.Metrics.Zip(row.Values))
            {
                table.Append(CultureInfo.InvariantCulture, $"<td class=n>{Number(metric, value)}");
            }
        }

        return table.Append("</table>").ToString();
    }

    private static string Narrow(BoardMetric metric) => metric.Measure == BoardMeasure.Percentile ? "narrow" : "";

    private static string Number(BoardMetric metric, double? value) => (metric, value) switch
    {
        (_, null) => "–",
        ({ Measure: BoardMeasure.Max }, { } time) => Time(DateTimeOffset.FromUnixTimeMilliseconds((long)time)),
        ({ Measure: BoardMeasure.Percentile }, { } seconds) => seconds.ToString("N1", CultureInfo.InvariantCulture),
        (_, { } count) => count.ToString("N0", CultureInfo.InvariantCulture),
    };

    private static string Time(DateTimeOffset time) => time.ToString("MMM d, HH:mm:ss", CultureInfo.InvariantCulture);

    private string Search(BoardPanel panel, JsonElement answer, int height)
    {
        var search = board.SearchOf(panel);
        var table = new StringBuilder();
        table.Append(CultureInfo.InvariantCulture, $"<div class=total>{BoardRows.Total(answer):N0} documents</div>");
        table.Append(CultureInfo.InvariantCulture, $"<table><tr><th style=\"width:110px\">{Text(board.DataView.TimeField)}");
        foreach (var column in search.Columns) table.Append(CultureInfo.InvariantCulture, $"<th{WidthOf(column)}>{Text(column)}");

        foreach (var hit in answer.GetProperty("hits").GetProperty("hits").EnumerateArray().Take(Rows(height)))
        {
            var fields = hit.GetProperty("fields");
            table.Append(CultureInfo.InvariantCulture, $"<tr><td>{Time(fields.GetProperty(board.DataView.TimeField)[0].GetDateTimeOffset())}");
            foreach (var column in search.Columns)
            {
                var values = fields.TryGetProperty(column, out var found) ? string.Join(", ", found.EnumerateArray().Select(value => value.ToString())) : "";
                table.Append(column == "event.severity" ? $"<td>{Severity(values)}" : $"<td>{Text(values)}");
            }
        }

        return table.Append("</table>").ToString();
    }

    private static string WidthOf(string column) => column switch
    {
        "event.severity" => " style=\"width:98px\"",
        "event.dataset" or "event.kind" or "source.ip" => " style=\"width:118px\"",
        "user.name" => " style=\"width:178px\"",
        "event.action" => " style=\"width:212px\"",
        "organization.name" or "group.name" => " style=\"width:118px\"",
        "tags" => " style=\"width:150px\"",
        _ => "",
    };

    private string Severity(string value)
    {
        var number = int.Parse(value, CultureInfo.InvariantCulture);
        return $"<i style=\"background:{board.Severities.First(severity => number >= severity.From && number <= severity.To).Color}\">{value}</i>";
    }

    private static int Rows(int height) => (height - 62) / 24;

    private static string Text(string text) => WebUtility.HtmlEncode(string.Concat(text.Select(c => char.IsControl(c) ? '\ufffd' : c)));

    private const string Style = """
        * { box-sizing: border-box; margin: 0 }
        body { background: #f7f8fc; color: #343741; font: 13px Inter, "DejaVu Sans", sans-serif; position: relative }
        h1 { position: absolute; left: 16px; top: 14px; font-size: 20px; font-weight: 600 }
        .period { position: absolute; right: 12px; top: 12px; border: 1px solid #d3dae6; border-radius: 6px; background: #fff; padding: 6px 12px }
        .controls { position: absolute; left: 12px; right: 12px; top: 50px; display: flex; gap: 8px }
        .controls div { flex: 1; display: flex; border: 1px solid #d3dae6; border-radius: 6px; background: #fff; overflow: hidden }
        .controls b { background: #eef1f7; padding: 6px 10px; font-weight: 500 }
        .controls span { padding: 6px 10px; color: #98a2b3 }
        section { position: absolute; background: #fff; border: 1px solid #d3dae6; border-radius: 6px; padding: 10px 12px; overflow: hidden }
        section.heading { background: none; border: 0; padding: 16px 4px 0 }
        section.metric { padding: 0 }
        h2 { font-size: 19px; font-weight: 600 }
        h3 { font-size: 14px; font-weight: 600; height: 24px; white-space: nowrap }
        .number { height: 100%; padding: 12px 14px }
        .number span { display: block; font-weight: 600; font-size: 14px }
        .number b { display: block; font-size: 30px; font-weight: 700; text-align: right; margin-top: 2px }
        .total { position: absolute; right: 12px; top: 12px; color: #69707d; font-size: 12px }
        table { border-collapse: collapse; width: 100%; table-layout: fixed; font-size: 12px }
        th, td { text-align: left; padding: 0 8px 0 0; height: 24px; white-space: nowrap; overflow: hidden; text-overflow: ellipsis }
        th { font-weight: 600; border-bottom: 1px solid #d3dae6; vertical-align: bottom; padding-bottom: 4px }
        td { border-bottom: 1px solid #eef1f7 }
        .n { text-align: right; font-variant-numeric: tabular-nums; width: 128px }
        .n.narrow { width: 114px }
        i { font-style: normal; border-radius: 3px; padding: 1px 7px; color: #000 }
        footer { position: absolute; left: 16px; color: #69707d; font-size: 12px }
        svg { display: block }
        svg text { font-size: 12px; fill: #535966 }
        """;
}
