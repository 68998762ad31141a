using System.Buffers.Binary;

namespace ActivityConnector.Journals.Kafka;

/// <summary>
/// Confluent's wire format: a zero byte, the schema's id as four bytes, big-endian, and the JSON. A topic may hold such values beside plain ones.
/// </summary>
internal static class FramedValue
{
    private const byte Magic = 0;
    private const int HeadBytes = 5;

    public static byte[] Of(int schemaId, ReadOnlySpan<byte> json)
    {
        var value = new byte[HeadBytes + json.Length];
        value[0] = Magic;
        BinaryPrimitives.WriteInt32BigEndian(value.AsSpan(1), schemaId);
        json.CopyTo(value.AsSpan(HeadBytes));
        return value;
    }

    /// <summary>The JSON of a value in either form. No JSON begins with a zero byte.</summary>
    public static ReadOnlyMemory<byte> JsonOf(byte[] value) => value is [Magic, _, _, _, _, ..] ? value.AsMemory(HeadBytes) : value;
}
