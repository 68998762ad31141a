using System.Text;
using System.Text.Json;

namespace ActivityConnector.Transforms.Ecs;

/// <summary>One field of a flat event and its values as text.</summary>
internal sealed record FlatField(string Name, List<string> Values, bool IsArray, bool IsNumber);

/// <summary>A flat event as a list of fields. For the rare paths: it allocates.</summary>
internal static class FlatFields
{
    private const string Tags = "tags";

    public static List<FlatField> Read(ReadOnlySpan<byte> json)
    {
        var fields = new List<FlatField>();
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            var values = new List<string>();
            var isArray = reader.TokenType == JsonTokenType.StartArray;
            var isNumber = reader.TokenType == JsonTokenType.Number;
            if (!isArray)
            {
                values.Add(ValueOf(ref reader));
            }
            else
            {
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) values.Add(ValueOf(ref reader));
            }

            fields.Add(new(name, values, isArray, isNumber));
        }

        return fields;
    }

    /// <summary>Adds a tag after those that are there, or the field in its place in the order.</summary>
    public static void AddTag(List<FlatField> fields, string tag)
    {
        if (fields.Find(field => field.Name == Tags) is not { } tags)
        {
            var at = fields.FindIndex(field => FieldOrder.Compare(Encoding.UTF8.GetBytes(field.Name), "tags"u8) > 0);
            fields.Insert(at < 0 ? fields.Count : at, new(Tags, [tag], IsArray: true, IsNumber: false));
        }
        else if (!tags.Values.Contains(tag))
        {
            tags.Values.Add(tag);
        }
    }

    public static byte[] Write(List<FlatField> fields)
    {
        var json = string.Concat(fields.Select(field => field switch
        {
            { IsArray: true } => JsonFragment.Field(field.Name, field.Values),
            { IsNumber: true } => $",\"{field.Name}\":{field.Values[0]}",
            _ => JsonFragment.Field(field.Name, field.Values[0]),
        }));
        return Encoding.UTF8.GetBytes("{" + json[1..] + "}");
    }

    private static string ValueOf(ref Utf8JsonReader reader)
        => reader.TokenType == JsonTokenType.String ? reader.GetString()! : Encoding.UTF8.GetString(reader.ValueSpan);
}
