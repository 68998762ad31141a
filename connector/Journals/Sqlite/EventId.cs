using System.Buffers;

namespace ActivityConnector.Journals.Sqlite;

/// <summary>Ids are hex digits outside and half as many bytes on disk.</summary>
internal static class EventId
{
    /// <summary>The part of <paramref name="bytes"/> that holds the id.</summary>
    /// <exception cref="ArgumentException">It is not lower hex of at most 40 digits: reading it back would not give the same.</exception>
    public static ReadOnlySpan<byte> Write(Span<byte> bytes, string hex)
    {
        var status = Convert.FromHexString(hex, bytes, out _, out var written);
        return status == OperationStatus.Done && !hex.AsSpan().ContainsAnyInRange('A', 'F')
            ? bytes[..written]
            : throw new ArgumentException($"{hex} is not an id: up to {2 * bytes.Length} lower hex digits.", nameof(hex));
    }

    public static string Read(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);
}
