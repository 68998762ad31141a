using System.Buffers.Binary;
using System.Security.Cryptography;

namespace ActivityConnector.Journals.Sqlite;

/// <summary>
/// One row of <c>event_block</c>: consecutive events of one source and one commit, compressed together, because events resemble each
/// other so much that what is left of them is a fifth or less, and bytes written are what a journal costs.
/// </summary>
/// <remarks>
/// The body, all numbers little-endian: a byte of format (1); for each event a head of 20 bytes of id, 8 bytes of time (100 ns since
/// year 1, UTC), 4 bytes of JSON length whose highest bit says that 16 bytes of trace id follow; the JSON texts of all events, one
/// after the other, as one Brotli stream; 8 bytes of checksum. Ids do not compress, so the heads stay outside.
/// </remarks>
internal readonly record struct EventBlock(long First, long Last, long Source, long Committed, long MinTime, long MaxTime)
{
    public const byte Format = 1;
    public const int IdBytes = 20;
    public const int TraceIdBytes = 16;
    public const int HeadBytes = IdBytes + sizeof(long) + sizeof(uint);
    public const int ChecksumBytes = 8;
    public const uint HasTraceId = 1u << 31;

    /// <summary>Of JSON, unless one event alone is larger. Larger blocks save nothing that can be measured.</summary>
    public const int MaxJsonBytes = 256 << 10;

    /// <summary>Of the row's other columns too: a body under a wrong position is damage as well.</summary>
    /// <param name="body">Without the checksum.</param>
    /// <param name="checksum">8 bytes.</param>
    public void Checksum(ReadOnlySpan<byte> body, Span<byte> checksum)
    {
        Span<byte> columns = stackalloc byte[6 * sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(columns, First);
        BinaryPrimitives.WriteInt64LittleEndian(columns[8..], Last);
        BinaryPrimitives.WriteInt64LittleEndian(columns[16..], Source);
        BinaryPrimitives.WriteInt64LittleEndian(columns[24..], Committed);
        BinaryPrimitives.WriteInt64LittleEndian(columns[32..], MinTime);
        BinaryPrimitives.WriteInt64LittleEndian(columns[40..], MaxTime);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(columns);
        hash.AppendData(body);
        hash.GetHashAndReset(digest);
        digest[..ChecksumBytes].CopyTo(checksum);
    }
}
