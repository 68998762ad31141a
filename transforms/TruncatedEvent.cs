using System.Text.Json;

namespace ActivityConnector.Transforms;

/// <summary>An event that is too large for where it has to go, without the vendor's own text.</summary>
public static class TruncatedEvent
{
    private const string Tag = "truncated";

    /// <summary>The same event, under the same id, without <c>event.original</c> and with the tag <c>truncated</c>; <c>event.hash</c> still tells the text.</summary>
    /// <param name="original">An event of this library; its JSON must still be valid.</param>
    /// <param name="output">Keeps the new event's JSON; the event itself is not added.</param>
    /// <returns>Null when it has no <c>event.original</c>.</returns>
    public static EcsEvent? Make(EcsEvent original, EventBatch output)
    {
        ArgumentNullException.ThrowIfNull(original);
        ArgumentNullException.ThrowIfNull(output);
        var json = original.Json.Span;
        if (Find(json) is not { } found)
        {
            return null;
        }

        // With the comma before it: an event always has its time first.
        byte[] shorter = [.. json[..(found.Start - 1)], .. json[found.End..]];
        return original.With(output.Keep(TagPlace.Find(shorter, Tag).Insert(shorter)));
    }

    private static (int Start, int End)? Find(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (start, isOriginal) = ((int)reader.TokenStartIndex, reader.ValueTextEquals("event.original"));
            reader.Read();
            reader.Skip();
            if (isOriginal)
            {
                return (start, (int)reader.BytesConsumed);
            }
        }

        return null;
    }
}
