using System.Buffers;
using System.Text.Json;

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
        var fields = Read(flat);
        if (!IsSorted(fields))
        {
            fields = [.. fields.OrderBy(field => field.Name, Comparer<string>.Create(FieldOrder.Compare))];
        }

        output.Write("{"u8);
        var open = Array.Empty<string>();
        var isFirst = true;
        foreach (var field in fields)
        {
            var path = field.Name.Split('.');
            var shared = Shared(open, path);
            if (!isFirst && (shared == path.Length || shared == open.Length))
            {
                throw new FormatException($"'{field.Name}' and '{string.Join('.', open)}' cannot stand in one event: one is above the other.");
            }

            for (var level = open.Length - 1; level > shared; level--)
            {
                output.Write("}"u8);
            }

            if (!isFirst)
            {
                output.Write(","u8);
            }

            for (var level = shared; level < path.Length; level++)
            {
                output.Write(JsonFragment.Bytes(JsonFragment.Quote(path[level]) + (level < path.Length - 1 ? ":{" : ":")));
            }

            output.Write(flat.Slice(field.Start, field.Length));
            open = path;
            isFirst = false;
        }

        for (var level = open.Length - 1; level > 0; level--)
        {
            output.Write("}"u8);
        }

        output.Write("}"u8);
    }

    private static List<(string Name, int Start, int Length)> Read(ReadOnlySpan<byte> flat)
    {
        var fields = new List<(string, int, int)>(64);
        var reader = new Utf8JsonReader(flat);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new FormatException("A flat event is a JSON object.");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                throw new FormatException($"'{name}' is an object: the event is not flat.");
            }

            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            fields.Add((name, start, (int)reader.BytesConsumed - start));
        }

        return fields;
    }

    private static bool IsSorted(List<(string Name, int Start, int Length)> fields)
    {
        for (var i = 1; i < fields.Count; i++)
        {
            if (FieldOrder.Compare(fields[i - 1].Name, fields[i].Name) > 0)
            {
                return false;
            }
        }

        return true;
    }

    private static int Shared(string[] a, string[] b)
    {
        var shared = 0;
        while (shared < a.Length && shared < b.Length && a[shared] == b[shared])
        {
            shared++;
        }

        return shared;
    }
}
