using System.Buffers.Text;
using System.Runtime.InteropServices;
using ActivityConnector.Transforms.Records;

namespace ActivityConnector.Transforms.Ecs;

/// <summary>Writes the fields of one event, in the order they are given, into a reused buffer.</summary>
/// <remarks>A field's name comes as finished JSON, <c>,"user.id":</c>, so that it costs one copy.</remarks>
internal sealed class EventWriter(RecordTree record)
{
    private byte[] _bytes = new byte[16 * 1024];
    private int _used;

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _used);

    /// <summary>The bytes written so far.</summary>
    public int Length => _used;

    /// <summary>Starts anew.</summary>
    public void Clear() => _used = 0;

    /// <summary>Copies finished JSON.</summary>
    public void Literal(ReadOnlySpan<byte> json) => json.CopyTo(Take(json.Length));

    public void Byte(byte b) => Take(1)[0] = b;

    /// <summary>Writes a text field; nothing for no text.</summary>
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
        Reserve(11);
        Utf8Formatter.TryFormat(value, _bytes.AsSpan(_used), out var written);
        _used += written;
    }

    /// <summary>Writes an array field, also for one value; nothing for none.</summary>
    public void Field(ReadOnlySpan<byte> name, List<Text> values)
    {
        if (values.Count == 0) return;

        Literal(name);
        var separator = (byte)'[';
        foreach (var value in CollectionsMarshal.AsSpan(values))
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
            Byte((byte)'"');
            Escaped(record[value]);
            Byte((byte)'"');
            return;
        }

        var room = Take(value.Length + 2);
        room[0] = (byte)'"';
        record[value].CopyTo(room[1..]);
        room[^1] = (byte)'"';
    }

    /// <summary>Writes a part of the inside of a JSON string.</summary>
    public void Escaped(ReadOnlySpan<byte> text)
    {
        // A long text is escaped in pieces: six times its length would be a needlessly large buffer.
        const int Piece = 16 * 1024;
        while (text.Length > 0)
        {
            var piece = text[..Math.Min(text.Length, Piece)];
            Reserve(piece.Length * Escapes.MaxBytes);
            _used += Escapes.Write(piece, _bytes.AsSpan(_used));
            text = text[piece.Length..];
        }
    }

    /// <summary>Writes bytes as lower-case hexadecimal digits.</summary>
    public void Hex(ReadOnlySpan<byte> bytes) => Convert.TryToHexStringLower(bytes, Take(bytes.Length * 2), out _);

    /// <summary>Writes a UTC time, see <see cref="EcsTime.Write"/>.</summary>
    public void Time(long ticks)
    {
        Reserve(EcsTime.MaxBytes);
        _used += EcsTime.Write(ticks, _bytes.AsSpan(_used));
    }

    private Span<byte> Take(int bytes)
    {
        Reserve(bytes);
        var room = _bytes.AsSpan(_used, bytes);
        _used += bytes;
        return room;
    }

    private void Reserve(int bytes)
    {
        if (_bytes.Length - _used < bytes) Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _used + bytes));
    }
}
