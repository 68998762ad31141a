namespace ActivityConnector.Sources.Http;

/// <summary>One page, split into its records. Owns the buffer they are slices of.</summary>
internal sealed class VendorPage(PageBody body) : IDisposable
{
    /// <summary>In the vendor's order.</summary>
    public List<PageRecord> Records { get; } = new(256);

    /// <summary>Elements of the array that are no records: not an object, or not JSON.</summary>
    public List<ReadOnlyMemory<byte>> Broken { get; } = [];

    /// <summary>Elements that are <c>null</c>.</summary>
    public int Nulls { get; set; }

    /// <summary>The JSON of the paging object; empty when there is none.</summary>
    public ReadOnlyMemory<byte> Paging { get; set; }

    /// <summary>A time by the vendor's clock that is not after the moment the vendor looked: what was visible then is on the page.</summary>
    public required DateTimeOffset AsOf { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }

    public ReadOnlyMemory<byte> Bytes => body.Bytes;

    /// <summary>True when nothing at all came.</summary>
    public bool IsEmpty => Records.Count == 0 && Broken.Count == 0 && Nulls == 0;

    public void Dispose() => body.Dispose();
}
