using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ActivityConnector.Transforms.Ecs;

namespace ActivityConnector.Transforms;

/// <summary>A record seen again with other content: a second event, because the first one is evidence and never overwritten.</summary>
public static class RevisedEvent
{
    private const string Tag = "revised";

    /// <summary>
    /// The same event with the tag <c>revised</c> last in <c>tags</c>, and an id of its own that <see cref="EcsEvent.ContentDigest"/> is part of.
    /// <c>event.id</c> stays the source's.
    /// </summary>
    /// <param name="original">An event of this library; its JSON must still be valid.</param>
    /// <param name="output">Keeps the new event's JSON; the event itself is not added.</param>
    public static EcsEvent Make(EcsEvent original, EventBatch output)
    {
        ArgumentNullException.ThrowIfNull(original);
        ArgumentNullException.ThrowIfNull(output);
        var fields = FlatFields.Read(original.Json.Span);
        FlatFields.AddTag(fields, Tag);
        return original with { DocumentId = IdOf(original, original.ContentDigest), Json = output.Keep(FlatFields.Write(fields)) };
    }

    /// <summary>The <see cref="EcsEvent.Key"/> that the revision of this event had or would have with another content.</summary>
    public static UInt128 KeyOf(EcsEvent original, ulong contentHash)
    {
        ArgumentNullException.ThrowIfNull(original);
        return IdOf(original, contentHash).Key;
    }

    private static DocumentId IdOf(EcsEvent e, ulong contentHash)
        => new(SHA256.HashData(Encoding.UTF8.GetBytes(
            string.Create(CultureInfo.InvariantCulture, $"{DocumentId.PrefixOf(e.Dataset, e.Tenant)}{e.EventId}\n{contentHash:x16}"))));
}
