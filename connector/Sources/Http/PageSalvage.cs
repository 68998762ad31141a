using System.Text.Json;

namespace ActivityConnector.Sources.Http;

/// <summary>
/// Splits a page that stays broken after every retry: finds the bounds of its parts by brackets and quotes alone, keeps the records
/// that are JSON and sets the others aside. One bad record must not stop a source for ever.
/// </summary>
internal static class PageSalvage
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 256 };

    /// <exception cref="JsonException">Even the bounds cannot be found, as in a page that is cut off.</exception>
    public static void Split(VendorPage page, PageShape shape)
    {
        var bytes = page.Bytes;
        page.Records.Clear();
        page.Broken.Clear();
        page.Nulls = 0;
        var hasRecords = false;
        var at = Expect(bytes.Span, 0, (byte)'{');
        while (Peek(bytes.Span, ref at) == '"')
        {
            var nameEnd = EndOfValue(bytes.Span, at);
            var name = bytes.Span[(at + 1)..(nameEnd - 1)];
            at = Expect(bytes.Span, nameEnd, (byte)':');
            Peek(bytes.Span, ref at);
            var end = EndOfValue(bytes.Span, at);
            if (name.SequenceEqual(shape.Records) && bytes.Span[at] == '[')
            {
                hasRecords = true;
                SplitArray(page, shape, bytes, at + 1);
            }
            else if (name.SequenceEqual(shape.Paging))
            {
                page.Paging = bytes[at..end];
            }

            at = end;
            if (Peek(bytes.Span, ref at) != ',') break;

            at++;
        }

        Expect(bytes.Span, at, (byte)'}');
        PageSplitter.Check(page, shape, hasRecords);
    }

    private static void SplitArray(VendorPage page, PageShape shape, ReadOnlyMemory<byte> bytes, int at)
    {
        while (Peek(bytes.Span, ref at) != ']')
        {
            var end = EndOfValue(bytes.Span, at);
            Add(page, shape, bytes[at..end]);
            at = end;
            if (Peek(bytes.Span, ref at) == ',') at++;
        }
    }

    private static void Add(VendorPage page, PageShape shape, ReadOnlyMemory<byte> element)
    {
        var (records, broken) = (page.Records.Count, page.Broken.Count);
        try
        {
            var reader = new Utf8JsonReader(element.Span, Options);
            reader.Read();
            PageSplitter.SplitElement(ref reader, page, element, shape);
            reader.Read();
        }
        catch (JsonException)
        {
            page.Records.RemoveRange(records, page.Records.Count - records);
            page.Broken.RemoveRange(broken, page.Broken.Count - broken);
            page.Broken.Add(element);
        }
    }

    private static int EndOfValue(ReadOnlySpan<byte> bytes, int at)
    {
        var start = at;
        var depth = 0;
        for (; at < bytes.Length; at++)
        {
            switch (bytes[at])
            {
                case (byte)'"':
                    at = EndOfString(bytes, at);
                    if (depth == 0) return at + 1;
                    break;
                case (byte)'{' or (byte)'[':
                    depth++;
                    break;
                case (byte)'}' or (byte)']' when depth > 0:
                    if (--depth == 0) return at + 1;
                    break;
                case (byte)'}' or (byte)']' or (byte)',' when depth == 0 && at > start:
                    return at;
            }
        }

        throw new JsonException("cut off");
    }

    private static int EndOfString(ReadOnlySpan<byte> bytes, int at)
    {
        for (at++; at < bytes.Length; at++)
        {
            if (bytes[at] == '\\') at++;
            else if (bytes[at] == '"') return at;
        }

        throw new JsonException("cut off");
    }

    private static int Expect(ReadOnlySpan<byte> bytes, int at, byte what) =>
        Peek(bytes, ref at) == what ? at + 1 : throw new JsonException("not of the shape");

    private static byte Peek(ReadOnlySpan<byte> bytes, ref int at)
    {
        while (at < bytes.Length && bytes[at] is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t') at++;
        return at < bytes.Length ? bytes[at] : throw new JsonException("cut off");
    }
}
