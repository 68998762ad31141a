using System.Runtime.InteropServices;

namespace ActivityConnector.Transforms.Records;

/// <summary>Compares texts by what they contain.</summary>
internal sealed class TextComparer(RecordTree record) : IEqualityComparer<Text>
{
    public bool Equals(Text x, Text y) => record[x].SequenceEqual(record[y]);

    /// <summary>By the platform's hash of strings, which is seeded: texts that collide cannot be chosen. Two bytes count as one character.</summary>
    public int GetHashCode(Text text)
    {
        var bytes = record[text];
        return HashCode.Combine(string.GetHashCode(MemoryMarshal.Cast<byte, char>(bytes)), bytes.Length, bytes.IsEmpty ? 0 : bytes[^1]);
    }
}
