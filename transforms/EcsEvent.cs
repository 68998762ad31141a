using System.Text;

namespace ActivityConnector.Transforms;

/// <summary>One flat ECS event: its identity, what sinks route by, and its finished UTF-8 JSON.</summary>
/// <remarks>Immutable. <see cref="Json"/> belongs to the <see cref="EventBatch"/> that made it and is valid until that batch is cleared.</remarks>
public sealed record EcsEvent
{
    public required DocumentId DocumentId { get; init; }

    /// <summary>The text of <see cref="DocumentId"/>; made anew by each call.</summary>
    public string Id => DocumentId.ToString();

    /// <summary>What the journals keep to know the event again, see <see cref="DocumentId.Key"/>.</summary>
    public UInt128 Key => DocumentId.Key;

    /// <summary>
    /// What the record says, whatever its text looks like: order of members, white space, escapes, spelling of numbers and nulls do not count.
    /// Another value under the same <see cref="Key"/> means that the record says something else. The same on every machine, always; never 0.
    /// </summary>
    /// <remarks>
    /// It covers what <c>event.original</c> would hold: an Intercom record; a Sequence log with this item as its only one, so that an item more
    /// changes no other item's event.
    /// </remarks>
    public required ulong ContentDigest { get; init; }

    /// <summary>
    /// The record that the event was made of, as the vendor sent it; valid as long as <see cref="RawActivity.Json"/> is. Empty for an
    /// event without one.
    /// </summary>
    public ReadOnlyMemory<byte> Record { get; init; }

    /// <summary>The UTF-8 text of <see cref="EventId"/>; may be a part of <see cref="Json"/>, and is valid as long as that.</summary>
    public required ReadOnlyMemory<byte> EventIdText { get; init; }

    /// <summary>The vendor's own id (<c>event.id</c>), or a synthesized one; made anew by each call.</summary>
    public string EventId => Encoding.UTF8.GetString(EventIdText.Span);

    /// <summary>The value of <c>event.dataset</c>, for example <c>intercom.audit</c>.</summary>
    public required string Dataset { get; init; }

    /// <summary>The dataset of a vendor's events.</summary>
    public static string DatasetOf(string vendor) => vendor + ".audit";

    /// <summary>The value of <c>event.action</c>.</summary>
    public required string Action { get; init; }

    /// <summary>The vendor's account the record belongs to (<c>organization.id</c>).</summary>
    public required string Tenant { get; init; }

    /// <summary>The value of <c>@timestamp</c>, UTC, 100 ns resolution.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>False when the record had no usable time and <see cref="Time"/> is the time it was received.</summary>
    public required bool HasSourceTime { get; init; }

    /// <summary>The value of <c>user.id</c>, if any.</summary>
    public string? ActorId { get; init; }

    /// <summary>The business object that was acted upon, if the vendor names one.</summary>
    public string? ObjectId { get; init; }

    /// <summary>The value of <c>trace.id</c>: 32 lower hex digits, not all zero; if any.</summary>
    public string? TraceId { get; init; }

    /// <summary>True when the record could not be mapped in full (<c>event.kind: pipeline_error</c>).</summary>
    public bool IsPipelineError { get; init; }

    /// <summary>The whole event as one JSON object with dotted keys, without a line end.</summary>
    public required ReadOnlyMemory<byte> Json { get; init; }
}
