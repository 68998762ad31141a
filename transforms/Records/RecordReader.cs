using System.Runtime.CompilerServices;

namespace ActivityConnector.Transforms;

/// <summary>A strict RFC 8259 reader that fills a <see cref="RecordTree"/> in one pass.</summary>
/// <remarks>
/// Utf8JsonReader alone costs three quarters of what JsonDocument.Parse does, and a mapping may cost only 2.5 times that, both SHA-256 included.
/// A test compares what both accept.
/// </remarks>
internal static class RecordReader
{
    /// <summary>Deeper records count as unreadable: it bounds the recursion of everything that walks the tree.</summary>
    internal const int MaxDepth = 512;

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
            if (!TryReadString(tree, s, ref i, ref stop))
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
        else if (!TryReadLiteral(tree, s, ref i))
        {
            return false;
        }

    After:
        i = SkipSpace(s, i);
        if (parent < 0)
        {
            return i == length;
        }

        if (s[i] == ',')
        {
            i = SkipSpace(s, i + 1);
            if (inObject)
            {
                goto Name;
            }

            goto Value;
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
        if (s[i] != '"' || !TryReadString(tree, s, ref i, ref stop))
        {
            return false;
        }

        i = SkipSpace(s, i);
        if (s[i] != ':')
        {
            return false;
        }

        i = SkipSpace(s, i + 1);
        goto Value;
    }

    private static bool TryReadLiteral(RecordTree tree, ReadOnlySpan<byte> s, ref int i) => s[i] switch
    {
        (byte)'t' => TryReadWord(tree, s, ref i, "true"u8, NodeKind.True),
        (byte)'f' => TryReadWord(tree, s, ref i, "false"u8, NodeKind.False),
        (byte)'n' => TryReadWord(tree, s, ref i, "null"u8, NodeKind.Null),
        _ => TryReadNumber(tree, s, ref i),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int SkipSpace(ReadOnlySpan<byte> s, int i) => s[i] > ' ' ? i : SkipMore(s, i);

    private static int SkipMore(ReadOnlySpan<byte> s, int i)
    {
        while (s[i] is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t')
        {
            i++;
        }

        return i;
    }

    private static bool TryReadWord(RecordTree tree, ReadOnlySpan<byte> s, ref int i, ReadOnlySpan<byte> word, NodeKind kind)
    {
        if (!s[i..].StartsWith(word))
        {
            return false;
        }

        tree.Add(kind, new(i, word.Length));
        i += word.Length;
        return true;
    }

    /// <param name="tree">Takes the node.</param>
    /// <param name="s">The record and its padding.</param>
    /// <param name="i">The opening quote; then what follows the closing one.</param>
    /// <param name="stop">The number of a stop that is not after the opening quote; then of the one after the closing quote.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryReadString(RecordTree tree, ReadOnlySpan<byte> s, ref int i, ref int stop)
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
                return false;
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

        i = end + 1;
        stop++;
        return true;
    }

    private static int EscapeLength(ReadOnlySpan<byte> s, int i) => s[i + 1] switch
    {
        (byte)'"' or (byte)'\\' or (byte)'/' or (byte)'b' or (byte)'f' or (byte)'n' or (byte)'r' or (byte)'t' => 2,
        (byte)'u' when char.IsAsciiHexDigit((char)s[i + 2]) && char.IsAsciiHexDigit((char)s[i + 3])
            && char.IsAsciiHexDigit((char)s[i + 4]) && char.IsAsciiHexDigit((char)s[i + 5]) => 6,
        _ => 0,
    };

    private static bool TryReadNumber(RecordTree tree, ReadOnlySpan<byte> s, ref int i)
    {
        var start = i;
        if (s[i] == '-')
        {
            i++;
        }

        if (s[i] == '0')
        {
            i++;
        }
        else if (!SkipDigits(s, ref i))
        {
            return false;
        }

        if (s[i] == '.')
        {
            i++;
            if (!SkipDigits(s, ref i))
            {
                return false;
            }
        }

        if (s[i] is (byte)'e' or (byte)'E')
        {
            i++;
            if (s[i] is (byte)'+' or (byte)'-')
            {
                i++;
            }

            if (!SkipDigits(s, ref i))
            {
                return false;
            }
        }

        tree.Add(NodeKind.Number, new(start, i - start));
        return true;
    }

    private static bool SkipDigits(ReadOnlySpan<byte> s, ref int i)
    {
        var start = i;
        while (char.IsAsciiDigit((char)s[i]))
        {
            i++;
        }

        return i > start;
    }
}
