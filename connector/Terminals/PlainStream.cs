using System.Buffers;
using System.Text;

namespace ActivityConnector.Terminals;

/// <summary>
/// A terminal that lines of data are written to as UTF-8: passes on line feeds and tabs, leaves out carriage returns, and escapes the rest as
/// <see cref="PlainText"/> does. JSON stays valid and says the same.
/// </summary>
/// <remarks>Not thread-safe. Does not close the terminal.</remarks>
internal sealed class PlainStream(Stream terminal) : Stream
{
    private readonly StringBuilder _text = new();
    private readonly byte[] _pending = new byte[4];
    private int _pendingCount;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(ReadOnlySpan<byte> buffer) => terminal.Write(Escape(buffer));

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        await terminal.WriteAsync(Escape(buffer.Span), cancellationToken);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush() => terminal.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => terminal.FlushAsync(cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private byte[] Escape(ReadOnlySpan<byte> bytes)
    {
        _text.Clear();
        byte[] joined = [.. _pending.AsSpan(0, _pendingCount), .. bytes];
        var rest = joined.AsSpan();
        _pendingCount = 0;
        while (!rest.IsEmpty)
        {
            var status = Rune.DecodeFromUtf8(rest, out var rune, out var length);
            if (status == OperationStatus.NeedMoreData)
            {
                // The next bytes have the rest of the character.
                rest.CopyTo(_pending);
                _pendingCount = rest.Length;
                break;
            }

            if (rune.Value is '\n' or '\t')
            {
                _text.Append((char)rune.Value);
            }
            else if (rune.Value != '\r')
            {
                PlainText.Append(_text, rune);
            }

            rest = rest[length..];
        }

        return Encoding.UTF8.GetBytes(_text.ToString());
    }
}
