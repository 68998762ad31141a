using System.Text.Json;

namespace ActivityConnector.Sources.Http;

/// <summary>Splits a page into slices, one a record, in one pass and without making objects of them.</summary>
internal static class PageSplitter
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 256 };

    /// <exception cref="JsonException">The page is not JSON, is cut off, or is not of the shape.</exception>
    public static void Split(VendorPage page, PageShape shape)
    {
        var bytes = page.Bytes;
        var reader = new Utf8JsonReader(bytes.Span, Options);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) throw new JsonException("not an object");

        var hasRecords = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals(shape.Records))
            {
                reader.Read();
                if (reader.TokenType != JsonTokenType.StartArray) throw new JsonException("no array of records");

                hasRecords = true;
                SplitArray(ref reader, page, bytes, shape);
            }
            else if (reader.ValueTextEquals(shape.Paging))
            {
                reader.Read();
                page.Paging = SkipValue(ref reader, bytes);
            }
            else if (shape.Type is not null && reader.ValueTextEquals("type"u8))
            {
                reader.Read();
                if (reader.TokenType != JsonTokenType.String || !reader.ValueTextEquals(shape.Type)) throw new JsonException("another type of answer");
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        while (reader.Read())
        {
            // Text after the page is an error that only a full read shows.
        }

        Check(page, shape, hasRecords);
    }

    public static void Check(VendorPage page, PageShape shape, bool hasRecords)
    {
        if (!hasRecords) throw new JsonException("no array of records");
        if (shape.NeedsPaging && (page.Paging.IsEmpty || page.Paging.Span[0] != (byte)'{')) throw new JsonException("no paging object");
    }

    /// <summary>Adds one element of the array of records, which <paramref name="reader"/> stands on.</summary>
    /// <param name="reader">Over <paramref name="bytes"/>.</param>
    /// <param name="page">What it is added to.</param>
    /// <param name="bytes">The text that <paramref name="reader"/> reads.</param>
    /// <param name="shape">Names the time.</param>
    public static void SplitElement(ref Utf8JsonReader reader, VendorPage page, ReadOnlyMemory<byte> bytes, PageShape shape)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                SplitRecord(ref reader, page, bytes, shape);
                break;
            case JsonTokenType.Null:
                page.Nulls++;
                break;
            default:
                // Not what the contract allows, but well-formed: it goes through and becomes an event that says so.
                page.Records.Add(new PageRecord(SkipValue(ref reader, bytes), ReadOnlyMemory<byte>.Empty, RecordTime.Unknown, page.ReceivedAt));
                break;
        }
    }

    private static void SplitArray(ref Utf8JsonReader reader, VendorPage page, ReadOnlyMemory<byte> bytes, PageShape shape)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            SplitElement(ref reader, page, bytes, shape);
        }
    }

    private static void SplitRecord(ref Utf8JsonReader reader, VendorPage page, ReadOnlyMemory<byte> bytes, PageShape shape)
    {
        var start = (int)reader.TokenStartIndex;
        var id = ReadOnlyMemory<byte>.Empty;
        var time = RecordTime.Unknown;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            var isId = name.SequenceEqual("id"u8);
            var isTime = !isId && name.SequenceEqual(shape.Time);
            reader.Read();
            if (isId && reader.TokenType is JsonTokenType.String or JsonTokenType.Number)
            {
                var quote = reader.TokenType == JsonTokenType.String ? 1 : 0;
                id = bytes.Slice((int)reader.TokenStartIndex + quote, reader.ValueSpan.Length);
            }
            else if (isTime)
            {
                time = RecordTime.Read(ref reader);
            }

            reader.Skip();
        }

        page.Records.Add(new PageRecord(bytes[start..(int)reader.BytesConsumed], id, time, page.ReceivedAt));
    }

    private static ReadOnlyMemory<byte> SkipValue(ref Utf8JsonReader reader, ReadOnlyMemory<byte> bytes)
    {
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return bytes[start..(int)reader.BytesConsumed];
    }
}
