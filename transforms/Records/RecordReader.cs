using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ActivityConnector.Transforms;

/// <summary>A strict RFC 8259 reader that fills a <see cref="RecordTree"/> in one pass.</summary>
/// <remarks>
/// Utf8JsonReader alone costs three quarters of what JsonDocument.Parse does, and a mapping may cost only 2.5 times that, both SHA-256 included.
/// A test compares what both accept. The place and the count of nodes go in and come out of each part as numbers, or by reference to what is inlined:
/// so they stay in registers.
/// White space is looked for only where something else was expected: vendors send none.
/// </remarks>
internal static class RecordReader
{
    /// <summary>Deeper records count as unreadable: it bounds the recursion of everything that walks the tree.</summary>
    internal const int MaxDepth = 512;

    /// <summary>In place of the place after what was read.</summary>
    private const int Failed = -1;

    /// <param name="tree">Takes the nodes.</param>
    /// <param name="s">The record and its padding of zeros: at these every loop ends, so no place is checked.</param>
    /// <param name="length">The record's length.</param>
    public static bool TryRead(RecordTree tree, ref byte s, int length)
    {
        ref var stop = ref MemoryMarshal.GetArrayDataReference(tree.Stops.Places);
        var (nodes, count) = (tree.Nodes, 0);
        var (parent, inObject, depth) = (-1, false, 0);
        var i = SkipSpace(ref s, 0);

    Value:
        if (At(ref s, i) == '"')
        {
            stop = ref ReadString(tree, ref nodes, ref count, ref s, ref stop, ref i);
            if (Unsafe.IsNullRef(ref stop))
            {
                return false;
            }
        }
        else if (At(ref s, i) is (byte)'{' or (byte)'[')
        {
            if (depth++ == MaxDepth)
            {
                return false;
            }

            inObject = At(ref s, i) == '{';
            Add(tree, ref nodes, count, inObject ? NodeKind.Object : NodeKind.Array, new(i, 0));
            // Until it closes, a container remembers the one around it.
            nodes[count].Next = parent;
            parent = count++;
            i = SkipSpace(ref s, i + 1);
            if (At(ref s, i) != (inObject ? '}' : ']'))
            {
                if (inObject)
                {
                    goto Name;
                }

                goto Value;
            }
        }
        else if (IsSpace(At(ref s, i)))
        {
            i = SkipSpace(ref s, i);
            goto Value;
        }
        else
        {
            var (end, kind) = ReadLiteral(ref s, i);
            if (end == Failed)
            {
                return false;
            }

            Add(tree, ref nodes, count++, kind, new(i, end - i));
            i = end;
        }

    After:
        if (parent < 0)
        {
            tree.Count = count;
            return SkipSpace(ref s, i) == length;
        }

        if (At(ref s, i) == ',')
        {
            i++;
            if (inObject)
            {
                goto Name;
            }

            goto Value;
        }

        if (IsSpace(At(ref s, i)))
        {
            i = SkipSpace(ref s, i);
            goto After;
        }

        if (At(ref s, i) != (inObject ? '}' : ']'))
        {
            return false;
        }

        i++;
        ref var closed = ref nodes[parent];
        closed.Raw = new(closed.Raw.Start, i - closed.Raw.Start);
        (parent, closed.Next) = (closed.Next, count);
        inObject = parent >= 0 && nodes[parent].Kind == NodeKind.Object;
        depth--;
        goto After;

    Name:
        if (At(ref s, i) != '"')
        {
            i = SkipSpace(ref s, i);
        }

        if (At(ref s, i) != '"')
        {
            return false;
        }

        stop = ref ReadString(tree, ref nodes, ref count, ref s, ref stop, ref i);
        if (Unsafe.IsNullRef(ref stop))
        {
            return false;
        }

        if (At(ref s, i) != ':')
        {
            i = SkipSpace(ref s, i);
        }

        if (At(ref s, i++) == ':')
        {
            goto Value;
        }

        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte At(ref byte s, int i) => Unsafe.Add(ref s, i);

    private static (int End, NodeKind Kind) ReadLiteral(ref byte s, int i) => At(ref s, i) switch
    {
        (byte)'t' => (AfterWord(ref s, i, "true"u8), NodeKind.True),
        (byte)'f' => (AfterWord(ref s, i, "false"u8), NodeKind.False),
        (byte)'n' => (AfterWord(ref s, i, "null"u8), NodeKind.Null),
        _ => (AfterNumber(ref s, i), NodeKind.Number),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(RecordTree tree, scoped ref Node[] nodes, int at, NodeKind kind, Text raw)
    {
        if (at >= nodes.Length)
        {
            nodes = tree.GrowNodes();
        }

        ref var node = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(nodes), at);
        node.Kind = kind;
        node.Loss = TextLoss.None;
        node.IsShadowed = false;
        node.Raw = raw;
        node.Text = kind is > NodeKind.Null and < NodeKind.Object ? raw : default;
        node.Next = at + 1;
    }

    private static bool IsSpace(byte b) => b is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t';

    private static int SkipSpace(ref byte s, int i)
    {
        while (IsSpace(At(ref s, i)))
        {
            i++;
        }

        return i;
    }

    private static int AfterWord(ref byte s, int i, ReadOnlySpan<byte> word) =>
        MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref s, i), word.Length).SequenceEqual(word) ? i + word.Length : Failed;

    /// <param name="tree">Unescapes the text, and gives more nodes.</param>
    /// <param name="nodes">Takes the node.</param>
    /// <param name="count">The nodes so far.</param>
    /// <param name="s">The record and its padding.</param>
    /// <param name="stop">A stop that is not after the opening quote.</param>
    /// <param name="i">The opening quote; then the place after the closing one.</param>
    /// <returns>The stop after the closing quote; a null reference for what is no string.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref int ReadString(
        RecordTree tree, scoped ref Node[] nodes, scoped ref int count, scoped ref byte s, ref int stop, scoped ref int i)
    {
        while (stop < i)
        {
            // White space between values is of stops too.
            stop = ref Unsafe.Add(ref stop, 1);
        }

        stop = ref Unsafe.Add(ref stop, 1);
        var escaped = false;
        while (At(ref s, stop) != '"')
        {
            // The padding is of zeros, which are control characters: it ends here at the latest.
            if (At(ref s, stop) != '\\' || EscapeLength(ref s, stop) is not (> 0 and var length))
            {
                return ref Unsafe.NullRef<int>();
            }

            escaped = true;
            var next = stop + length;
            while (stop < next)
            {
                stop = ref Unsafe.Add(ref stop, 1);
            }
        }

        Add(tree, ref nodes, count, NodeKind.String, new(i + 1, stop - i - 1));
        if (escaped)
        {
            nodes[count].Text = Escapes.Remove(tree, nodes[count].Raw, keepNul: false, out nodes[count].Loss);
        }

        count++;

        i = stop + 1;
        return ref Unsafe.Add(ref stop, 1);
    }

    private static int EscapeLength(ref byte s, int i) => At(ref s, i + 1) switch
    {
        (byte)'"' or (byte)'\\' or (byte)'/' or (byte)'b' or (byte)'f' or (byte)'n' or (byte)'r' or (byte)'t' => 2,
        (byte)'u' when char.IsAsciiHexDigit((char)At(ref s, i + 2)) && char.IsAsciiHexDigit((char)At(ref s, i + 3))
            && char.IsAsciiHexDigit((char)At(ref s, i + 4)) && char.IsAsciiHexDigit((char)At(ref s, i + 5)) => 6,
        _ => 0,
    };

    private static int AfterNumber(ref byte s, int start)
    {
        var i = At(ref s, start) == '-' ? start + 1 : start;
        var whole = At(ref s, i) == '0' ? i + 1 : SkipDigits(ref s, i);
        if (whole == i)
        {
            return Failed;
        }

        i = whole;
        if (At(ref s, i) == '.')
        {
            var fraction = i + 1;
            if ((i = SkipDigits(ref s, fraction)) == fraction)
            {
                return Failed;
            }
        }

        if (At(ref s, i) is (byte)'e' or (byte)'E')
        {
            var exponent = At(ref s, i + 1) is (byte)'+' or (byte)'-' ? i + 2 : i + 1;
            if ((i = SkipDigits(ref s, exponent)) == exponent)
            {
                return Failed;
            }
        }

        return i;
    }

    private static int SkipDigits(ref byte s, int i)
    {
        while (char.IsAsciiDigit((char)At(ref s, i)))
        {
            i++;
        }

        return i;
    }
}
