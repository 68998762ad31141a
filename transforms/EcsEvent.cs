using System.Buffers.Binary;
using System.Text;

namespace ActivityConnector.Transforms;

/// <summary>One flat ECS event: its identity, what sinks route by, and its finished UTF-8 JSON.</summary>
/// <remarks>Immutable. <see cref="Json"/> belongs to the <see cref="EventBatch"/> that made it and is valid until that batch is cleared.</remarks>
public sealed class EcsEvent
{
    private string? _id;
    private string? _eventId;
    private int _eventIdAt;
    private int _eventIdLength;
    private UInt128 _key;
    private uint _idTail;

    /// <summary>
    /// Document id: the first 40 hex digits of SHA-256 over <c>v1\n dataset \n tenant \n event.id</c>; a revised event adds
    /// <c>\n</c> and the 16 hex digits of <see cref="ContentHash"/>. The same record has the same id for ever.
    /// </summary>
    public required string Id
    {
        // Two threads at once make the same text twice: no harm.
        get => _id ??= DocumentId.Hex(_key, _idTail);
        init => _id = value;
    }

    /// <summary>The first 16 bytes of <see cref="Id"/>'s digest, big-endian: what the journals keep to know it again.</summary>
    public required UInt128 Key
    {
        get => _key;
        init => _key = value;
    }

    /// <summary>
    /// What the record says, whatever its text looks like: order of members, white space, escapes, spelling of numbers and nulls do not count.
    /// Another value under the same <see cref="Key"/> means that the record says something else. The same on every machine, for ever; never 0.
    /// </summary>
    /// <remarks>
    /// It covers what <c>event.original</c> would hold: an Intercom record; a Sequence log with this item as its only one, so that an item more
    /// changes no other item's event.
    /// </remarks>
    public required ulong ContentHash { get; init; }

    /// <summary>The record that the event was made of, as the vendor sent it; valid as long as <see cref="RawActivity.Json"/> is. Empty for an event without one.</summary>
    public ReadOnlyMemory<byte> Record { get; init; }

    /// <summary>The vendor's own id (<c>event.id</c>), or a synthesized one. First read while <see cref="Json"/> is valid.</summary>
    public required string EventId
    {
        get => _eventId ??= Encoding.UTF8.GetString(Json.Span.Slice(_eventIdAt, _eventIdLength));
        init => _eventId = value;
    }

    /// <summary>The value of <c>event.dataset</c>, for example <c>intercom.audit</c>.</summary>
    public required string Dataset { get; init; }

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

    /// <summary>The same event with other JSON, and with an id of its own if one is given.</summary>
    internal EcsEvent With(ReadOnlyMemory<byte> json, byte[]? idDigest = null)
    {
        var other = new EcsEvent
        {
            Id = Id,
            Key = Key,
            ContentHash = ContentHash,
            Record = Record,
            EventId = EventId,
            Dataset = Dataset,
            Action = Action,
            Tenant = Tenant,
            Time = Time,
            HasSourceTime = HasSourceTime,
            ActorId = ActorId,
            ObjectId = ObjectId,
            TraceId = TraceId,
            IsPipelineError = IsPipelineError,
            Json = json,
        };
        if (idDigest is not null)
        {
            other.Identify(idDigest);
        }

        return other;
    }

    /// <summary>Says where in the JSON the event's id stands, in place of a text that few will read; it has no escapes.</summary>
    internal void LocateEventId(int at, int length) => (_eventId, _eventIdAt, _eventIdLength) = (null, at, length);

    /// <summary>Completes an event that was made before its id was known; nobody else has seen it yet.</summary>
    internal void Identify(ReadOnlySpan<byte> idDigest)
    {
        _id = null;
        _key = BinaryPrimitives.ReadUInt128BigEndian(idDigest);
        _idTail = BinaryPrimitives.ReadUInt32BigEndian(idDigest[16..]);
    }
}
