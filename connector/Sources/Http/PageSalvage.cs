using System.Text.Json;

namespace ActivityConnector.Sources.Http;

/// <summary>
/// Reads a page that is not valid JSON, one element at a time. After an element that cannot be read, it looks for the next place where a
/// record starts; what stands between becomes one broken element. One bad record must not stop a source permanently.
/// </summary>
/// <remarks>
/// A record is looked for after a comma or a bracket: an object that parses, is followed by a comma or a bracket, and has an id and
/// a time or a kind of activity, so that an object inside a broken record is not taken for one. A broken record whose end is missing
/// costs a parse of the rest of the page: no more bytes are parsed than eight times the page, and a page that is not read to its end
/// by then is not shown to be complete.
/// </remarks>
internal sealed class PageSalvage
{
    private const long MostParses = 8;

    private static readonly JsonReaderState Start = new(new JsonReaderOptions { MaxDepth = int.MaxValue });

    /// <summary>The state of a reader that has read the page's first bracket.</summary>
    private static readonly JsonReaderState InPage = StateAfter("{"u8);

    /// <summary>The state of a reader that has read the array of records.</summary>
    private static readonly JsonReaderState BehindArray = StateAfter("{\"\":[]"u8);

    private readonly VendorPage _page;
    private readonly PageShape _shape;
    private readonly ReadOnlyMemory<byte> _bytes;

    /// <summary>The bytes that may still be parsed.</summary>
    private long _left;

    /// <summary>The array's elements end before this place.</summary>
    private int _end;

    /// <summary>Everything up to the array could be read.</summary>
    private bool _hasHead;

    /// <summary>The paging value was found behind the array, and everything from there to the page's end is as it should be.</summary>
    private bool _hasTail;

    /// <summary>Since the last record, the text ended before a value did.</summary>
    private bool _mayBeCut;

    /// <summary>As <see cref="_mayBeCut"/>, but inside of a string: a quote is missing.</summary>
    private bool _endsInString;

    private PageSalvage(VendorPage page, PageShape shape)
    {
        _page = page;
        _shape = shape;
        _bytes = page.Bytes;
        _left = MostParses * _bytes.Length;
    }

    private ReadOnlySpan<byte> Bytes => _bytes.Span;

    private ReadOnlySpan<byte> Array => _bytes.Span[.._end];

    /// <summary>Fills <paramref name="page"/> with what can be read, and returns how many bytes were parsed.</summary>
    /// <exception cref="JsonException">The page is cut off, or has no array of records.</exception>
    public static long Split(VendorPage page, PageShape shape)
    {
        var salvage = new PageSalvage(page, shape);
        page.Clear();
        page.IsSalvaged = true;
        salvage.Split();
        return (MostParses * page.Bytes.Length) - salvage._left;
    }

    private void Split()
    {
        _end = PreviousByte(Bytes, Bytes.Length);
        if (!IsAt(_end, '}') || !IsAt(NextByte(Bytes, 0), '{')) throw new JsonException("cut off");

        var start = FindArray();
        FindTail(start);
        _mayBeCut = false;
        var isEndKnown = ReadArray(start);
        _page.HasReadablePaging = isEndKnown && IsPagingGood();
        if (!_page.HasReadablePaging) _page.Paging = default;
    }

    /// <summary>Where the first element may start.</summary>
    private int FindArray()
    {
        var start = ReadMembers(NextByte(Bytes, 0) + 1, InPage, isBeforeArray: true);
        _hasHead = start >= 0;
        if (_hasHead) return start;

        var name = Quoted(_shape.Records);
        for (int at = 0, found; (found = Bytes[at..].IndexOf(name)) >= 0;)
        {
            at += found + name.Length;
            var colon = NextByte(Bytes, at);
            var bracket = IsAt(colon, ':') ? NextByte(Bytes, colon + 1) : -1;
            if (IsAt(bracket, '[')) return bracket + 1;
        }

        throw new JsonException("no array of records");
    }

    /// <summary>Looks for the paging value from the page's end.</summary>
    private void FindTail(int start)
    {
        if (!_page.Paging.IsEmpty || Bytes[start..].LastIndexOf(Quoted(_shape.Paging)) is not (>= 0 and var name)) return;

        var comma = PreviousByte(Bytes, start + name);
        _hasTail = comma >= start && Bytes[comma] == ',' && ReadMembers(comma, BehindArray, isBeforeArray: false) >= 0;
        if (_hasTail) _end = comma;
    }

    /// <summary>Reads from element to element. False when it is not certain that this is the page's whole array.</summary>
    private bool ReadArray(int at)
    {
        if (NextByte(Array, at) is >= 0 and var first && Bytes[first] == ']' && IsEnd(first + 1)) return true;

        for (var part = Read(at); ;)
        {
            if (part.Problem is { } problem)
            {
                if (Find(Math.Min(at + 1, _end)) is not { } next) return EndInside(at, problem);

                AddBroken(at, next.Start, problem);
                part = next;
            }

            Add(part);
            at = part.Next;
            if (Bytes[at - 1] == ',')
            {
                part = Read(at);
            }
            else if (IsEnd(at))
            {
                return true;
            }
            else if (Find(at) is { } next)
            {
                // The bracket was the end of another array, in a broken record.
                AddBroken(at, next.Start, "It stands between two records and belongs to neither.");
                part = next;
            }
            else
            {
                if (_hasTail) return EndInside(at, "It stands behind a record and belongs to none.");

                return _mayBeCut ? throw new JsonException("cut off") : false;
            }
        }
    }

