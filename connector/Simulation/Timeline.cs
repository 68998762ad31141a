using System.Runtime.InteropServices;

namespace ActivityConnector.Simulation;

/// <summary>The records a vendor shows, oldest first, and those it has but does not show yet. Not thread-safe.</summary>
internal sealed class Timeline
{
    private readonly List<Entry> _visible = [];
    private readonly PriorityQueue<Entry, long> _hidden = new();

    public ReadOnlySpan<Entry> Visible => CollectionsMarshal.AsSpan(_visible);

    public int HiddenCount => _hidden.Count;

    public void Show(Entry entry)
    {
        // Nearly everything arrives in order; a late record goes where it would have been, close to the end.
        if (_visible.Count == 0 || _visible[^1].IsBefore(entry))
            _visible.Add(entry);
        else
            _visible.Insert(FirstFrom(Visible, entry.Created, entry.Tie), entry);
    }

    public void Hide(Entry entry, long untilTicks) => _hidden.Enqueue(entry, untilTicks);

    public void Reveal(long nowTicks)
    {
        while (_hidden.TryPeek(out var entry, out var until) && until <= nowTicks)
        {
            _hidden.Dequeue();
            Show(entry);
        }
    }

    public void Rewrite(Func<Entry, Entry> change)
    {
        foreach (ref var entry in CollectionsMarshal.AsSpan(_visible)) entry = change(entry);
    }

    /// <summary>The place of the first entry that is not before (created, tie); the length if there is none.</summary>
    public static int FirstFrom(ReadOnlySpan<Entry> entries, long created, ulong tie)
    {
        var key = new Entry(created, tie, 0);
        int low = 0, high = entries.Length;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (entries[middle].IsBefore(key))
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
