using System.Text.Json;

namespace ActivityConnector.Pipeline;

/// <summary>A flat event as nested objects. Flat keys are in ordinal order and none is the beginning of another, so one pass is enough.</summary>
public static class NestedEvent
{
    /// <summary>Writes the event with <c>{"user":{"id":1}}</c> for <c>{"user.id":1}</c>.</summary>
    /// <param name="flat">One JSON object of dotted keys whose values are scalars or arrays of scalars.</param>
    public static void Write(ReadOnlySpan<byte> flat, Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        var reader = new Utf8JsonReader(flat);
        reader.Read();
        writer.WriteStartObject();
        var open = ReadOnlySpan<byte>.Empty;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.ValueSpan;
            var path = key[..(key.LastIndexOf((byte)'.') + 1)];
            var common = CommonSegments(open, path);
            for (var closing = open[common..].Count((byte)'.'); closing > 0; closing--)
            {
                writer.WriteEndObject();
            }

            foreach (var segment in path[common..].Split((byte)'.'))
            {
                if (path[common..][segment] is { IsEmpty: false } name)
                {
                    writer.WriteStartObject(name);
                }
            }

            open = path;
            writer.WritePropertyName(key[path.Length..]);
            reader.Read();
            var from = (int)reader.TokenStartIndex;
            reader.Skip();
            writer.WriteRawValue(flat[from..(int)reader.BytesConsumed], skipInputValidation: true);
        }

        for (var closing = open.Count((byte)'.'); closing > 0; closing--)
        {
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    /// <summary>The length of the beginning, in whole segments, that both paths have.</summary>
    private static int CommonSegments(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b) => a[..a.CommonPrefixLength(b)].LastIndexOf((byte)'.') + 1;
}
