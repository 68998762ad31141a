using System.Buffers.Text;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ActivityConnector.Transforms;

/// <summary>Writes the fields of one event, in the order they are given, into a reused buffer or where a batch will keep it.</summary>
/// <remarks>A field's name comes as finished JSON, <c>,"user.id":</c>, so that it costs one copy.</remarks>
internal sealed class EventWriter(RecordTree record)
{
    private const int LikelyBytes = 4 * 1024;

    /// <summary>So much is always free: a field's name needs no look at the room.</summary>
    private const int NameRoom = 64;

    private byte[] _bytes = new byte[LikelyBytes];
    private EventBatch? _batch;
    private int _start;
    private int _used;
    private readonly byte[] _date = new byte[EcsTime.MaxBytes];
    private long _day = -1;

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(_start, _used - _start);

    /// <summary>The bytes written so far.</summary>
    public int Length => _used - _start;

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
        Put(json);
        _used += json.Length;
    }

    /// <summary>Writes a text field; nothing for no text. Inlined, so that a name of known length is copied in registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Field(ReadOnlySpan<byte> name, Text value)
    {
        if (!value.IsEmpty)
        {
            if (name.Length > NameRoom)
            {
                ThrowNameTooLong();
            }

            Put(name);
            ValueAfter(name.Length, value);
        }
    }

    /// <summary>Writes the name of a field that ends in a text of its own: <c>,"intercom.metadata.</c>, then the text.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Name(ReadOnlySpan<byte> start, Text end)
    {
        Reserve(start.Length + end.Length + RecordTree.Slack);
        Put(start);
        record.CopyBlocks(end, ref At(start.Length));
        "\":"u8.CopyTo(MemoryMarshal.CreateSpan(ref At(start.Length + end.Length), 2));
        _used += start.Length + end.Length + 2;
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
        foreach (var value in CollectionsMarshal.AsSpan(values))
        {
            Element(separator, value);
            separator = (byte)',';
        }

        Byte((byte)']');
    }

    /// <summary>Writes an array's element after the bracket or the comma before it.</summary>
    public void Element(byte separator, Text value)
    {
        At(0) = separator;
        ValueAfter(1, value);
    }

    /// <summary>Writes text as a JSON string.</summary>
    public void Value(Text value) => ValueAfter(0, value);

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

    /// <summary>Writes a UTC time, see <see cref="EcsTime.Write"/>. The date is kept: most records are of the day of the one before.</summary>
    public void Time(long ticks)
    {
        Reserve(EcsTime.MaxBytes);
        var to = _bytes.AsSpan(_used, EcsTime.MaxBytes);
        var day = ticks / TimeSpan.TicksPerDay;
        if (day != _day)
        {
            EcsTime.WriteDate(ticks, _date);
            _day = day;
        }

        _date.CopyTo(to);
        _used += EcsTime.WriteTimeOfDay(ticks, to);
    }

    /// <summary>
    /// Writes text after bytes that were put and not counted yet: every count waits for the one before it, so a name and its value share one.
    /// </summary>
    private void ValueAfter(int put, Text value)
    {
        Reserve(put + value.Length + RecordTree.Slack + 2);
        if (!record.IsPlain(value))
        {
            _used += put;
            EscapedValue(record[value]);
            return;
        }

        ref var to = ref At(put);
        to = (byte)'"';
        record.CopyBlocks(value, ref Unsafe.Add(ref to, 1));
        Unsafe.Add(ref to, value.Length + 1) = (byte)'"';
        _used += put + value.Length + 2;
    }

    /// <summary>A place so many bytes after what is written; room for it must be reserved.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref byte At(int offset) => ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_bytes), _used + offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Put(ReadOnlySpan<byte> json) => json.CopyTo(MemoryMarshal.CreateSpan(ref At(0), json.Length));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Reserve(int bytes)
    {
        if (_bytes.Length - _used < bytes + NameRoom)
        {
            Grow(bytes + NameRoom);
        }
    }

    private static void ThrowNameTooLong() => throw new ArgumentException($"A field's name and its signs have at most {NameRoom} bytes.");

    private void Grow(int bytes)
    {
        // With what was put and not counted.
        var written = _bytes.AsSpan(_start, Length + NameRoom);
        var length = Length;
        var size = Math.Max(length * 2, length + bytes);
        _bytes = _batch is null ? new byte[size] : _batch.Room(size, out _start);
        written.CopyTo(_bytes.AsSpan(_start));
        _used = _start + length;
    }
}
