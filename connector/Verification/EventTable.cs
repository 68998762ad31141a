using System.Buffers.Binary;
using System.Runtime.InteropServices;
using ActivityConnector.Transforms;

namespace ActivityConnector.Verification;

/// <summary>Where an event was met, and what was noticed about it.</summary>
[Flags]
internal enum Met
{
    None = 0,

    /// <summary>The vendor shows it.</summary>
    AtVendor = 1,

    /// <summary>The journal knows its id.</summary>
    Known = 1 << 1,

    /// <summary>The journal holds the event itself.</summary>
    Held = 1 << 2,
    HeldTwice = 1 << 3,

    /// <summary>It has the tag <c>revised</c>: a later content of a record.</summary>
    Revision = 1 << 4,

    /// <summary>The vendor gave no time for it, or the journal knows its id as that of such an event.</summary>
    Undated = 1 << 5,
    InSink = 1 << 6,
    InSinkTwice = 1 << 7,

    /// <summary>The sink has not acknowledged it.</summary>
    Waiting = 1 << 8,

    /// <summary>The vendor's content is neither the journal's nor that of a revision.</summary>
    Changed = 1 << 9,

    /// <summary>It is missing because the connector has not read so far.</summary>
    Unread = 1 << 10,

    /// <summary>It is missing in a range that is not known to be complete.</summary>
    InSuspectRange = 1 << 11,

    /// <summary>It is missing in a range that an operator accepted as a gap.</summary>
    InAcceptedGap = 1 << 12,

    /// <summary>It is of the connector itself: a change by an operator, which no vendor has.</summary>
    Own = 1 << 13,

    InJournal = Known | Held,
}

/// <summary>What is kept of one event: the table has millions of them.</summary>
internal struct MetEvent
{
    /// <summary>The content digest under which the journal knows it; 0 = none, or one that is not compared.</summary>
    public ulong Content;

    /// <summary>Hours since the Unix epoch; 0 = without a time.</summary>
    public uint Hour;

    /// <summary>The last 4 bytes of its document id; 0 while only its key is known.</summary>
    public uint IdEnd;

    public Met Met;

    /// <summary>The beginning of its hour; the epoch for one without a time.</summary>
    public readonly DateTimeOffset Time => DateTimeOffset.FromUnixTimeSeconds(Hour * 3600L);

    public readonly bool Is(Met any) => (Met & any) != 0;
}

/// <summary>The events of a range by the key of their document id, about 60 bytes each.</summary>
internal sealed class EventTable
{
    private readonly Dictionary<UInt128, MetEvent> _events = [];

    public IEnumerable<KeyValuePair<UInt128, MetEvent>> All => _events;

    /// <summary>The entry of a key, made when there is none. Valid until the next one is asked for.</summary>
    public ref MetEvent Of(UInt128 key) => ref CollectionsMarshal.GetValueRefOrAddDefault(_events, key, out _)!;

    public bool IsMet(UInt128 key, Met any) => _events.TryGetValue(key, out var e) && e.Is(any);

    public MetEvent? Find(UInt128 key) => _events.TryGetValue(key, out var e) ? e : null;

    /// <summary>Splits the text of a document id; false for a text that is none.</summary>
    public static bool TryParse(string id, out UInt128 key, out uint end)
    {
        (key, end) = (default, 0);
        Span<byte> bytes = stackalloc byte[DocumentId.Bytes];
        if (id.Length != 2 * DocumentId.Bytes || Convert.FromHexString(id, bytes, out _, out _) != System.Buffers.OperationStatus.Done) return false;

        (key, end) = (BinaryPrimitives.ReadUInt128BigEndian(bytes), BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]));
        return true;
    }

    /// <summary>The end of an id, as <see cref="MetEvent.IdEnd"/> has it.</summary>
    public static uint EndOf(DocumentId id)
    {
        Span<byte> bytes = stackalloc byte[DocumentId.Bytes];
        id.Write(bytes);
        return BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]);
    }

    /// <summary>The document id; its first 32 digits where only the key is known.</summary>
    public static string Text(UInt128 key, uint end) => end == 0 ? $"{key:x32}" : $"{key:x32}{end:x8}";
}
