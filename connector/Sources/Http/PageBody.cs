using System.Buffers;

namespace ActivityConnector.Sources.Http;

/// <summary>The bytes of one response in a rented buffer, which goes back when it is disposed.</summary>
internal sealed class PageBody : IDisposable
{
    private const int FirstBytes = 64 * 1024;

    private byte[]? _buffer;
    private readonly int _length;

    private PageBody(byte[] buffer, int length)
    {
        _buffer = buffer;
        _length = length;
    }

    /// <summary>Valid until disposed; using it later is an error and not other people's bytes.</summary>
    public ReadOnlyMemory<byte> Bytes => (_buffer ?? throw new ObjectDisposedException(nameof(PageBody))).AsMemory(0, _length);

    /// <summary>A copy of bytes that are at hand.</summary>
    public static PageBody Copy(ReadOnlySpan<byte> bytes)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(bytes.Length);
        bytes.CopyTo(buffer);
        return new PageBody(buffer, bytes.Length);
    }

    /// <summary>Reads to the end, or null when there is more than <paramref name="most"/> bytes (after decompression).</summary>
    public static async ValueTask<PageBody?> ReadAsync(Stream stream, int expected, int most, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Math.Clamp(expected, FirstBytes, most));
        var length = 0;
        try
        {
            while (true)
            {
                var room = Math.Min(buffer.Length, most) - length;
                if (room == 0 && length < most)
                {
                    var larger = ArrayPool<byte>.Shared.Rent(Math.Min(buffer.Length * 2, most));
                    buffer.CopyTo(larger, 0);
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = larger;
                    continue;
                }

                // At the limit, one byte more shows that there is more.
                var n = await stream.ReadAsync(room > 0 ? buffer.AsMemory(length, room) : new byte[1], cancellationToken);
                if (n == 0) break;
                if (room == 0) return null;

                length += n;
            }

            var body = new PageBody(buffer, length);
            buffer = null;
            return body;
        }
        finally
        {
            if (buffer is not null) ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public void Dispose()
    {
        if (_buffer is { } buffer)
        {
            _buffer = null;
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
