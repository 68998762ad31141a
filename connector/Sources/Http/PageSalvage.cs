using System.Text.Json;

namespace ActivityConnector.Sources.Http;

/// <summary>
/// Reads a page that is not valid JSON, one element at a time. After an element that cannot be read, it looks for the next place where a
/// record starts; what stands between becomes one broken element. One bad record must not stop a source for ever.
/// </summary>
/// <remarks>
/// A record is looked for after a comma or a bracket: an object that parses, is followed by a comma or a bracket, and has an id and a time,
/// so that an object inside a broken record is not taken for one. No more bytes are parsed than twice the page.
/// </remarks>
internal sealed class PageSalvage
{
    private static readonly JsonReaderState Start = new(new JsonReaderOptions { MaxDepth = int.MaxValue });

    /// <summary>The state of a reader behind the array of records.</summary>
    private static readonly JsonReaderState BehindArray = StateBehindArray();

    private readonly VendorPage _page;
    private readonly PageShape _shape;
    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly byte[] _quotedPaging;
    private long _left;
    private bool _hasWholeHead;
    private bool _mayBeCut;
    private bool _endsInString;

    private PageSalvage(VendorPage page, PageShape shape)
    {
        _page = page;
        _shape = shape;
        _bytes = page.Bytes;
        _left = 2L * _bytes.Length;
        _quotedPaging = [(byte)'"', .. shape.Paging, (byte)'"'];
    }

    private ReadOnlySpan<byte> Bytes => _bytes.Span;

    /// <summary>Fills <paramref name="page"/> with what can be read, and says how many bytes were parsed.</summary>
    /// <exception cref="JsonException">The page is cut off, or has no array of records.</exception>
    public static long Split(VendorPage page, PageShape shape)
    {
        var salvage = new PageSalvage(page, shape);
        page.Clear();
        page.IsSalvaged = true;
        if (PreviousByte(salvage.Bytes, salvage.Bytes.Length) is not (>= 0 and var last) || salvage.Bytes[last] != '}') throw new JsonException("cut off");

        var isEndKnown = salvage.ReadArray(salvage.FindArray());
        page.HasReadablePaging = isEndKnown && salvage.IsPagingGood();
        if (!page.HasReadablePaging) page.Paging = default;
        return (2L * salvage.Bytes.Length) - salvage._left;
    }

    /// <summary>Where the first element may start. Notes the paging value on the way there.</summary>
    private int FindArray()
    {
        var reader = new Utf8JsonReader(Bytes, isFinalBlock: false, Start);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) throw new JsonException("not an object");

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var (isRecords, isPaging) = (PageElement.IsText(ref reader, _shape.Records), PageElement.IsText(ref reader, _shape.Paging));
                if (!reader.Read()) break;

                if (isRecords && reader.TokenType == JsonTokenType.StartArray)
                {
                    _left -= reader.BytesConsumed;
                    _hasWholeHead = true;
                    return (int)reader.BytesConsumed;
                }

