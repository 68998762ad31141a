using System.Text;
using System.Text.Json;

namespace ActivityConnector.Transforms;

/// <summary>Where one more tag goes in a finished event and as what: into the array, or as a new field in its place in the order.</summary>
internal readonly record struct TagPlace(int At, string Text)
{
    public static TagPlace Find(ReadOnlySpan<byte> json, string tag)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            var start = (int)reader.TokenStartIndex;
            if (FieldOrder.Compare(name, "tags"u8) > 0)
            {
                return new(start, $"\"tags\":[\"{tag}\"],");
            }

            reader.Read();
            if (name.SequenceEqual("tags"u8))
            {
                var isTagged = false;
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    isTagged |= reader.ValueTextEquals(tag);
                }

                return new((int)reader.TokenStartIndex, isTagged ? "" : $",\"{tag}\"");
            }
            else
            {
                reader.Skip();
            }
        }

        return new(json.Length - 1, $",\"tags\":[\"{tag}\"]");
    }

    public byte[] Insert(ReadOnlySpan<byte> json) => [.. json[..At], .. Encoding.UTF8.GetBytes(Text), .. json[At..]];
}
