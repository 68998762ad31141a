using System.Buffers;

namespace ActivityConnector.Journals.Sqlite;

/// <summary>Ids are hex digits outside and half as many bytes on disk.</summary>
internal static class HexId
{
    /// <exception cref="ArgumentException">It is not lower hex of just as many digits: reading it back would not give the same.</exception>
    public static void Write(Span<byte> bytes, string hex)
    {
        var status = Convert.FromHexString(hex, bytes, out _, out var written);
        if (status != OperationStatus.Done || written != bytes.Length || hex.AsSpan().ContainsAnyInRange('A', 'F'))
        {
            throw new ArgumentException($"{hex} is not an id of {2 * bytes.Length} lower hex digits.", nameof(hex));
        }
    }

    public static string Read(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);
}
