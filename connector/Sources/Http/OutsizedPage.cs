using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace ActivityConnector.Sources.Http;

/// <summary>
/// A page of one record that is too large to be kept. It is read through, byte by byte, and reduced to a small page: the members around the
/// array that matter, and the record, or, of a record that is too large itself, its id, time and account. Its first bytes are then kept beside it.
/// </summary>
/// <remarks>Only strings and brackets are looked at. The small page is then read like any other, so what is wrong in it is found there.</remarks>
internal sealed class OutsizedPage
{
    /// <summary>The most that is kept of each part.</summary>
    private const int MaxKeptBytes = 64 * 1024;

    /// <summary>The most that is kept of all parts together.</summary>
    private const int MaxPartsBytes = 8 * MaxKeptBytes;

    private const int ArrayDepth = 2;
    private const int RecordDepth = 3;

    private readonly PageShape _shape;
    private readonly int _most;
    private readonly List<byte> _small = [];
    private readonly List<byte> _head = [];
    private readonly List<byte> _name = [];
    private PageBody? _body;
    private long _total;
    private long _recordBytes;
    private int _depth;
    private int _partAt;
    private int _recordAt;
    private int _recordEnd;
    private bool _inString;
    private bool _isEscaped;
    private bool _inName;
    private bool _isNameNext;
    private bool _isArrayNext;
    private bool _inArray;
    private bool _inRecord;
    private bool _keeps;
    private bool _isClosed;

    private OutsizedPage(PageShape shape, int most)
    {
        _shape = shape;
        _most = most;
    }

    /// <summary>The small page.</summary>
    public PageBody Body => _body!;

