using ActivityConnector.Sources.Http;

namespace ActivityConnector.Sources.Intercom;

/// <summary>One answered page and what it says of the list it belongs to.</summary>
internal sealed class IntercomPage : IDisposable
{
    /// <summary>Milliseconds instead of seconds, or a clock far ahead, are the faults of single records and say nothing of the bounds.</summary>
    private const int FewestOutside = 2;

    private readonly VendorPage _page;

    /// <param name="page">Owned by this object until a caller takes <see cref="Content"/>.</param>
    /// <param name="asked">What was asked for.</param>
    /// <param name="perPage">The number of records asked for.</param>
    /// <param name="number">Its place in the list, from 1 on.</param>
    /// <param name="now">The present in Unix seconds: a later time is no time.</param>
    public IntercomPage(VendorPage page, TimeWindow asked, int perPage, int number, long now)
    {
        _page = page;
        PerPage = perPage;
        Number = number;
        Paging = page.HasReadablePaging ? IntercomPaging.Read(page.Paging) : default;
        var (outside, inside, last) = (0, 0, long.MaxValue);
        foreach (var record in page.Records)
        {
            if (!Look(record.Time)) continue;

            IsSorted &= record.Time / 1000 <= last;
            last = record.Time / 1000;
        }

        foreach (var broken in page.Broken) Look(broken.Time);

        IsOutside = inside == 0 && outside >= FewestOutside;
        bool Look(long time)
        {
            var second = time / 1000;
            if (time == RecordTime.Unknown || second > Math.Max(now, asked.To) + 1) return false;
            if (second < asked.From - 1 || second > asked.To + 1)
            {
                outside++;
                IsAfterBounds |= second > asked.To;
                return false;
            }

            inside++;
            (Oldest, Newest) = (Math.Min(Oldest, second), Math.Max(Newest, second));
            return true;
        }
    }

    /// <summary>The page itself: its records, and when it was asked for.</summary>
    public VendorPage Content => _page;

    public IntercomPaging Paging { get; }

    public int PerPage { get; }

    public int Number { get; }

    /// <summary>Everything that stands on the page, records or not.</summary>
    public int Count => _page.Records.Count + _page.Broken.Count + _page.Nulls;

    /// <summary>Whether a record has a time that is not strange.</summary>
    public bool IsDated => Newest >= 0;

    /// <summary>The earliest and the latest second of its records; counts only when it is dated.</summary>
    public long Oldest { get; private set; } = long.MaxValue;

    /// <inheritdoc cref="Oldest"/>
    public long Newest { get; private set; } = -1;

    /// <summary>Whether the times never rise from one record to the next.</summary>
    public bool IsSorted { get; private set; } = true;

    /// <summary>Whether it has times, and all of them lie outside of what was asked for.</summary>
    public bool IsOutside { get; }

    /// <summary>Whether a time is later than what was asked for; else those outside are earlier.</summary>
    public bool IsAfterBounds { get; private set; }

    /// <summary>As many records as fit; or as many as a page had that was followed by another, unless it says that it is the last.</summary>
    public bool IsFull { get; set; }

    /// <summary>The page says that another follows, or it is full: whatever it says, one more request shows whether it is the last.</summary>
    public bool LeadsOn => Paging.HasNext ? !LeadsBack : IsFull;

    /// <summary>The total says that there is a page after this one.</summary>
    public bool TotalIsMore => Paging.TotalPages > Number;

    public bool IsEmpty => Count == 0;

    /// <summary>
    /// A link without a later page on the last one of a total is an end, but not on a full or an empty page: there the total may be what is wrong.
    /// </summary>
    private bool LeadsBack => Paging is { StartingAfter: null, TotalPages: > 0 } && !TotalIsMore && !(Paging.NextPage > Number) && !IsFull && !IsEmpty;

    /// <summary>The records' ids; of one without an id its text.</summary>
    public HashSet<string> Ids()
    {
        var ids = new HashSet<string>();
        AddIdsTo(ids);
        return ids;
    }

    /// <inheritdoc cref="Ids"/>
    /// <returns>False when one of them is there already.</returns>
    public bool AddIdsTo(HashSet<string> ids)
    {
        var areNew = true;
        foreach (var record in _page.Records) areNew &= ids.Add(System.Text.Encoding.UTF8.GetString((record.Id.IsEmpty ? record.Json : record.Id).Span));
        foreach (var broken in _page.Broken) areNew &= ids.Add(System.Text.Encoding.UTF8.GetString((broken.Id.IsEmpty ? broken.Bytes : broken.Id).Span));
        return areNew;
    }

    public void Dispose() => _page.Dispose();
}
