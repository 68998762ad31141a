using System.Globalization;
using System.Net;
using System.Text;

namespace ActivityConnector.Benchmarks;

/// <summary>Draws charts as SVG in a room of a given size. Texts that have no room are cut, and never lie over one another.</summary>
internal sealed class DashboardCanvas(int width, int height)
{
    private static readonly string[] Colors =
        ["#54b399", "#6092c0", "#d36086", "#9170b8", "#ca8eae", "#d6bf57", "#b9a888", "#da8b45", "#aa6556", "#e7664c"];

    private readonly StringBuilder _svg = new();

    public string OverTime(
        IReadOnlyList<(string Name, IReadOnlyDictionary<long, long> Counts)> series, DateTimeOffset from, DateTimeOffset to, TimeSpan interval)
    {
        var legend = Legend([.. series.Select(one => one.Name)]);
        var (left, bottom, right) = (44, height - 22, width - legend - 8);
        var buckets = (int)((to - from) / interval);
        var highest = Enumerable.Range(0, buckets).Max(n => series.Sum(one => Count(one.Counts, n)));
        var step = Step(highest);
        var top = Math.Max(step, Math.Ceiling(highest / step) * step);
        for (var value = 0d; value <= top; value += step)
        {
            var y = bottom - (value / top * (bottom - 6));
            Line(left, y, right, y, "#eef1f7");
            Label(left - 6, y + 4, value.ToString("N0", CultureInfo.InvariantCulture), "end");
        }

        var bar = (right - left) / (double)buckets;
        for (var n = 0; n < buckets; n++)
        {
            var y = (double)bottom;
            foreach (var (index, one) in series.Index())
            {
                var tall = Count(one.Counts, n) / top * (bottom - 6);
                Box(left + (n * bar) + 0.5, y - tall, bar - 1, tall, Colors[index % Colors.Length]);
                y -= tall;
            }
        }

        var format = TimeSpan.FromDays(1) / interval * bar > 90 ? "ddd, MMM d" : "MMM d";
        for (var day = from; day < to; day = day.AddDays(1))
        {
            Label(left + ((day - from) / interval * bar), height - 5, day.ToString(format, CultureInfo.InvariantCulture), "start");
        }

        return Done();

        long Count(IReadOnlyDictionary<long, long> counts, int n) => counts.GetValueOrDefault((from + (n * interval)).ToUnixTimeMilliseconds());
    }

    public string Bars(IReadOnlyList<(string Name, double Count)> bars)
    {
        if (bars.Count == 0) return Nothing();

        var left = Math.Min(width * 0.55, bars.Max(bar => RoomOf(bar.Name)) + 10);
        var right = width - 46;
        var row = Math.Min(26, height / (double)bars.Count);
        var highest = bars.Max(bar => bar.Count);
        foreach (var (index, bar) in bars.Index())
        {
            var y = index * row;
            Label(left - 8, y + (row / 2) + 4, Cut(bar.Name, left - 8), "end");
            Box(left, y + (row * 0.14), Math.Max(1, bar.Count / highest * (right - left)), row * 0.72, Colors[0]);
            Label(left + (bar.Count / highest * (right - left)) + 6, y + (row / 2) + 4, bar.Count.ToString("N0", CultureInfo.InvariantCulture), "start");
        }

        return Done();
    }

    public string Pie(IReadOnlyList<(string Name, double Count)> shares)
    {
        if (shares.Count == 0) return Nothing();

        var total = shares.Sum(share => share.Count);
        Legend([.. shares.Select(share => string.Create(CultureInfo.InvariantCulture, $"{share.Name}  {share.Count / total:P1}"))]);
        var radius = Math.Min(height / 2d, width * 0.24) - 4;
        var (x, y, at) = (radius + 10, height / 2d, 0d);
        foreach (var (index, share) in shares.Index())
        {
            var part = share.Count / total;
            _svg.Append(CultureInfo.InvariantCulture, $"<circle cx='{x:F1}' cy='{y:F1}' r='{radius * 0.75:F1}' fill='none' pathLength='1' ");
            _svg.Append(CultureInfo.InvariantCulture, $"stroke='{Colors[index % Colors.Length]}' stroke-width='{radius * 0.5:F1}' ");
            _svg.Append(CultureInfo.InvariantCulture, $"stroke-dasharray='{Math.Max(0, part - 0.002):F5} 1' stroke-dashoffset='{-at:F5}' ");
            _svg.Append(CultureInfo.InvariantCulture, $"transform='rotate(-90 {x:F1} {y:F1})'/>");
            at += part;
        }

        return Done();
    }

