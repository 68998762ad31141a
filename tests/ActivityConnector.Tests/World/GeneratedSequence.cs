using System.Globalization;
using System.Text;

namespace ActivityConnector.Tests.World;

/// <summary>Sequence's <c>GET /activity-logs</c>: both orders, opaque cursors, no filter by time.</summary>
internal sealed class GeneratedSequence(Random random, VendorHabits habits, Action<string>? history) : GeneratedVendor(random, habits, history)
{
    /// <summary>A cursor that this vendor never gave.</summary>
    public static readonly string UnknownCursor = Convert.ToBase64String("0|unknown|1"u8);

    private readonly Dictionary<string, DateTimeOffset> _given = [];
    private string? _refused;
    private int? _loop;

    protected override Answer Right(string path, IReadOnlyDictionary<string, string> query, DateTimeOffset now)
    {
        var limit = int.Parse(query["limit"], CultureInfo.InvariantCulture);
        var isAscending = query.TryGetValue("sortOrder", out var sort) && sort == "ASC";
        if (limit is < 1 or > 100 || Start(query, isAscending, limit, now) is not { } start) return new(400, "", "refused");

        var size = Has(FaultKind.OwnPageSize, now) ? Math.Min(limit, 5) : limit;
        var all = Shown(now);
        var order = Enumerable.Range(0, all.Count).Where(i => all[i].IsVisible(now) && (isAscending ? i > start : i < start));
        var rest = (isAscending ? order : order.Reverse()).Take(size + 1).ToList();
        var page = rest.Take(size).ToList();
        if (Chokes(now, r => page.Exists(i => ReferenceEquals(all[i], r)))) return new(500, "", "chokes on a record");

        var hasNext = rest.Count > size;
        var last = page.Count > 0 ? page[^1] : start;
        var endsEarly = false;
        if (hasNext && Has(FaultKind.ShortPage, now) && Random.Is(0.3))
        {
            // Never empty: a cursor to where the page began would be the end of the list.
            var kept = Math.Max(1, page.Count / 2);
            page.RemoveRange(kept, page.Count - kept);
            last = page[^1];
        }
        else if (hasNext && limit > 1 && Has(FaultKind.EndsEarly, now) && (isAscending || page.Exists(i => !all[i].IsHidden)) && Random.Is(0.2))
        {
            // Not while the newest record is searched for: both orders at once cannot be noticed (docs/guarantees.md).
            (hasNext, endsEarly) = (false, true);
            if (Random.Is(0.3)) page.Clear();

            last = page.Count > 0 ? page[^1] : start;
        }
        else if (hasNext && Has(FaultKind.RepeatedRecords, now) && page.Count > 1)
        {
            last = page[^2];
        }

        List<VendorRecord> shown = [.. page.Select(i => all[i]).Where(r => !r.IsHidden)];
        var text = string.Join(',', shown.Select(r => r.ToSequence(Form, IsMended(now))));
        var after = hasNext ? Next(query, start, last, shown.Count, all.Count, isAscending, limit, now)
            : endsEarly ? ""
            : End(query, page, last, isAscending, limit, now);
        var total = Has(FaultKind.WrongTotals, now) ? Random.OneOf("0", "\"many\"", "-5", "99999999999") : all.Count.ToString(CultureInfo.InvariantCulture);
        return new(
            200,
            $"{{\"items\":[{text}],\"pagination\":{{{after}\"totalResultSize\":{total}}}}}",
            $"[{string.Join(' ', shown.Select(r => r.Id))}] {(hasNext ? $"more after {last}" : "end")}")
        {
            Records = shown.Count,
        };
    }

    /// <summary>The same place has the same cursor whenever it is given.</summary>
    private string Cursor(int index, bool isAscending, int limit, DateTimeOffset now)
    {
        var cursor = Convert.ToBase64String(Encoding.UTF8.GetBytes(
            string.Create(CultureInfo.InvariantCulture, $"{index}|{(isAscending ? "ASC" : "DESC")}|{limit}")));
        _given[cursor] = now;
        return cursor;
    }

    /// <summary>The place in the list that the page begins after; null for a cursor that is refused.</summary>
    private int? Start(IReadOnlyDictionary<string, string> query, bool isAscending, int limit, DateTimeOffset now)
    {
        if (!query.TryGetValue("after", out var cursor)) return isAscending ? -1 : int.MaxValue;

        var parts = Encoding.UTF8.GetString(Convert.FromBase64String(cursor)).Split('|');
        var given = _given.GetValueOrDefault(cursor);
        if (Has(FaultKind.OneCursor, now))
        {
            _refused ??= cursor;
        }
        else
        {
            _refused = null;
        }

        var isGood = cursor != _refused && parts[1] == (isAscending ? "ASC" : "DESC")
            && (!Habits.CursorsAreOfOneSize || parts[2] == limit.ToString(CultureInfo.InvariantCulture))
            && given >= CursorsFrom
            && !(Has(FaultKind.CursorsExpire, now) && given < now.AddDays(-1));
        return isGood ? int.Parse(parts[0], CultureInfo.InvariantCulture) : null;
    }

    private string Next(IReadOnlyDictionary<string, string> query, int start, int last, int shown, int all, bool isAscending, int limit, DateTimeOffset now)
    {
        if (Has(FaultKind.PagingType, now) && Random.Is(0.5)) return "\"after\":7,";

        var leads = last;
        if (!Has(FaultKind.Loop, now))
        {
            _loop = null;
        }
        else if (isAscending)
        {
            // Where the first walk that meets it began.
            _loop ??= query.ContainsKey("after") ? Start(query, isAscending, limit, now) : null;
            leads = Habits.LoopsFar ? 0 : _loop <= start ? _loop.Value : last;
        }
        else
        {
            leads = all - 1;
        }

        if (query.TryGetValue("after", out var asked) && Start(query, isAscending, limit, now) == leads && shown < limit)
        {
            // The same cursor on a page that is not full would be the end of the list.
            leads = last;
        }

        return $"\"after\":\"{(asked is not null && Start(query, isAscending, limit, now) == leads ? asked : Cursor(leads, isAscending, limit, now))}\",";
    }

    private string End(IReadOnlyDictionary<string, string> query, List<int> page, int last, bool isAscending, int limit, DateTimeOffset now) =>
        (Habits.EndForm % 5) switch
        {
            0 => "",
            1 => "\"after\":null,",
            2 => "\"after\":\"\",",
            // A cursor behind the last record, and an empty page behind that.
            3 when page.Count > 0 => $"\"after\":\"{Cursor(last, isAscending, limit, now)}\",",
            // The cursor that was asked with again, on a page that is not full.
            4 when page.Count < limit && query.TryGetValue("after", out var asked) => $"\"after\":\"{asked}\",",
            _ => "",
        };
}
