using System.Runtime.CompilerServices;

namespace ActivityConnector.Transforms;

/// <summary>A strict RFC 8259 reader that fills a <see cref="RecordTree"/> in one pass.</summary>
/// <remarks>
/// Utf8JsonReader alone costs three quarters of what JsonDocument.Parse does, and a mapping may cost only 2.5 times that, both SHA-256 included.
/// A test compares what both accept. The place goes in and comes out of each part as a number, never by reference: so it stays in a register.
/// White space is looked for only where something else was expected: vendors send none.
/// </remarks>
internal static class RecordReader
{
    /// <summary>Deeper records count as unreadable: it bounds the recursion of everything that walks the tree.</summary>
    internal const int MaxDepth = 512;

    /// <summary>In place of the place after what was read.</summary>
    private const int Failed = -1;

    /// <param name="tree">Takes the nodes.</param>
    /// <param name="s">The record and its padding of zeros.</param>
    /// <param name="length">The record's length.</param>
    public static bool TryRead(RecordTree tree, ReadOnlySpan<byte> s, int length)
    {
        var (parent, inObject, depth) = (-1, false, 0);
        var (i, stop) = (SkipSpace(s, 0), 0);

    Value:
        if (s[i] == '"')
        {
            if ((i = ReadString(tree, s, i, ref stop)) == Failed)
            {
                return false;
            }
        }
        else if (s[i] is (byte)'{' or (byte)'[')
        {
            if (depth++ == MaxDepth)
            {
                return false;
            }

            inObject = s[i] == '{';
            var node = tree.Add(inObject ? NodeKind.Object : NodeKind.Array, new(i, 0));
            // Until it closes, a container remembers the one around it.
            tree.Nodes[node].Next = parent;
            parent = node;
            i = SkipSpace(s, i + 1);
            if (s[i] != (inObject ? '}' : ']'))
            {
                if (inObject)
                {
                    goto Name;
                }

                goto Value;
            }
        }
        else if (IsSpace(s[i]))
        {
            i = SkipSpace(s, i);
            goto Value;
        }
        else if ((i = ReadLiteral(tree, s, i)) == Failed)
        {
            return false;
        }

    After:
        if (parent < 0)
        {
            return SkipSpace(s, i) == length;
        }

        if (s[i] == ',')
        {
            i++;
            if (inObject)
            {
                goto Name;
            }

            goto Value;
        }

        if (IsSpace(s[i]))
        {
            i = SkipSpace(s, i);
            goto After;
        }

        if (s[i] != (inObject ? '}' : ']'))
        {
            return false;
        }

        i++;
        ref var closed = ref tree.Nodes[parent];
        closed.Raw = new(closed.Raw.Start, i - closed.Raw.Start);
        (parent, closed.Next) = (closed.Next, tree.Count);
        inObject = parent >= 0 && tree.Nodes[parent].Kind == NodeKind.Object;
        depth--;
        goto After;

    Name:
        if (s[i] != '"')
        {
            i = SkipSpace(s, i);
        }

        if (s[i] != '"' || (i = ReadString(tree, s, i, ref stop)) == Failed)
        {
            return false;
        }

        if (s[i] != ':')
        {
            i = SkipSpace(s, i);
        }

        if (s[i++] == ':')
        {
            goto Value;
        }

        return false;
    }

    private static int ReadLiteral(RecordTree tree, ReadOnlySpan<byte> s, int i) => s[i] switch
    {
        (byte)'t' => ReadWord(tree, s, i, "true"u8, NodeKind.True),
        (byte)'f' => ReadWord(tree, s, i, "false"u8, NodeKind.False),
        (byte)'n' => ReadWord(tree, s, i, "null"u8, NodeKind.Null),
        _ => ReadNumber(tree, s, i),
    };

    private static bool IsSpace(byte b) => b is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t';

    private static int SkipSpace(ReadOnlySpan<byte> s, int i)
    {
        while (IsSpace(s[i]))
        {
            i++;
        }

        return i;
    }

    private static int ReadWord(RecordTree tree, ReadOnlySpan<byte> s, int i, ReadOnlySpan<byte> word, NodeKind kind)
    {
        if (!s[i..].StartsWith(word))
        {
            return Failed;
        }

        tree.Add(kind, new(i, word.Length));
        return i + word.Length;
    }

    /// <param name="tree">Takes the node.</param>
    /// <param name="s">The record and its padding.</param>
    /// <param name="i">The opening quote.</param>
    /// <param name="stop">The number of a stop that is not after the opening quote; then of the one after the closing quote.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int ReadString(RecordTree tree, ReadOnlySpan<byte> s, int i, ref int stop)
    {
        var stops = tree.Stops.Places;
        while (stops[stop] < i)
        {
            // White space between values is of stops too.
            stop++;
        }

        var start = stops[stop] + 1;
        var end = stops[++stop];
        var escaped = false;
        while (s[end] != '"')
        {
            // The padding is of zeros, which are control characters: it ends here at the latest.
            if (s[end] != '\\' || EscapeLength(s, end) is not (> 0 and var length))
            {
                return Failed;
            }

            escaped = true;
            var next = end + length;
            while ((end = stops[++stop]) < next)
            {
            }
        }

        var node = tree.Add(NodeKind.String, new(start, end - start));
        if (escaped)
        {
            tree.Nodes[node].Text = Escapes.Remove(tree, tree.Nodes[node].Raw, keepNul: false, out tree.Nodes[node].HasNul);
        }

        stop++;
        return end + 1;
    }

    private static int EscapeLength(ReadOnlySpan<byte> s, int i) => s[i + 1] switch
    {
        (byte)'"' or (byte)'\\' or (byte)'/' or (byte)'b' or (byte)'f' or (byte)'n' or (byte)'r' or (byte)'t' => 2,
        (byte)'u' when char.IsAsciiHexDigit((char)s[i + 2]) && char.IsAsciiHexDigit((char)s[i + 3])
            && char.IsAsciiHexDigit((char)s[i + 4]) && char.IsAsciiHexDigit((char)s[i + 5]) => 6,
        _ => 0,
    };

    private static int ReadNumber(RecordTree tree, ReadOnlySpan<byte> s, int start)
    {
        var i = s[start] == '-' ? start + 1 : start;
        var whole = s[i] == '0' ? i + 1 : SkipDigits(s, i);
        if (whole == i)
        {
            return Failed;
        }

        i = whole;
        if (s[i] == '.')
        {
            var fraction = i + 1;
            if ((i = SkipDigits(s, fraction)) == fraction)
            {
                return Failed;
            }
        }

        if (s[i] is (byte)'e' or (byte)'E')
        {
            var exponent = s[i + 1] is (byte)'+' or (byte)'-' ? i + 2 : i + 1;
            if ((i = SkipDigits(s, exponent)) == exponent)
            {
                return Failed;
            }
        }

        tree.Add(NodeKind.Number, new(start, i - start));
        return i;
    }

    private static int SkipDigits(ReadOnlySpan<byte> s, int i)
    {
        while (char.IsAsciiDigit((char)s[i]))
        {
            i++;
        }

        return i;
    }
}
