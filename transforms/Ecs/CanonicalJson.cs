using System.Security.Cryptography;
using System.Text;

namespace ActivityConnector.Transforms;

/// <summary>
/// One text for one value: members sorted by UTF-16 unit, no white space, numbers as they stand, escapes as RFC 8785, a name twice: the last counts.
/// (Mapping 11.7.)
/// </summary>
internal sealed class CanonicalJson(RecordTree record)
{
    private readonly EventWriter _writer = new(record);

    /// <summary>The canonical text; valid until the next call.</summary>
    public ReadOnlySpan<byte> Of(int node)
    {
        _writer.Clear();
        Write(node);
        return _writer.Written;
    }

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
                WriteString(node);
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

    private void WriteString(int node) => _writer.EscapedValue(Exact(node));

    /// <summary>The string with its U+0000, which its text leaves out.</summary>
    private ReadOnlySpan<byte> Exact(int node)
    {
        ref var value = ref record.Nodes[node];
        return record[value.HasNul ? Escapes.Remove(record, value.Raw, keepNul: true, out _) : value.Text];
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

        if (separator == '[')
        {
            _writer.Byte(separator);
        }

        _writer.Byte((byte)']');
    }

    private void WriteObject(int node)
    {
        var members = new SortedDictionary<string, int>(StringComparer.Ordinal);
        for (var i = node + 1; i < record.Nodes[node].Next; i = record.Nodes[i + 1].Next)
        {
            members[Encoding.UTF8.GetString(Exact(i))] = i;
        }

        var separator = (byte)'{';
        foreach (var name in members.Values)
        {
            _writer.Byte(separator);
            WriteString(name);
            _writer.Byte((byte)':');
            Write(name + 1);
            separator = (byte)',';
        }

        if (separator == '{')
        {
            _writer.Byte(separator);
        }

        _writer.Byte((byte)'}');
    }
}
