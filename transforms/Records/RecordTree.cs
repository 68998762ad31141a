using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace ActivityConnector.Transforms.Records;

/// <summary>One record, taken apart: its bytes, its nodes, and room for the text that is derived from it. Reused from record to record.</summary>
/// <remarks>All text lives in one buffer: first the record, then whatever was unescaped, lower-cased or joined.</remarks>
internal sealed class RecordTree
{
    /// <summary>Deeper records count as unreadable: it bounds the recursion of everything that walks the tree.</summary>
    internal const int MaxDepth = 512;

    /// <summary>So many bytes can be read from the end of any text on.</summary>
    internal const int Slack = 2 * sizeof(ulong);

    private byte[] _bytes = new byte[8192];
    private int _used;

    /// <summary>The nodes in document order; the root is node 0.</summary>
    public Node[] Nodes { get; private set; } = new Node[256];

    public int Count { get; private set; }

    /// <summary>False when the record is not JSON: then there are no nodes.</summary>
    public bool IsJson { get; private set; }

    public bool IsNull => Count == 1 && Nodes[0].Kind == NodeKind.Null;

    /// <summary>The text of a record that is not JSON, without U+0000.</summary>
    public Text NotJson { get; private set; }

    public int RecordLength { get; private set; }

    /// <summary>The record as it came, without white space around it; what is no JSON also without U+0000.</summary>
    public ReadOnlySpan<byte> Original => IsJson ? RawOf(0) : this[NotJson];

    public ReadOnlySpan<byte> this[Text text] => _bytes.AsSpan(text.Start, text.Length);

    /// <summary>A text and <see cref="Slack"/> bytes of no meaning after it, so that it can be read in blocks.</summary>
    public ReadOnlySpan<byte> WithSlack(Text text) => _bytes.AsSpan(text.Start, text.Length + Slack);

    /// <summary>Text straight from the record holds nothing that JSON must escape.</summary>
    public bool IsPlain(Text text) => text.Start < RecordLength;

    public string StringOf(Text text) => Encoding.UTF8.GetString(this[text]);

    public bool IsObject(int node) => node >= 0 && Nodes[node].Kind == NodeKind.Object;

    /// <summary>The text of a scalar; none for null, a container or no node at all.</summary>
    public Text TextOf(int node) => node < 0 ? default : Nodes[node].Text;

    /// <summary>The text of a scalar; none where it is only white space.</summary>
    public Text NonBlankTextOf(int node)
    {
        var text = TextOf(node);
        return Trimmed.Of(this, text).IsEmpty ? default : text;
    }

    /// <summary>The text of a scalar without the white space around it.</summary>
    public Text TrimmedTextOf(int node) => Trimmed.Of(this, TextOf(node));

    /// <summary>The text of an identifier: strings and numbers only, and more than white space.</summary>
    public Text IdOf(int node) => node >= 0 && Nodes[node].Kind is NodeKind.String or NodeKind.Number ? NonBlankTextOf(node) : default;

    /// <summary>The text of a string, or of a member's name, with its U+0000.</summary>
    public Text ExactTextOf(int node) =>
        Nodes[node].Loss.HasFlag(TextLoss.Nul) ? Escapes.Remove(this, Nodes[node].Raw, keepNul: true, out _) : Nodes[node].Text;

    /// <summary>The value as it stands in the record, quotes and brackets included.</summary>
    public ReadOnlySpan<byte> RawOf(int node)
    {
        var raw = Nodes[node].Raw;
        return Nodes[node].Kind == NodeKind.String ? _bytes.AsSpan(raw.Start - 1, raw.Length + 2) : _bytes.AsSpan(raw.Start, raw.Length);
    }

    /// <summary>The members of an object; none of anything else.</summary>
    public ObjectMembers MembersOf(int node) => new(this, node);

    /// <summary>The value of the member of that name, the last one if the name comes twice; -1 without one.</summary>
    public int Find(int node, ReadOnlySpan<byte> name)
    {
        var found = -1;
        var members = MembersOf(node);
        while (members.MoveNext())
        {
            if (members.Name.SequenceEqual(name)) found = members.Current;
        }

        return found;
    }

