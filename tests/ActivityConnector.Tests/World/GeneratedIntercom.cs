using System.Globalization;

namespace ActivityConnector.Tests.World;

/// <summary>Intercom's <c>GET /admins/activity_logs</c> and <c>GET /me</c>: newest first, both bounds by time, numbered pages.</summary>
internal sealed class GeneratedIntercom(Random random, VendorHabits habits, Action<string>? history) : GeneratedVendor(random, habits, history)
{
    private const int OwnPageSize = 20;

    protected override Answer Right(string path, IReadOnlyDictionary<string, string> query, DateTimeOffset now)
    {
        if (path == "/me")
        {
            var workspace = Has(FaultKind.OtherOrganisation, now) ? "ws2" : "ws1";
            return new(200, $$$"""{"type":"admin","id":"1","app":{"type":"app","id_code":"{{{workspace}}}","name":"Acme","region":"US"}}""", workspace);
        }

        var (after, before) = (Number(query, "created_at_after"), Number(query, "created_at_before"));
        if (Habits.HasInclusiveBounds) (after, before) = (after - 1, before + 1);

        bool IsAskedFor(VendorRecord record) => SecondOf(record) is var second && second > after && second < before;
        if (Chokes(now, IsAskedFor)) return new(500, "", "chokes on a record");

        var found = Shown(now).Where(r => r.IsVisible(now) && IsAskedFor(r)).OrderByDescending(SecondOf).ThenByDescending(r => r.Created).ToList();
        if (Has(FaultKind.OtherOrder, now) && IsSeen(found, query)) found.Reverse();

        return Page(found, query, now);
    }

    /// <summary>What the vendor itself takes for the record's time.</summary>
    private static long SecondOf(VendorRecord record) => (record.IsDated ? record.Time : record.Created).ToUnixTimeSeconds();

    /// <summary>Whether the first page tells in which order its records are: the credential sees two with different times.</summary>
    private static bool IsSeen(List<VendorRecord> found, IReadOnlyDictionary<string, string> query)
    {
        var page = Enumerable.Reverse(found).Take((int)Number(query, "per_page")).Where(r => !r.IsHidden && r.IsDated).Select(SecondOf).ToList();
        return page.Count > 1 && page[0] != page[^1];
    }

    private static long Number(IReadOnlyDictionary<string, string> query, string name) => long.Parse(query[name], CultureInfo.InvariantCulture);

    private Answer Page(List<VendorRecord> found, IReadOnlyDictionary<string, string> query, DateTimeOffset now)
    {
        var size = Has(FaultKind.OwnPageSize, now) || !query.ContainsKey("per_page") ? OwnPageSize : (int)Number(query, "per_page");
        var number = query.ContainsKey("page") ? (int)Number(query, "page") : 1;
        // Under that fault the first page is empty and leads to the others.
        var shift = Has(FaultKind.EmptyPage, now) && found.Count > 0 ? 1 : 0;
        var start = (number - 1 - shift) * size;
        List<VendorRecord> page = start < 0 ? [] : [.. found.Skip(start).Take(size)];
        var hasNext = start + size < found.Count;
        if (number == 1 && hasNext && page.Take(page.Count / 2).Any(r => !r.IsHidden && r.IsDated) && SecondOf(found[0]) != SecondOf(found[^1])
            && Has(FaultKind.ShortPage, now) && !Has(FaultKind.OtherOrder, now) && Random.Is(0.3))
        {
            page.RemoveRange(page.Count / 2, page.Count - (page.Count / 2));
        }
        else if (number > 1 && start > 0 && Has(FaultKind.RepeatedRecords, now))
        {
            page.InsertRange(0, found.Skip(start - 1).Take(1));
        }

        var total = ((found.Count + size - 1) / size) + shift;
        // A link that leads back on the last page of a total is an end.
        if (Has(FaultKind.WrongTotals, now) && !Has(FaultKind.Loop, now))
        {
            // Too small a total beside pages that show nothing cannot be noticed (docs/guarantees.md).
            total = Random.OneOf(0, Habits.Hidden > 0 ? total + 2 : 1, total + 1, 999);
        }

        // Without a link only the total says that there is more; it is believed when the last page shows something (docs/guarantees.md).
        var isLinked = !Has(FaultKind.EndsEarly, now) || Has(FaultKind.WrongTotals, now)
            || found.Skip((total - 1 - shift) * size).All(r => r.IsHidden) || Random.Is(0.5);
        var next = hasNext && isLinked ? Link(number + 1, now) : End(number);
        var pages = $"{{\"type\":\"pages\",{next}\"page\":{number},\"per_page\":{size},\"total_pages\":{total}}}";
        List<VendorRecord> shown = [.. page.Where(r => !r.IsHidden)];
        var logs = string.Join(',', shown.Select(r => r.ToIntercom(Form, IsMended(now))));
        return new(
            200,
            $"{{\"type\":\"activity_log.list\",\"pages\":{pages},\"activity_logs\":[{logs}]}}",
            $"[{string.Join(' ', shown.Select(r => r.Id))}] of {found.Count} {next}")
        {
            Records = shown.Count,
        };
    }

    private string Link(int number, DateTimeOffset now)
    {
        if (Has(FaultKind.PagingType, now) && Random.Is(0.5)) return "\"next\":7,";

        var leads = Has(FaultKind.Loop, now) ? 1 : number;
        return $"\"next\":\"http://api.intercom.test/admins/activity_logs?page={leads}\",";
    }

    private string End(int number) => (Habits.EndForm % 4) switch
    {
        0 => "\"next\":null,",
        1 => "\"next\":\"\",",
        2 => "\"next\":{},",
        // Absent, but only where the numbers say that it is the last.
        _ => number > 0 ? "" : "\"next\":null,",
    };
}
