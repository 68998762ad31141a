using ActivityConnector.Transforms.Ecs;

namespace ActivityConnector.Transforms;

/// <summary>An event that is too large for where it has to go, without the vendor's own text.</summary>
public static class TruncatedEvent
{
    private const string Tag = "truncated";

    /// <summary>
    /// The same event, under the same id, without <c>event.original</c> and with the tag <c>truncated</c>; <c>event.hash</c> still tells
    /// the text.
    /// </summary>
    /// <param name="original">An event of this library; its JSON must still be valid.</param>
    /// <param name="output">Keeps the new event's JSON; the event itself is not added.</param>
    /// <returns>Null when it has no <c>event.original</c>.</returns>
    public static EcsEvent? Make(EcsEvent original, EventBatch output)
    {
        ArgumentNullException.ThrowIfNull(original);
        ArgumentNullException.ThrowIfNull(output);
        var fields = FlatFields.Read(original.Json.Span);
        if (fields.RemoveAll(field => field.Name == "event.original") == 0) return null;

        FlatFields.AddTag(fields, Tag);
        return original with { Json = output.Keep(FlatFields.Write(fields)) };
    }
}