    /// <summary>Takes the record in. Bytes that are not UTF-8 become U+FFFD first, so every text is valid.</summary>
    public void Read(ReadOnlySpan<byte> record)
    {
        if (!Utf8.IsValid(record)) record = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(record));

        _used = RecordLength = 0;
        Append(record);
        RecordLength = record.Length;
        IsJson = TryReadNodes();
        if (!IsJson)
        {
            Count = 0;
            NotJson = Append(record.Contains((byte)0) ? record.ToArray().Where(b => b != 0).ToArray() : record);
        }
    }

    /// <summary>Adds derived text.</summary>
    public Text Append(ReadOnlySpan<byte> text)
    {
        text.CopyTo(Room(text.Length));
        return Commit(text.Length);
    }

    public Text Append(string text) => Commit(Encoding.UTF8.GetBytes(text, Room(Encoding.UTF8.GetMaxByteCount(text.Length))));

    /// <summary>Free room after the text so far; <see cref="Commit"/> what was written there. Do not append anything in between.</summary>
    public Span<byte> Room(int bytes)
    {
        if (_bytes.Length - _used < bytes + Slack)
        {
            Array.Resize(ref _bytes, (int)Math.Min(Math.Max(2L * _bytes.Length, (long)_used + bytes + Slack), Array.MaxLength));
        }

        return _bytes.AsSpan(_used, bytes);
    }

    public Text Commit(int bytes)
    {
        var text = new Text(_used, bytes);
        _used += bytes;
        return text;
    }

    /// <summary>Where derived text would be added now.</summary>
    public int Mark() => _used;

    /// <summary>Forgets the text that was derived since a mark, so that what is not kept takes no room.</summary>
    public void Forget(int mark) => _used = mark;

    private bool TryReadNodes()
    {
        Count = 0;
        var container = -1;
        var reader = new Utf8JsonReader(_bytes.AsSpan(0, RecordLength), new JsonReaderOptions { MaxDepth = MaxDepth });
        try
        {
            while (reader.Read())
            {
                var start = (int)reader.TokenStartIndex;
                switch (reader.TokenType)
                {
                    case JsonTokenType.StartObject or JsonTokenType.StartArray:
                        ref var opened = ref Add(reader.TokenType == JsonTokenType.StartObject ? NodeKind.Object : NodeKind.Array, new(start, 0), default);
                        // Until it closes, a container remembers the one around it.
                        opened.Next = container;
                        container = Count - 1;
                        break;
                    case JsonTokenType.EndObject or JsonTokenType.EndArray:
                        ref var closed = ref Nodes[container];
                        closed.Raw = new(closed.Raw.Start, start + 1 - closed.Raw.Start);
                        (container, closed.Next) = (closed.Next, Count);
                        break;
                    case JsonTokenType.PropertyName or JsonTokenType.String:
                        AddString(new(start + 1, reader.ValueSpan.Length), reader.ValueIsEscaped);
                        break;
                    default:
                        var raw = new Text(start, reader.ValueSpan.Length);
                        Add(KindOf(reader.TokenType), raw, reader.TokenType == JsonTokenType.Null ? default : raw);
                        break;
                }
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static NodeKind KindOf(JsonTokenType token) => token switch
    {
        JsonTokenType.True => NodeKind.True,
        JsonTokenType.False => NodeKind.False,
        JsonTokenType.Number => NodeKind.Number,
        _ => NodeKind.Null,
    };

    private void AddString(Text raw, bool isEscaped)
    {
        var loss = TextLoss.None;
        var text = isEscaped ? Escapes.Remove(this, raw, keepNul: false, out loss) : raw;
        Add(NodeKind.String, raw, text).Loss = loss;
    }

    private ref Node Add(NodeKind kind, Text raw, Text text)
    {
        if (Count == Nodes.Length)
        {
            var larger = Nodes;
            Array.Resize(ref larger, Count * 2);
            Nodes = larger;
        }

        ref var node = ref Nodes[Count++];
        node.Kind = kind;
        node.Loss = TextLoss.None;
        node.IsShadowed = false;
        node.Raw = raw;
        node.Text = text;
        node.Next = Count;
        return ref node;
    }
}
