namespace ActivityConnector.Sources.Http;

/// <summary>One page, split into its records. Owns the buffer they are slices of.</summary>
internal sealed class VendorPage(PageBody body) : IDisposable
{
    /// <summary>More than a page of real records can have, which is limited in bytes: a page of numbers would take fifty times its size in memory.</summary>
    public const int MaxElements = 100_000;

    /// <summary>In the vendor's order.</summary>
    public List<PageRecord> Records { get; } = new(256);

    /// <summary>What stands between the records that can be read and is none: dead letters.</summary>
    public List<BrokenElement> Broken { get; } = [];

    /// <summary>Elements that are <c>null</c>.</summary>
    public int Nulls { get; set; }

    /// <summary>The JSON of the paging value, as the shape's check lets it pass; empty when there is none.</summary>
    public ReadOnlyMemory<byte> Paging { get; set; }

    /// <summary>The page is not valid JSON: its records were found one by one.</summary>
    public bool IsSalvaged { get; set; }

    /// <summary>
    /// False for a salvaged page whose paging value, or the end of whose array, cannot be read: it may or may not be the last page.
    /// </summary>
    public bool HasReadablePaging { get; set; } = true;

    /// <summary>
    /// The present when the request was sent, by the earlier of the host's and the vendor's clock: what was visible then is on the page.
    /// </summary>
    public required DateTimeOffset AsOf { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }

    public ReadOnlyMemory<byte> Bytes => body.Bytes;

    /// <summary>True when nothing at all came.</summary>
    public bool IsEmpty => Records.Count == 0 && Broken.Count == 0 && Nulls == 0;

    /// <summary>Forgets what was found in the page, to read it in another way.</summary>
    public void Clear()
    {
        Records.Clear();
        Broken.Clear();
        Nulls = 0;
        Paging = default;
    }

    public void Dispose() => body.Dispose();
}