    /// <param name="stream">Read to its end.</param>
    /// <param name="shape">Names what is kept.</param>
    /// <param name="most">The bytes that a page may have.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="JsonException">It is not one page with one record, or it is not too large.</exception>
    public static async ValueTask<OutsizedPage> ReadAsync(Stream stream, PageShape shape, int most, CancellationToken cancellationToken)
    {
        var page = new OutsizedPage(shape, most);
        var buffer = ArrayPool<byte>.Shared.Rent(MaxKeptBytes);
        try
        {
            for (int count; (count = await stream.ReadAsync(buffer, cancellationToken)) > 0;)
            {
                page._total += count;
                foreach (var b in buffer.AsSpan(0, count)) page.Next(b);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        if (!page._isClosed || page._recordBytes == 0 || page._total <= most) throw new JsonException("not one large record");

        if (page.IsRecordKept) page.TakeWholeRecord();
        page._body = PageBody.Copy(CollectionsMarshal.AsSpan(page._small));
        return page;
    }

    /// <summary>The page. A record that is too large itself becomes a broken element. The page owns <see cref="Body"/>.</summary>
    /// <exception cref="JsonException">The small page is not of the shape.</exception>
    public VendorPage ToPage(DateTimeOffset asOf, DateTimeOffset receivedAt)
    {
        var page = new VendorPage(Body) { AsOf = asOf, ReceivedAt = receivedAt };
        try
        {
            PageSplitter.Split(page, _shape);
        }
        catch (JsonException) when (IsRecordKept)
        {
            PageSalvage.Split(page, _shape);
        }

        if (IsRecordKept) return page;

        var reason = $"A page with this record alone has {_total} bytes; a page may have {_most}.";
        var broken = new BrokenElement(_head[..MaxKeptBytes].ToArray(), _recordBytes, reason);
        if (page.Records is [var record]) broken = broken with { Id = record.Id, Time = record.Time, Account = record.Account };
        page.Records.Clear();
        page.Broken.Add(broken);
        return page;
    }

    private void Next(byte b)
    {
        var isSpace = !_inString && b is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t';
        if (_isClosed && !isSpace) throw new JsonException("text after the page");

        if (_inArray && !(IsAt(ArrayDepth) && (isSpace || b is (byte)']' or (byte)','))) TakeRecordByte(b);
        if (_inString) NextInString(b);
        else if (!isSpace) NextOutside(b);

        // Names and brackets without values: no page of one record has as many.
        if (_small.Count > MaxPartsBytes + MaxKeptBytes) throw new JsonException("too many parts");
    }

    private void NextInString(byte b)
    {
        Keep(b);
        if (_isEscaped)
        {
            _isEscaped = false;
        }
        else if (b == '\\')
        {
            _isEscaped = true;
        }
        else if (b == '"')
        {
            _inString = false;
            if (_inName) EndName();
        }
    }

    private void NextOutside(byte b)
    {
        switch (b)
        {
            case (byte)'"':
                _inString = true;
                _inName = _isNameNext && HasMembers;
                _isNameNext = false;
                Keep(b);
                break;
            case (byte)'{' or (byte)'[':
                Open(b);
                break;
            case (byte)'}' or (byte)']':
                Close(b);
                break;
            case (byte)',' when HasMembers:
                (_keeps, _isNameNext, _isArrayNext) = (false, true, false);
                break;
            case (byte)',' when _inArray && IsAt(ArrayDepth):
                throw new JsonException("more than one record");
            default:
                Keep(b);
                break;
        }
    }

    /// <summary>A page could hold the record: something else makes this one too large.</summary>
    private bool IsRecordKept => _recordBytes == _head.Count;

    /// <summary>The open object is the page or the record, whose members are looked at one by one.</summary>
    private bool HasMembers => _depth == 1 || (_inRecord && _depth == RecordDepth);

    private bool IsAt(int depth) => !_inString && _depth == depth;

    private void Open(byte b)
    {
        _depth++;
        if (_depth == 1 && b != '{') throw new JsonException("not an object");

        if (_depth == ArrayDepth && _isArrayNext && b == '[')
        {
            (_inArray, _keeps) = (true, false);
            _small.Add(b);
            _recordAt = _small.Count;
        }
        else if (_depth == 1 || (_inArray && _depth == RecordDepth && b == '{'))
        {
            (_inRecord, _isNameNext) = (_depth == RecordDepth, true);
            _small.Add(b);
        }
        else
        {
            Keep(b);
        }
    }

    private void Close(byte b)
    {
        if (HasMembers || (_inArray && _depth == ArrayDepth))
        {
            if (_inArray && _depth == ArrayDepth) (_inArray, _recordEnd) = (false, _small.Count);
            (_keeps, _inRecord) = (false, false);
            _small.Add(b);
        }
        else
        {
            Keep(b);
        }

        _depth--;
        _isClosed = _depth == 0;
    }

    private void TakeWholeRecord()
    {
        _small.RemoveRange(_recordAt, _recordEnd - _recordAt);
        _small.InsertRange(_recordAt, _head);
    }

    private void EndName()
    {
        _inName = false;
        var name = CollectionsMarshal.AsSpan(_name)[1..^1];
        _isArrayNext = _depth == 1 && name.SequenceEqual(_shape.Records);
        _keeps = _depth == 1
            ? _isArrayNext || name.SequenceEqual(_shape.Paging) || name.SequenceEqual("type"u8)
            : name.SequenceEqual("id"u8) || name.SequenceEqual(_shape.Time) || name.SequenceEqual(_shape.Account);
        _partAt = _small.Count;
        if (_keeps)
        {
            if (_small[^1] != '{') _small.Add((byte)',');
            _small.AddRange(_name);
        }

        _name.Clear();
    }

    private void Keep(byte b)
    {
        if (_inName)
        {
            // No name that is looked for is as long. The quote that ends it is kept.
            if (_name.Count < MaxKeptBytes || (b == '"' && !_isEscaped)) _name.Add(b);
        }
        else if (_keeps)
        {
            _small.Add(b);
            if (_small.Count - _partAt > MaxKeptBytes || _small.Count > MaxPartsBytes) GiveUpPart();
        }
    }

    private void GiveUpPart()
    {
        if (!_inArray) throw new JsonException("a part of the page is too large");

        _small.RemoveRange(_partAt, _small.Count - _partAt);
        _keeps = false;
    }

    private void TakeRecordByte(byte b)
    {
        _recordBytes++;
        if (_head.Count < _most) _head.Add(b);
    }
}
