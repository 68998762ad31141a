using System.Buffers.Text;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ActivityConnector.Transforms;

/// <summary>Writes the fields of one event, in the order they are given, into a reused buffer or where a batch will keep it.</summary>
/// <remarks>A field's name comes as finished JSON, <c>,"user.id":</c>, so that it costs one copy.</remarks>
internal sealed class EventWriter(RecordTree record)
{
    private const int LikelyBytes = 4 * 1024;

    private byte[] _bytes = new byte[LikelyBytes];
    private EventBatch? _batch;
    private int _start;
    private int _used;

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(_start, _used - _start);

    /// <summary>Starts anew.</summary>
    public void Clear() => _used = _start;

    /// <summary>Starts anew in a batch: nothing else may be kept there until what is written is taken or given up.</summary>
    public void Clear(EventBatch batch)
    {
        _batch = batch;
        _bytes = batch.Room(LikelyBytes, out _start);
        _used = _start;
    }

    /// <summary>Copies finished JSON.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Literal(ReadOnlySpan<byte> json)
    {
        Reserve(json.Length);
        json.CopyTo(_bytes.AsSpan(_used));
        _used += json.Length;
    }

    /// <summary>Writes a text field; nothing for no text. Inlined, so that a name of known length is copied in registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Field(ReadOnlySpan<byte> name, Text value)
    {
        if (!value.IsEmpty)
        {
            Literal(name);
            Value(value);
        }
    }

    public void Field(ReadOnlySpan<byte> name, int value)
    {
        Literal(name);
        Number(value);
    }

    /// <summary>Writes an array field, also for one value; nothing for none.</summary>
    public void Field(ReadOnlySpan<byte> name, List<Text> values)
    {
        if (values.Count == 0)
        {
            return;
        }

        Literal(name);
        var separator = (byte)'[';
        foreach (var value in values)
        {
            Byte(separator);
            Value(value);
            separator = (byte)',';
        }

        Byte((byte)']');
    }

    /// <summary>Writes text as a JSON string.</summary>
    public void Value(Text value)
    {
        if (!record.IsPlain(value))
        {
            EscapedValue(record[value]);
            return;
        }

        Reserve(value.Length + RecordTree.Slack + 2);
        ref var to = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_bytes), _used);
        to = (byte)'"';
        record.CopyBlocks(value, ref Unsafe.Add(ref to, 1));
        Unsafe.Add(ref to, value.Length + 1) = (byte)'"';
        _used += value.Length + 2;
    }

    /// <summary>Writes UTF-8 text that may hold anything as a JSON string.</summary>
    public void EscapedValue(ReadOnlySpan<byte> text)
    {
        Byte((byte)'"');
        Escaped(text);
        Byte((byte)'"');
    }

    /// <summary>Writes a part of the inside of a JSON string.</summary>
    public void Escaped(ReadOnlySpan<byte> text)
    {
        // A long text is escaped in pieces: six times its length would be a needlessly large buffer.
        const int Piece = 16 * 1024;
        while (text.Length > 0)
        {
            var piece = text[..Math.Min(text.Length, Piece)];
            Reserve(Escapes.MaxBytes(piece.Length));
            _used += Escapes.Write(piece, _bytes.AsSpan(_used));
            text = text[piece.Length..];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Byte(byte b)
    {
        Reserve(1);
        _bytes[_used++] = b;
    }

    public void Number(int value)
    {
        Reserve(11);
        Utf8Formatter.TryFormat(value, _bytes.AsSpan(_used), out var written);
        _used += written;
    }

    /// <summary>Leaves room for what is not known yet, and says how far from the start.</summary>
    public int Gap(int bytes)
    {
        Reserve(bytes);
        _used += bytes;
        return _used - bytes - _start;
    }

    /// <summary>Writes a UTC time, see <see cref="EcsTime.Write"/>.</summary>
    public void Time(long ticks)
    {
        Reserve(EcsTime.MaxBytes);
        _used += EcsTime.Write(ticks, _bytes.AsSpan(_used));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Reserve(int bytes)
    {
        if (_bytes.Length - _used < bytes)
        {
            Grow(bytes);
        }
    }

    private void Grow(int bytes)
    {
        var written = Written;
        var size = Math.Max(written.Length * 2, written.Length + bytes);
        _bytes = _batch is null ? new byte[size] : _batch.Room(size, out _start);
        written.CopyTo(_bytes.AsSpan(_start));
        _used = _start + written.Length;
    }
}
