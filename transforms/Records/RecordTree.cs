using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;
using System.Text.Unicode;

namespace ActivityConnector.Transforms;

/// <summary>One record, taken apart: its bytes, its nodes, and room for the text that is derived from it. Reused from record to record.</summary>
/// <remarks>All text lives in one buffer: first the record, then whatever was unescaped, lower-cased or joined.</remarks>
internal sealed class RecordTree
{
    /// <summary>Zeros after the record, so that the scanner may load whole vectors and needs no check for the end.</summary>
    internal const int Padding = 2 * StopMap.BytesPerWord;

    /// <summary>So much may be loaded from the start of any text, whatever its length, and from its end.</summary>
    internal const int Slack = 64;

    private byte[] _bytes = new byte[8192];
    private int _used;
    /// <summary>The nodes in document order; the root is node 0.</summary>
    public Node[] Nodes = new Node[256];

    public int Count;

    internal readonly StopMap Stops = new();

    /// <summary>False when the record is not JSON: then there are no nodes.</summary>
    public bool IsJson { get; private set; }

    public bool IsNull => Count == 1 && Nodes[0].Kind == NodeKind.Null;

    /// <summary>The text of a record that is not JSON, without U+0000.</summary>
    public Text NotJson { get; private set; }

    public int RecordLength { get; private set; }

    /// <summary>The record as it came, without white space around it; what is no JSON also without U+0000.</summary>
    public ReadOnlySpan<byte> Original => IsJson ? RawOf(0) : this[NotJson];

    public ReadOnlySpan<byte> this[Text text]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _bytes.AsSpan(text.Start, text.Length);
    }

    /// <summary>The eight bytes from a place on as a little-endian number. They may lie up to <see cref="Slack"/> bytes past the end of a text.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Word(int at)
    {
        var word = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_bytes), at));
        return BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word);
    }

    /// <summary>The first 32 bytes of a text and what stands after it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<byte> First32(Text text) => Vector256.LoadUnsafe(ref MemoryMarshal.GetArrayDataReference(_bytes), (nuint)text.Start);

    /// <summary>Copies a text in whole blocks: most are one block, so no branch depends on the length. Up to a block past it is overwritten.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void CopyBlocks(Text text, ref byte to)
    {
        ref var from = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_bytes), text.Start);
        var at = 0;
        do
        {
            Vector512.LoadUnsafe(ref from, (nuint)at).StoreUnsafe(ref to, (nuint)at);
            at += Slack;
        }
        while (at < text.Length);
    }

    /// <summary>The first eight bytes of a text as a number, zeros after a shorter one: numbers compare as texts do.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Prefix(Text text)
    {
        var bytes = BinaryPrimitives.ReadUInt64BigEndian(_bytes.AsSpan(text.Start));
        return text.Length >= 8 ? bytes : text.IsEmpty ? 0 : bytes & (ulong.MaxValue << (64 - (8 * text.Length)));
    }

    /// <summary>Text straight from the record holds nothing that JSON must escape.</summary>
    public bool IsPlain(Text text) => text.Start < RecordLength;

    /// <summary>A string of its own; widened, not decoded, where the whole record is ASCII.</summary>
    public string StringOf(Text text) => (IsPlain(text) && Stops.NotAscii is null ? Encoding.Latin1 : Encoding.UTF8).GetString(this[text]);

    public bool IsObject(int node) => node >= 0 && Nodes[node].Kind == NodeKind.Object;

    /// <summary>The text of a scalar; none for null, a container or no node at all.</summary>
    public Text TextOf(int node) => node < 0 ? default : Nodes[node].Text;

    /// <summary>The text of an identifier: strings and numbers only.</summary>
    public Text IdOf(int node) => node >= 0 && Nodes[node].Kind is NodeKind.String or NodeKind.Number ? Nodes[node].Text : default;

    /// <summary>The value as it stands in the record, quotes and brackets included.</summary>
    public ReadOnlySpan<byte> RawOf(int node)
    {
        var raw = Nodes[node].Raw;
        return Nodes[node].Kind == NodeKind.String ? _bytes.AsSpan(raw.Start - 1, raw.Length + 2) : _bytes.AsSpan(raw.Start, raw.Length);
    }

    /// <summary>The value of the member of that name, the last one if the name comes twice; -1 without one.</summary>
    public int Find(int node, ReadOnlySpan<byte> name)
    {
        var found = -1;
        if (IsObject(node))
        {
            for (var i = node + 1; i < Nodes[node].Next; i = Nodes[i + 1].Next)
            {
                if (this[Nodes[i].Text].SequenceEqual(name))
                {
                    found = i + 1;
                }
            }
        }

        return found;
    }

    /// <summary>Takes the record in. Bytes that are not UTF-8 become U+FFFD first, so every text is valid.</summary>
    public void Read(ReadOnlySpan<byte> record)
    {
        Take(record);
        if (Stops.NotAscii is { } range && !Utf8.IsValid(_bytes.AsSpan(range)))
        {
            record = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(record));
            Take(record);
        }

        Count = 0;
        IsJson = RecordReader.TryRead(this, ref MemoryMarshal.GetArrayDataReference(_bytes), record.Length);
        if (!IsJson)
        {
            Count = 0;
            NotJson = Append(record.Contains((byte)0) ? record.ToArray().Where(b => b != 0).ToArray() : record);
        }
    }

    /// <summary>Copies the record and marks its stops.</summary>
    private void Take(ReadOnlySpan<byte> record)
    {
        RecordLength = 0;
        _used = 0;
        Reserve(record.Length + Padding);
        _bytes.AsSpan(record.Length, Padding).Clear();
        Stops.Read(record, ref MemoryMarshal.GetArrayDataReference(_bytes));
        _used = record.Length + Padding;
        RecordLength = record.Length;
    }

    /// <summary>Adds derived text.</summary>
    public Text Append(ReadOnlySpan<byte> text)
    {
        var start = _used;
        text.CopyTo(Room(text.Length));
        _used += text.Length;
        return new(start, text.Length);
    }

    public Text Append(string text)
    {
        var start = _used;
        _used += Encoding.UTF8.GetBytes(text, Room(Encoding.UTF8.GetMaxByteCount(text.Length)));
        return new(start, _used - start);
    }

    /// <summary>Free room after the text so far; <see cref="Commit"/> what was written there. Do not append anything in between.</summary>
    public Span<byte> Room(int bytes)
    {
        Reserve(bytes);
        return _bytes.AsSpan(_used, bytes);
    }

    public Text Commit(int bytes)
    {
        var text = new Text(_used, bytes);
        _used += bytes;
        return text;
    }

    /// <summary>Twice as many nodes, of which the first half are the old ones.</summary>
    public Node[] GrowNodes()
    {
        Array.Resize(ref Nodes, Nodes.Length * 2);
        return Nodes;
    }

    private void Reserve(int bytes)
    {
        if (_bytes.Length - _used < bytes + Slack)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _used + bytes + Slack));
        }
    }
}