    /// <summary>Whether what follows the array's bracket is the rest of the page.</summary>
    private bool IsEnd(int at) => NextByte(Array, at) < 0 || ReadMembers(at, BehindArray, isBeforeArray: false) >= 0;

    /// <summary>The last element is broken, so the array's end is looked for from the page's end.</summary>
    private bool EndInside(int at, string problem)
    {
        var bracket = PreviousByte(Array, _end);
        var hasBracket = bracket >= at && Bytes[bracket] == ']';
        if (!_hasTail && (_mayBeCut || (_endsInString && !hasBracket))) throw new JsonException("cut off");

        AddBroken(at, hasBracket ? bracket : _end, problem);
        return _left > 0 && (_hasTail || (hasBracket && !_endsInString));
    }

    /// <summary>Reads the element that starts at or after <paramref name="at"/>, and the byte that must follow it.</summary>
    private Part Read(int at)
    {
        at = NextByte(Array, at) is >= 0 and var start ? start : _end;
        var text = Bytes[at..(int)Math.Min(_end, at + _left)];
        var reader = new Utf8JsonReader(text, isFinalBlock: false, Start);
        try
        {
            if (!reader.Read() || !PageElement.TryRead(ref reader, _bytes[at..], _shape, out var element))
            {
                var token = NextToken(text, (int)reader.BytesConsumed);
                var isInString = token < text.Length && text[token] == '"';
                _mayBeCut |= at + text.Length == _end && !isInString;
                _endsInString |= isInString;
                _left -= text.Length;
                return new(at, default, 0, "Its end cannot be found.");
            }

            _left -= reader.BytesConsumed;
            var next = NextByte(Array, at + (int)reader.BytesConsumed);
            if (IsAt(next, ',') || IsAt(next, ']')) return new(at, element, next + 1, null);

            _mayBeCut |= next < 0;
            return new(at, default, 0, "Neither a comma nor a bracket follows it.");
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
        for (; _left > 0 && Array[at..].IndexOf((byte)'{') is >= 0 and var found; at++)
        {
            at += found;
            if (PreviousByte(Bytes, at) is not (>= 0 and var before) || Bytes[before] is not ((byte)',' or (byte)'[')) continue;

            var part = Read(at);
            if (part.Problem is not null) continue;
            if (part.Element.IsRecord) return part;

            at += part.Element.Json.Length - 1;
        }

        return null;
    }

    /// <summary>Reads members of the page and notes its paging value.</summary>
    /// <param name="at">Where the first member, or the comma before it, may stand.</param>
    /// <param name="state">Of a reader that came there.</param>
    /// <param name="isBeforeArray">Reads to the start of the array of records; otherwise to the page's end.</param>
    /// <returns>The place behind; -1 if it cannot be reached.</returns>
    private int ReadMembers(int at, JsonReaderState state, bool isBeforeArray)
    {
        var text = Bytes[at..(int)Math.Min(Bytes.Length, at + _left)];
        var reader = new Utf8JsonReader(text, isFinalBlock: false, state);
        ReadOnlyMemory<byte> paging = default;
        try
        {
            while (reader.Read())
            {
                var isEnd = reader.TokenType == JsonTokenType.EndObject;
                var (isRecords, isPaging) = isEnd ? default : (PageElement.IsText(ref reader, _shape.Records), PageElement.IsText(ref reader, _shape.Paging));
                if (!isEnd && !reader.Read()) break;

                var start = at + (int)reader.TokenStartIndex;
                if (isEnd || (isBeforeArray && isRecords && reader.TokenType == JsonTokenType.StartArray))
                {
                    _left -= start + 1 - at;
                    if (isEnd && (isBeforeArray || NextByte(Bytes, start + 1) >= 0)) return -1;

                    if (!paging.IsEmpty) _page.Paging = paging;
                    return start + 1;
                }

                if (!reader.TrySkip()) break;
                if (isPaging) paging = _bytes[start..(at + (int)reader.BytesConsumed)];
            }

            _left -= text.Length;
            _mayBeCut = true;
        }
        catch (JsonException)
        {
            _left -= Cost(text, (int)reader.BytesConsumed);
        }

        return -1;
    }

    private bool IsPagingGood()
    {
        // It may be absent only where everything around the array could be read.
        if (_page.Paging.IsEmpty && !_hasHead) return false;

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
        if (part.Element.Levels <= PageElement.MaxDepth) part.Element.AddTo(_page);
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

    private bool IsAt(int at, char what) => at >= 0 && Bytes[at] == what;

    private static byte[] Quoted(byte[] name) => [(byte)'"', .. name, (byte)'"'];

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

    private static JsonReaderState StateAfter(ReadOnlySpan<byte> text)
    {
        var reader = new Utf8JsonReader(text, isFinalBlock: false, Start);
        while (reader.Read())
        {
            // To the end.
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
