using System.Text.Json;

namespace ActivityConnector.Sources.Http;

/// <summary>Splits a page into slices, one a record, in one pass and without making objects of them.</summary>
internal static class PageSplitter
{
    // Two more than a record may have: the page's object and its array.
    private static readonly JsonReaderOptions Options = new() { MaxDepth = PageElement.MaxDepth + 2 };

    /// <exception cref="JsonException">The page is not JSON, is cut off, or is not of the shape.</exception>
    public static void Split(VendorPage page, PageShape shape)
    {
        var bytes = page.Bytes;
        var reader = new Utf8JsonReader(bytes.Span, Options);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) throw new JsonException("not an object");

        var hasRecords = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (PageElement.IsText(ref reader, shape.Records))
            {
                reader.Read();
                if (reader.TokenType != JsonTokenType.StartArray) throw new JsonException("no array of records");

                hasRecords = true;
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    PageElement.TryRead(ref reader, bytes, shape, out var element);
                    element.AddTo(page);
                }
            }
            else if (PageElement.IsText(ref reader, shape.Paging))
            {
                reader.Read();
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                page.Paging = bytes[start..(int)reader.BytesConsumed];
            }
            else if (shape.Type is not null && PageElement.IsText(ref reader, "type"u8))
            {
                reader.Read();
                if (reader.TokenType != JsonTokenType.String || !PageElement.IsText(ref reader, shape.Type)) throw new JsonException("another type of answer");
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

        if (!hasRecords) throw new JsonException("no array of records");
        shape.CheckPaging(page.Paging);
    }
}
