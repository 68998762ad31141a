using System.Runtime.InteropServices;
using System.Security.Cryptography;
using ActivityConnector.Transforms.Records;

namespace ActivityConnector.Transforms.Ecs;

/// <summary>
/// One text for one value: members sorted by UTF-16 unit, no white space, numbers as they stand, escapes as RFC 8785, a name twice: the last counts.
/// (Mapping 1.4.)
/// </summary>
internal sealed class CanonicalJson(RecordTree record)
{
    private readonly EventWriter _writer = new(record);

    /// <summary>The members of the objects that are being written, the innermost last.</summary>
    private readonly List<(Text Name, int Node)> _members = [];
    private readonly Comparison<(Text Name, int Node)> _byName = (a, b) =>
    {
        var order = CompareByUtf16(record[a.Name], record[b.Name]);
        return order != 0 ? order : a.Node.CompareTo(b.Node);
    };

    /// <summary>The canonical text; valid until the next call.</summary>
    public ReadOnlySpan<byte> Of(int node)
    {
        _writer.Clear();
        Write(node);
        return _writer.Written;
    }

    /// <summary>The id of a record without one.</summary>
    public Text IdOfRecord() => Id(record.IsJson ? Of(0) : record.Original);

    /// <summary><c>sha256:</c> and the first 32 hex digits of the digest of <paramref name="content"/>.</summary>
    public Text Id(ReadOnlySpan<byte> content)
    {
        Span<byte> digest = stackalloc byte[32];
        SHA256.HashData(content, digest);
        return record.Append("sha256:" + Convert.ToHexStringLower(digest[..16]));
    }

    private void Write(int node)
    {
        switch (record.Nodes[node].Kind)
        {
            case NodeKind.String:
                _writer.Value(record.ExactTextOf(node));
                break;
            case NodeKind.Array:
                WriteArray(node);
                break;
            case NodeKind.Object:
                WriteObject(node);
                break;
            default:
                _writer.Literal(record.RawOf(node));
                break;
        }
    }

    /// <summary>Bytes sort as UTF-16 units do, but for the surrogates, which come before U+E000.</summary>
    private static int CompareByUtf16(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        var same = a.CommonPrefixLength(b);
        if (same == a.Length || same == b.Length) return a.Length.CompareTo(b.Length);

        var order = a[same].CompareTo(b[same]);
        return Math.Min(a[same], b[same]) is 0xEE or 0xEF && Math.Max(a[same], b[same]) >= 0xF0 ? -order : order;
    }

    private void WriteArray(int node)
    {
        var separator = (byte)'[';
        for (var i = node + 1; i < record.Nodes[node].Next; i = record.Nodes[i].Next)
        {
            _writer.Byte(separator);
            Write(i);
            separator = (byte)',';
        }

        if (separator == '[') _writer.Byte(separator);

        _writer.Byte((byte)']');
    }

    private void WriteObject(int node)
    {
        var first = _members.Count;
        for (var i = node + 1; i < record.Nodes[node].Next; i = record.Nodes[i + 1].Next) _members.Add((record.ExactTextOf(i), i));

        CollectionsMarshal.AsSpan(_members)[first..].Sort(_byName);
        var separator = (byte)'{';
        for (var (i, end) = (first, _members.Count); i < end; i++)
        {
            var (name, at) = _members[i];
            if (i + 1 < end && record[_members[i + 1].Name].SequenceEqual(record[name])) continue;

            _writer.Byte(separator);
            _writer.Value(name);
            _writer.Byte((byte)':');
            Write(at + 1);
            separator = (byte)',';
        }

        _members.RemoveRange(first, _members.Count - first);
        if (separator == '{') _writer.Byte(separator);

        _writer.Byte((byte)'}');
    }
}
