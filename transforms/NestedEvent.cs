using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using ActivityConnector.Transforms.Ecs;

namespace ActivityConnector.Transforms;

/// <summary>A flat event as nested objects, for consumers that cannot read dotted names.</summary>
public static class NestedEvent
{
    /// <summary>
    /// Writes the event with every dotted name split into objects. Values and their order stay as they are. No name is a dotted
    /// prefix of another, so joining the names again gives the flat event back.
    /// </summary>
    /// <param name="flat">A flat event: one JSON object whose values are scalars or arrays of scalars.</param>
    /// <param name="output">Takes the nested JSON.</param>
    /// <exception cref="FormatException">A name is a dotted prefix of another, or there are objects inside.</exception>
    /// <exception cref="JsonException">The text is no JSON.</exception>
    public static void Write(ReadOnlySpan<byte> flat, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        var fields = CollectionsMarshal.AsSpan(Read(flat));
        Sort(fields, flat);
        // A dot becomes ":{" with its quotes, and later a brace.
        var to = output.GetSpan(flat.Length + (flat.Count((byte)'.') * 4));
        to[0] = (byte)'{';
        var at = 1;
        var open = ReadOnlySpan<byte>.Empty;
        foreach (var field in fields)
        {
            var name = field.Name(flat);
            var shared = Shared(open, name);
            if (at > 1)
            {
                at = Close(to, at, open[shared..]);
                to[at++] = (byte)',';
            }

            at = Open(to, at, name[shared..]);
            var value = flat.Slice(field.Start, field.Length);
            value.CopyTo(to[at..]);
            at += value.Length;
            open = name;
        }

        at = Close(to, at, open);
        to[at] = (byte)'}';
        output.Advance(at + 1);
    }

    private static List<Field> Read(ReadOnlySpan<byte> flat)
    {
        var fields = new List<Field>(64);
        var reader = new Utf8JsonReader(flat);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) throw new FormatException("A flat event is a JSON object.");

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (name, nameLength) = ((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length);
            reader.Read();
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                throw new FormatException($"'{Encoding.UTF8.GetString(flat.Slice(name, nameLength))}' is an object: the event is not flat.");
            }

            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            fields.Add(new(name, nameLength, start, (int)reader.BytesConsumed - start));
        }

        return fields;
    }

    /// <summary>By insertion: all but the last field of an event that is sent are in order already.</summary>
    private static void Sort(Span<Field> fields, ReadOnlySpan<byte> flat)
    {
        for (var i = 1; i < fields.Length; i++)
        {
            var (field, to) = (fields[i], i);
            for (; to > 0 && FieldOrder.Compare(fields[to - 1].Name(flat), field.Name(flat)) > 0; to--) fields[to] = fields[to - 1];

            fields[to] = field;
        }
    }

    /// <summary>How long the part of two names is that is the same objects, with its last dot.</summary>
    private static int Shared(ReadOnlySpan<byte> open, ReadOnlySpan<byte> name)
    {
        var same = name.CommonPrefixLength(open);
        if ((same == open.Length && same < name.Length && same > 0 && name[same] == '.') || (same == name.Length && (same == open.Length || open[same] == '.')))
        {
            throw new FormatException(
                $"'{Encoding.UTF8.GetString(name)}' and '{Encoding.UTF8.GetString(open)}' cannot stand in one event: one is above the other.");
        }

        return name[..same].LastIndexOf((byte)'.') + 1;
    }

    private static int Open(Span<byte> to, int at, ReadOnlySpan<byte> path)
    {
        to[at++] = (byte)'"';
        foreach (var b in path)
        {
            if (b == '.')
            {
                "\":{\""u8.CopyTo(to[at..]);
                at += 4;
            }
            else
            {
                to[at++] = b;
            }
        }

        "\":"u8.CopyTo(to[at..]);
        return at + 2;
    }

    private static int Close(Span<byte> to, int at, ReadOnlySpan<byte> path)
    {
        var objects = path.Count((byte)'.');
        to.Slice(at, objects).Fill((byte)'}');
        return at + objects;
    }

    /// <summary>Where a field's name stands, without its quotes, and its value.</summary>
    private readonly record struct Field(int NameStart, int NameLength, int Start, int Length)
    {
        public ReadOnlySpan<byte> Name(ReadOnlySpan<byte> flat) => flat.Slice(NameStart, NameLength);
    }
}