                var start = (int)reader.TokenStartIndex;
                if (!reader.TrySkip()) break;
                if (isPaging) _page.Paging = _bytes[start..(int)reader.BytesConsumed];
            }
        }
        catch (JsonException) when (reader.TokenType != JsonTokenType.None)
        {
            // Something before the array is broken.
        }

        var from = (int)reader.BytesConsumed;
        _left -= Cost(Bytes, from);
        byte[] name = [(byte)'"', .. _shape.Records, (byte)'"'];
        for (int found; (found = Bytes[from..].IndexOf(name)) >= 0;)
        {
            from += found + name.Length;
            var colon = NextByte(Bytes, from);
            var bracket = Is(colon, ':') ? NextByte(Bytes, colon + 1) : -1;
            if (Is(bracket, '[')) return bracket + 1;
        }

        throw new JsonException("no array of records");
    }

    /// <summary>Reads from element to element. False when it is not certain where the array ends.</summary>
    private bool ReadArray(int at)
    {
        var first = NextByte(Bytes, at);
        if (Is(first, ']') && TryReadRest(first + 1)) return true;

        var part = Read(at);
        while (true)
        {
            if (part.Problem is not null)
            {
                if (Find(at + 1) is not { } found) return EndInside(at, part.Problem);

                AddBroken(at, found.Start, part.Problem);
                part = found;
            }

            Add(part);
            at = part.Next;
            if (Bytes[at - 1] == ',')
            {
                part = Read(at);
            }
            else if (TryReadRest(at))
            {
                return true;
            }
            else if (Find(at) is { } found)
            {
                // It was the end of another array, inside of a broken record.
                AddBroken(at, found.Start, part.Problem ?? "It stands between two records and belongs to none.");
                part = found;
            }
            else
            {
                return _mayBeCut ? throw new JsonException("cut off") : TryFindRest(at, out _);
            }
        }
    }

    /// <summary>The last element is broken, so the array's end can only be found from the page's end.</summary>
    private bool EndInside(int at, string problem)
    {
        if (_mayBeCut) throw new JsonException("cut off");

        if (!TryFindRest(at, out var rest)) rest = PreviousByte(Bytes, Bytes.Length);
        var bracket = PreviousByte(Bytes, rest);
        var hasBracket = bracket >= at && Bytes[bracket] == ']';
        AddBroken(at, hasBracket ? bracket : rest, problem);
        return hasBracket && !_endsInString;
    }

    /// <summary>Reads the element that starts at <paramref name="at"/>, and the byte that must follow it.</summary>
    private Part Read(int at)
    {
        at = NextByte(Bytes, at) is >= 0 and var start ? start : Bytes.Length;
        var text = Bytes[at..(int)Math.Min(Bytes.Length, at + _left)];
        var reader = new Utf8JsonReader(text, isFinalBlock: false, Start);
        try
        {
            if (!reader.Read() || !PageElement.TryRead(ref reader, _bytes[at..], _shape, out var element))
            {
                if (at + text.Length == Bytes.Length)
                {
                    var isString = NextToken(text, (int)reader.BytesConsumed) is var token && token < text.Length && text[token] == '"';
                    (_mayBeCut, _endsInString) = (!isString, isString);
                }

                _left -= text.Length;
                return new(at, default, 0, "Its end cannot be found.");
            }

            _left -= reader.BytesConsumed;
            var end = at + (int)reader.BytesConsumed;
            var next = NextByte(Bytes, end);
            if (Is(next, ',') || Is(next, ']')) return new(at, element, next + 1, null);

            _mayBeCut |= next < 0;
            return new(at, default, 0, "No comma and no bracket follows it.");
        }
        catch (JsonException e)
        {
            _left -= Cost(text, (int)reader.BytesConsumed);
            return new(at, default, 0, $"It is not valid JSON: line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}.");
        }
    }

    /// <summary>The next record at or after <paramref name="at"/>; null when there is none, or when enough was parsed.</summary>
    private Part? Find(int at)
    {
        while (_left > 0 && Bytes[at..].IndexOf((byte)'{') is >= 0 and var found)
        {
            at += found;
            if (PreviousByte(Bytes, at) is >= 0 and var before && Bytes[before] is (byte)',' or (byte)'[')
            {
                var part = Read(at);
                if (part.Problem is null)
                {
                    if (part.Element.IsRecord) return part;

                    at += part.Element.Json.Length - 1;
                }
            }

            at++;
        }

        return null;
    }

    /// <summary>Reads the page's members behind the array to the page's end.</summary>
    private bool TryReadRest(int at)
    {
        var reader = new Utf8JsonReader(Bytes[at..], isFinalBlock: false, BehindArray);
        ReadOnlyMemory<byte> paging = default;
        try
        {
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isPaging = PageElement.IsText(ref reader, _shape.Paging);
                if (!reader.Read()) break;

                var start = at + (int)reader.TokenStartIndex;
                if (!reader.TrySkip()) break;
                if (isPaging) paging = _bytes[start..(at + (int)reader.BytesConsumed)];
            }
        }
        catch (JsonException)
        {
            _left -= Cost(Bytes[at..], (int)reader.BytesConsumed);
            return false;
        }

        _left -= reader.BytesConsumed;
        if (reader.TokenType != JsonTokenType.EndObject)
        {
            _left = Math.Min(_left, 2L * at);
            _mayBeCut = true;
            return false;
        }

        if (NextByte(Bytes, at + (int)reader.BytesConsumed) >= 0) return false;

        if (!paging.IsEmpty) _page.Paging = paging;
        return true;
    }

    /// <summary>Finds the paging value at the page's end, and where the members behind the array start.</summary>
    private bool TryFindRest(int from, out int rest)
    {
        rest = _page.Paging.IsEmpty && Bytes[from..].LastIndexOf(_quotedPaging) is >= 0 and var name ? PreviousByte(Bytes, from + name) : -1;
        return rest >= from && Bytes[rest] == ',' && TryReadRest(rest);
    }

    private bool IsPagingGood()
    {
        if (_page.Paging.IsEmpty && !_hasWholeHead) return false;

        try
        {
            _shape.CheckPaging(_page.Paging);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private void Add(in Part part)
    {
        (_mayBeCut, _endsInString) = (false, false);
        if (part.Element.Depth < PageElement.MaxDepth) part.Element.AddTo(_page);
        else _page.Broken.Add(new BrokenElement(part.Element.Json, part.Element.Json.Length, $"It is nested deeper than {PageElement.MaxDepth} levels."));
    }

    /// <summary>Adds what stands between two places, without the comma at its end.</summary>
    private void AddBroken(int from, int to, string problem)
    {
        to = PreviousByte(Bytes, to) + 1;
        if (to > from && Bytes[to - 1] == ',') to = PreviousByte(Bytes, to - 1) + 1;
        from = NextByte(Bytes, from);
        if (from >= 0 && from < to) _page.Broken.Add(new BrokenElement(_bytes[from..to], to - from, problem));
    }

    private bool Is(int at, char what) => at >= 0 && Bytes[at] == what;

    /// <summary>How far a reader came that stopped at an error in the token behind <paramref name="consumed"/>.</summary>
    private static int Cost(ReadOnlySpan<byte> text, int consumed)
    {
        var at = NextToken(text, consumed);
        if (at < text.Length && text[at] == '"')
        {
            for (at++; at < text.Length && text[at] is not (byte)'"' and >= (byte)' '; at++)
            {
                if (text[at] == '\\') at++;
            }
        }
        else
        {
            while (at < text.Length && text[at] is not ((byte)',' or (byte)']' or (byte)'}')) at++;
        }

        return Math.Min(at + 1, text.Length);
    }

    private static int NextToken(ReadOnlySpan<byte> text, int at)
    {
        while (at < text.Length && text[at] is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t' or (byte)',' or (byte)':') at++;
        return at;
    }

    /// <summary>The place of the first byte at or after <paramref name="at"/> that is not white space; -1 without one.</summary>
    private static int NextByte(ReadOnlySpan<byte> bytes, int at) =>
        bytes[at..].IndexOfAnyExcept(" \n\r\t"u8) is >= 0 and var found ? at + found : -1;

    /// <summary>The place of the last byte before <paramref name="at"/> that is not white space; -1 without one.</summary>
    private static int PreviousByte(ReadOnlySpan<byte> bytes, int at) => bytes[..at].LastIndexOfAnyExcept(" \n\r\t"u8);

    private static JsonReaderState StateBehindArray()
    {
        var reader = new Utf8JsonReader("{\"\":[]"u8, isFinalBlock: false, Start);
        while (reader.Read())
        {
            // To the end of the array.
        }

        return reader.CurrentState;
    }

    /// <summary>What was read at one place.</summary>
    /// <param name="Start">The place.</param>
    /// <param name="Element">Without a problem: what was read.</param>
    /// <param name="Next">Without a problem: the place behind the comma or bracket that follows.</param>
    /// <param name="Problem">Why it cannot be read; null when it can.</param>
    private readonly record struct Part(int Start, PageElement Element, int Next, string? Problem);
}
