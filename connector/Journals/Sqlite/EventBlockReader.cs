using System.Buffers.Binary;
using System.IO.Compression;
using ActivityConnector.Pipeline;

namespace ActivityConnector.Journals.Sqlite;

/// <summary>The last block that was read, unpacked: a reader that takes it in parts has it unpacked once.</summary>
internal sealed class EventBlockReader
{
    /// <summary>More than the largest event: whatever a block says, it gets no more memory than this.</summary>
    private const long MaxJsonBytes = 64 << 20;

    private EventBlock? _block;
    private byte[] _heads = [];
    private byte[] _json = [];

    /// <param name="select">Stands on the block's row.</param>
    /// <param name="column">The column of the body.</param>
    /// <exception cref="JournalCorruptException">The block is damaged.</exception>
    public void Open(SqliteDatabase database, EventBlock block, SqliteStatement select, int column)
    {
        if (_block == block) return;

        _block = null;
        if (!TryUnpack(block, select.Blob(column))) throw Damaged(database, block);

        _block = block;
    }

    /// <summary>The events of the open block, in order. The JSON is the caller's to keep, and keeps its block's in memory.</summary>
    public IEnumerable<(long Position, long Time, ReadOnlyMemory<byte> Id, ReadOnlyMemory<byte> TraceId, ReadOnlyMemory<byte> Json)> Events()
    {
        var (at, json) = (0, 0);
        for (var position = _block!.Value.First; position <= _block.Value.Last; position++)
        {
            var head = _heads.AsMemory(at);
            var (time, traceIdBytes, jsonBytes) = ReadHead(head.Span);
            yield return (
                position, time, head[..EventBlock.IdBytes], head.Slice(EventBlock.HeadBytes, traceIdBytes), _json.AsMemory(json, jsonBytes));
            at += EventBlock.HeadBytes + traceIdBytes;
            json += jsonBytes;
        }
    }

    public static JournalCorruptException Damaged(SqliteDatabase database, EventBlock block) => new(
        $"The events at positions {block.First} to {block.Last} of the journal {database.Path} are damaged.", SqliteFailure.Restore);

    private bool TryUnpack(EventBlock block, ReadOnlySpan<byte> body)
    {
        Span<byte> checksum = stackalloc byte[EventBlock.ChecksumBytes];
        if (body.Length <= 1 + EventBlock.ChecksumBytes || body[0] != EventBlock.Format || !IsTime(block.Committed)) return false;

        block.Checksum(body[..^EventBlock.ChecksumBytes], checksum);
        if (!checksum.SequenceEqual(body[^EventBlock.ChecksumBytes..])) return false;

        body = body[1..^EventBlock.ChecksumBytes];
        var (headBytes, jsonBytes) = (0, 0L);
        for (var position = block.First; position <= block.Last; position++)
        {
            if (body.Length - headBytes < EventBlock.HeadBytes) return false;

            var (time, traceIdBytes, length) = ReadHead(body[headBytes..]);
            if (time < 0 || time > DateTimeOffset.MaxValue.Ticks) return false;

            headBytes += EventBlock.HeadBytes + traceIdBytes;
            jsonBytes += length;
        }

        if (headBytes > body.Length || jsonBytes > MaxJsonBytes) return false;

        _heads = body[..headBytes].ToArray();
        _json = GC.AllocateUninitializedArray<byte>((int)jsonBytes);
        return BrotliDecoder.TryDecompress(body[headBytes..], _json, out var written) && written == jsonBytes;
    }

    private static bool IsTime(long unixSeconds) =>
        unixSeconds >= DateTimeOffset.MinValue.ToUnixTimeSeconds() && unixSeconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds();

    private static (long Time, int TraceIdBytes, int JsonBytes) ReadHead(ReadOnlySpan<byte> head)
    {
        var length = BinaryPrimitives.ReadUInt32LittleEndian(head[(EventBlock.IdBytes + sizeof(long))..]);
        return (
            BinaryPrimitives.ReadInt64LittleEndian(head[EventBlock.IdBytes..]),
            (length & EventBlock.HasTraceId) == 0 ? 0 : EventBlock.TraceIdBytes,
            (int)(length & ~EventBlock.HasTraceId));
    }
}
