using System.Buffers.Binary;
using System.Security.Cryptography;
using ActivityConnector.Sources.Http;

namespace ActivityConnector.Sources.Sequence;

/// <summary>A record as far as it has to be known again.</summary>
/// <param name="Mark">A hash of its id, or of its text where it has none.</param>
/// <param name="Time">Its own time in Unix milliseconds, or <see cref="RecordTime.Unknown"/>.</param>
internal readonly record struct ListedRecord(ulong Mark, long Time)
{
    /// <summary>The records of a page in its order, then what is broken and has an id.</summary>
    public static IEnumerable<ListedRecord> AllOf(VendorPage page) => page.Records.Select(Of).Concat(
        page.Broken.Where(b => !b.Id.IsEmpty).Select(b => new ListedRecord(HashOf(b.Id.Span), b.Time)));

    /// <summary>The last record of a page; null = it has none.</summary>
    public static ListedRecord? LastOf(VendorPage page) =>
        page.Records.Count > 0 ? Of(page.Records[^1]) : AllOf(page).Select(record => (ListedRecord?)record).LastOrDefault();

    private static ListedRecord Of(PageRecord record) => new(HashOf((record.Id.IsEmpty ? record.Json : record.Id).Span), record.Time);

    private static ulong HashOf(ReadOnlySpan<byte> text) => BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(text));
}
