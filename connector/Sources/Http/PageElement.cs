using System.Text.Json;
using ActivityConnector.Pipeline;

namespace ActivityConnector.Sources.Http;

/// <summary>One element of a page's array: a record, or whatever else stands there.</summary>
internal struct PageElement
{
    /// <summary>A record that is nested deeper is not delivered.</summary>
    public const int MaxDepth = 256;

    /// <summary>A longer record is not delivered, because what is made of it takes many times as much memory: 8 MB, or less in a small process.</summary>
    public static readonly int MaxBytes = (int)(BatchBuilder.MostBytes / 4);

    private JsonTokenType _type;
    private bool _hasId;
    private bool _hasTime;
    private bool _hasKind;

    /// <summary>The element's text.</summary>
    public ReadOnlyMemory<byte> Json { get; private set; }

    public ReadOnlyMemory<byte> Id { get; private set; }

    public long Time { get; private set; }

    public ReadOnlyMemory<byte> Account { get; private set; }

    /// <summary>It is an object that has an id and a time or a kind of activity, whatever they are.</summary>
    public readonly bool IsRecord => _hasId && (_hasTime || _hasKind);

    /// <summary>How deep it is nested, itself included; counted only by a reader that began with it.</summary>
    public int Levels { get; private set; }

    /// <summary>Reads the element that <paramref name="reader"/> stands on to its end. No value of a member is an error.</summary>
    /// <param name="reader">Over <paramref name="bytes"/>.</param>
    /// <param name="bytes">The text that <paramref name="reader"/> reads.</param>
    /// <param name="shape">Names the members that are looked at.</param>
    /// <param name="element">What was read.</param>
    /// <returns>False when the text ends before the element does and the reader knows that more may come.</returns>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    public static bool TryRead(ref Utf8JsonReader reader, ReadOnlyMemory<byte> bytes, PageShape shape, out PageElement element)
    {
        element = new PageElement { Time = RecordTime.Unknown, _type = reader.TokenType };
        var start = (int)reader.TokenStartIndex;
        if (!(element._type == JsonTokenType.StartObject ? element.TryReadMembers(ref reader, bytes, shape) : element.TrySkip(ref reader))) return false;

        element.Json = bytes[start..(int)reader.BytesConsumed];
        return true;
    }

    /// <summary>Whether the string or name that the reader stands on says <paramref name="text"/>; false also when it cannot be decoded.</summary>
    public static bool IsText(ref Utf8JsonReader reader, ReadOnlySpan<byte> text)
    {
        if (!reader.ValueIsEscaped) return reader.ValueSpan.SequenceEqual(text);

        try
        {
            return reader.ValueTextEquals(text);
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>
    /// Adds what was read to the page's records. What is no object is not what the contract allows, but well-formed: it becomes an event that says so.
    /// </summary>
    /// <exception cref="TooManyRecordsException">The page has as many as it may have.</exception>
    public readonly void AddTo(VendorPage page)
    {
        if (page.Records.Count + page.Broken.Count >= VendorPage.MostRecords) throw new TooManyRecordsException();

        if (_type == JsonTokenType.Null)
        {
            page.Nulls++;
        }
        else if (Json.Length > MaxBytes)
        {
            var reason = $"It has more than {MaxBytes} bytes; its first {DeadLetter.MaxBodyBytes} are kept.";
            page.Broken.Add(new BrokenElement(Json[..DeadLetter.MaxBodyBytes], Json.Length, reason) { Id = Id, Time = Time, Account = Account });
        }
        else
        {
            page.Records.Add(new PageRecord(Json, Id, Time, page.ReceivedAt, Account, page.IsSalvaged));
        }
    }

    private bool TryReadMembers(ref Utf8JsonReader reader, ReadOnlyMemory<byte> bytes, PageShape shape)
    {
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.EndObject) return true;

            var isId = IsText(ref reader, "id"u8);
            var isTime = !isId && IsText(ref reader, shape.Time);
            var isAccount = !isId && !isTime && shape.Account is { } account && IsText(ref reader, account);
            _hasKind = _hasKind || IsText(ref reader, shape.Kind);
            if (!reader.Read()) return false;

            if (isId)
            {
                (Id, _hasId) = (Scalar(ref reader, bytes, allowsNumber: true), true);
            }
            else if (isTime)
            {
                (Time, _hasTime) = (RecordTime.Read(ref reader), true);
            }
            else if (isAccount)
            {
                Account = Scalar(ref reader, bytes, allowsNumber: false);
            }

            if (!TrySkip(ref reader)) return false;
        }

        return false;
    }

    /// <summary>As the reader's own, and counts the levels.</summary>
    private bool TrySkip(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray)) return true;

        var depth = reader.CurrentDepth;
        do
        {
            if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray) Levels = Math.Max(Levels, reader.CurrentDepth + 1);
            if (!reader.Read()) return false;
        }
        while (depth < reader.CurrentDepth);

        return true;
    }

    private static ReadOnlyMemory<byte> Scalar(ref Utf8JsonReader reader, ReadOnlyMemory<byte> bytes, bool allowsNumber) => reader.TokenType switch
    {
        JsonTokenType.String => bytes.Slice((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length),
        JsonTokenType.Number when allowsNumber => bytes.Slice((int)reader.TokenStartIndex, reader.ValueSpan.Length),
        _ => default,
    };
}
