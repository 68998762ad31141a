using System.Buffers.Binary;
using ActivityConnector.Pipeline;

namespace ActivityConnector.Journals.Kafka;

/// <summary>Known events of one source as one record of the checkpoints topic holds them.</summary>
/// <remarks>
/// The value is a format byte, the numbers of the first and the last commit, and 28 bytes for each event: hour, key, content; big-endian.
/// Format 1, of older builds, has no numbers, and its contents are digests of another kind: both are read as 0.
/// </remarks>
/// <param name="Number">Part of the record's key. A younger segment has a higher one.</param>
/// <param name="First">No event of the segment was committed before this checkpoint sequence.</param>
/// <param name="Last">No event of the segment was committed after this one.</param>
internal sealed record SeenSegment(int Number, long First, long Last, IReadOnlyList<SeenEvent> Events)
{
    private const byte Format = 2;
    private const byte OlderFormat = 1;
    private const int HeaderBytes = 1 + (2 * sizeof(long));

    /// <summary>Far above what a source can come to: numbers are counted up from the highest that is stored.</summary>
    private const int HighestNumber = int.MaxValue / 2;
    private const int EventBytes = sizeof(uint) + 16 + sizeof(ulong);

    /// <summary>How many events fit into a record of so many bytes.</summary>
    public static int MostEvents(int bytes) => (bytes - HeaderBytes) / EventBytes;

    /// <exception cref="FormatException">It is damaged.</exception>
    public static SeenSegment Parse(long number, ReadOnlySpan<byte> value)
    {
        var header = value is [Format, ..] ? HeaderBytes : 1;
        if (value is not [Format or OlderFormat, ..] || value.Length < header || (value.Length - header) % EventBytes != 0 || number is < 0 or > HighestNumber)
        {
            throw new FormatException($"The segment {number} of known events is damaged.");
        }

        var isOlder = value[0] == OlderFormat;
        var events = new List<SeenEvent>((value.Length - header) / EventBytes);
        for (var rest = value[header..]; rest.Length > 0; rest = rest[EventBytes..])
        {
            events.Add(new(
                new(BinaryPrimitives.ReadUInt128BigEndian(rest[sizeof(uint)..]), BinaryPrimitives.ReadUInt32BigEndian(rest)),
                isOlder ? 0 : BinaryPrimitives.ReadUInt64BigEndian(rest[(EventBytes - sizeof(ulong))..])));
        }

        return isOlder
            ? new((int)number, 0, 0, events)
            : new((int)number, BinaryPrimitives.ReadInt64BigEndian(value[1..]), BinaryPrimitives.ReadInt64BigEndian(value[(1 + sizeof(long))..]), events);
    }

    public byte[] ToBytes()
    {
        var bytes = new byte[HeaderBytes + (Events.Count * EventBytes)];
        bytes[0] = Format;
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(1), First);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(1 + sizeof(long)), Last);
        var rest = bytes.AsSpan(HeaderBytes);
        foreach (var (key, content) in Events)
        {
            BinaryPrimitives.WriteUInt32BigEndian(rest, key.Hour);
            BinaryPrimitives.WriteUInt128BigEndian(rest[sizeof(uint)..], key.Key);
            BinaryPrimitives.WriteUInt64BigEndian(rest[(EventBytes - sizeof(ulong))..], content);
            rest = rest[EventBytes..];
        }

        return bytes;
    }
}