    public string HeatMap(IReadOnlyList<(string X, string Y, double Count)> cells)
    {
        if (cells.Count == 0) return Nothing();

        var columns = cells.GroupBy(cell => cell.X).OrderByDescending(group => group.Sum(cell => cell.Count)).Select(group => group.Key).ToList();
        var rows = cells.GroupBy(cell => cell.Y).OrderByDescending(group => group.Sum(cell => cell.Count)).Select(group => group.Key).ToList();
        var left = Math.Min(width * 0.35, rows.Max(RoomOf) + 10);
        var (wide, tall) = ((width - left) / columns.Count, (height - 22) / (double)rows.Count);
        var highest = cells.Max(cell => Math.Log(1 + cell.Count));
        foreach (var (index, row) in rows.Index()) Label(left - 8, (index * tall) + (tall / 2) + 4, Cut(row, left - 8), "end");

        foreach (var (index, column) in columns.Index()) Label(left + (index * wide) + (wide / 2), height - 5, Cut(column, wide - 4), "middle");

        foreach (var (column, x) in columns.Select((name, index) => (name, left + (index * wide))))
        {
            foreach (var (row, y) in rows.Select((name, index) => (name, index * tall)))
            {
                var count = cells.FirstOrDefault(cell => cell.X == column && cell.Y == row).Count;
                var depth = count == 0 ? 0 : 0.15 + (0.75 * Math.Log(1 + count) / highest);
                Box(x + 1, y + 1, wide - 2, tall - 2, count == 0 ? "#f5f7fa" : string.Create(CultureInfo.InvariantCulture, $"rgba(96,146,192,{depth:F2})"));
                if (count > 0) Label(x + (wide / 2), y + (tall / 2) + 4, count.ToString("N0", CultureInfo.InvariantCulture), "middle");
            }
        }

        return Done();
    }

    /// <summary>Names beside their colours on the right; returns how wide they are.</summary>
    private int Legend(IReadOnlyList<string> names)
    {
        var wide = (int)Math.Min(width * 0.46, names.Max(RoomOf) + 24);
        var row = Math.Min(20, height / (double)names.Count);
        foreach (var (index, name) in names.Index())
        {
            Box(width - wide, (index * row) + 5, 10, 10, Colors[index % Colors.Length]);
            Label(width - wide + 16, (index * row) + 14, Cut(name, wide - 16), "start");
        }

        return wide;
    }

    private string Nothing()
    {
        Label(width / 2d, height / 2d, "No results found", "middle");
        return Done();
    }

    private static double Step(double highest)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(Math.Max(1, highest / 4))));
        return power * ((double[])[1, 2, 5, 10]).First(times => times * power * 4 >= highest || times == 10);
    }

    private static string Cut(string text, double room)
    {
        var cut = text;
        while (cut.Length > 1 && RoomOf(cut) > room) cut = cut[..^(cut.EndsWith('…') ? 2 : 1)] + "…";

        return cut;
    }

    /// <summary>How wide a text is, rather too wide than too narrow.</summary>
    private static double RoomOf(string text) => text.Sum(letter => letter switch
    {
        'i' or 'j' or 'l' or '.' or ',' or ':' => 3.6,
        'm' or 'w' or 'M' or 'W' or '@' or '…' => 11.2,
        >= 'A' and <= 'Z' or '_' => 8.4,
        _ => 7.2,
    });

    private void Box(double x, double y, double wide, double tall, string color) => _svg.Append(
        CultureInfo.InvariantCulture, $"<rect x='{x:F1}' y='{y:F1}' width='{Math.Max(0, wide):F1}' height='{Math.Max(0, tall):F1}' fill='{color}'/>");

    private void Line(double fromX, double fromY, double toX, double toY, string color) => _svg.Append(
        CultureInfo.InvariantCulture, $"<line x1='{fromX:F1}' y1='{fromY:F1}' x2='{toX:F1}' y2='{toY:F1}' stroke='{color}'/>");

    private void Label(double x, double y, string text, string anchor) => _svg.Append(
        CultureInfo.InvariantCulture, $"<text x='{x:F1}' y='{y:F1}' text-anchor='{anchor}'>{WebUtility.HtmlEncode(text)}</text>");

    private string Done() => string.Create(CultureInfo.InvariantCulture, $"<svg width='{width}' height='{height}'>{_svg}</svg>");
}
