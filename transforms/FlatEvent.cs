using System.Text.Json;
using System.Text.Unicode;
using ActivityConnector.Transforms.Ecs;

namespace ActivityConnector.Transforms;

/// <summary>Tells a flat event from anything else, so that whatever reads events where others may write can rely on their form. Pure.</summary>
public static class FlatEvent
{
    /// <summary>
    /// What keeps the text from being an event, without a value of it; null when it is one: one line of UTF-8 from brace to brace, a JSON
    /// object whose values are scalars or arrays of scalars, with <c>@timestamp</c>, no name twice or above another, and without
    /// <c>event.ingested</c>, which a sink adds.
    /// </summary>
    public static string? Trouble(ReadOnlySpan<byte> text)
    {
        if (text is not [(byte)'{', .., (byte)'}']) return "its value is no JSON object";
        if (text.ContainsAny((byte)'\n', (byte)'\r')) return "its value is more than one line";
        if (!Utf8.IsValid(text)) return "its value is not UTF-8";

        try
        {
            return TroubleOf(text);
        }
        catch (JsonException)
        {
            return "its value is not JSON";
        }
    }

    private static string? TroubleOf(ReadOnlySpan<byte> text)
    {
        var reader = new Utf8JsonReader(text);
        reader.Read();
        var before = ReadOnlySpan<byte>.Empty;
        var (isSorted, hasTime) = (true, false);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            if (reader.ValueIsEscaped) return "its value has an escaped name";

            if (IsEqualOrAbove(name, "event.ingested"u8) || IsEqualOrAbove("event.ingested"u8, name)) return "its value has event.ingested";

            isSorted &= before.IsEmpty || (FieldOrder.Compare(before, name) < 0 && !IsEqualOrAbove(before, name));
            var isTime = name.SequenceEqual("@timestamp"u8);
            reader.Read();
            hasTime |= isTime && reader.TokenType == JsonTokenType.String;
            if (!IsDecodable(ref reader)) return "its value has a text that cannot be decoded";

            if (reader.TokenType == JsonTokenType.StartObject || (reader.TokenType == JsonTokenType.StartArray && !IsOfScalars(ref reader)))
            {
                return "its value is not flat";
            }

            before = name;
        }

        // Anything that follows the object is an error.
        reader.Read();
        return !hasTime ? "its value has no @timestamp" : isSorted || HaveRoom(text) ? null : "its value has a name twice, or one above another";
    }

    private static bool IsOfScalars(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray || !IsDecodable(ref reader)) return false;
        }

        return true;
    }

    /// <summary>False for half a surrogate pair in an escape, which JSON allows: reading the text later would fail.</summary>
    private static bool IsDecodable(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String || !reader.ValueIsEscaped || reader.ValueSpan.IndexOf("\\u"u8) < 0) return true;

        try
        {
            _ = reader.GetString();
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>Whether the names, which are in no order, can stand side by side.</summary>
    private static bool HaveRoom(ReadOnlySpan<byte> text)
    {
        var names = new List<byte[]>();
        var reader = new Utf8JsonReader(text);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName) names.Add(reader.ValueSpan.ToArray());
        }

        names.Sort((a, b) => FieldOrder.Compare(a, b));
        return !names.Zip(names.Skip(1)).Any(pair => IsEqualOrAbove(pair.First, pair.Second));
    }

    /// <summary>Whether a name is the other one, or the object that holds it.</summary>
    private static bool IsEqualOrAbove(ReadOnlySpan<byte> name, ReadOnlySpan<byte> other) =>
        other.StartsWith(name) && (other.Length == name.Length || other[name.Length] == '.');
}
