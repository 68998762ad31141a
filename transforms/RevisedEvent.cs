namespace ActivityConnector.Transforms;

/// <summary>A record seen again with other content: a second event, because the first one is evidence and never overwritten.</summary>
public static class RevisedEvent
{
    private const string Tag = "revised";

    /// <summary>
    /// The same event with the tag <c>revised</c> last in <c>tags</c>, and an id of its own that <see cref="EcsEvent.ContentHash"/> is part of.
    /// <c>event.id</c> stays the source's.
    /// </summary>
    /// <param name="original">An event of this library; its JSON must still be valid.</param>
    /// <param name="output">Keeps the new event's JSON; the event itself is not added.</param>
    public static EcsEvent Make(EcsEvent original, EventBatch output)
    {
        ArgumentNullException.ThrowIfNull(original);
        ArgumentNullException.ThrowIfNull(output);
        var json = original.Json.Span;
        return original.With(output.Keep(TagPlace.Find(json, Tag).Insert(json)), DocumentId.OfRevision(original, original.ContentHash));
    }

    /// <summary>The <see cref="EcsEvent.Key"/> that the revision of this event had or would have with another content.</summary>
    public static UInt128 KeyOf(EcsEvent original, ulong contentHash)
    {
        ArgumentNullException.ThrowIfNull(original);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(DocumentId.OfRevision(original, contentHash));
    }
}
