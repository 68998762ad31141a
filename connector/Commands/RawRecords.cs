using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using ActivityConnector.Sources.Http;

namespace ActivityConnector.Commands;

/// <summary>One record of the input, or what is wrong with a line of it.</summary>
/// <param name="Json">Valid until the next record is asked for; empty when there is an error.</param>
/// <param name="Line">Where it starts, from 1.</param>
internal readonly record struct RawRecord(ReadOnlyMemory<byte> Json, long Line, string? Error);

/// <summary>
/// The records of a stream, whatever people have at hand: one a line, one after another over many lines, JSON arrays, or whole answers
/// of a vendor. Reads on after a broken line. Holds one value at a time, never the stream.
/// </summary>
/// <remarks>Not thread-safe; enumerate once.</remarks>
internal sealed class RawRecords(Stream input, string listName)
{
    private const int FirstBuffer = 128 * 1024;
    private const int MaxValueBytes = 512 * 1024 * 1024;

    /// <summary>Two levels more than the mapping takes of a record: an answer of the vendor and its list.</summary>
    private static readonly JsonReaderOptions Options = new() { AllowMultipleValues = true, MaxDepth = 514 };

    private readonly byte[] _listName = Encoding.UTF8.GetBytes(listName);
    private readonly Queue<(int Start, int Length, long Line)> _ofPage = [];
    private byte[] _buffer = new byte[FirstBuffer];
    private int _start;
    private int _end;
    private long _line = 1;
    private bool _atEnd;
    private bool _inArray;
    private long _arrayLine;
    private bool _isBroken;
    private bool _skipsLine;
    private JsonReaderState _state = new(Options);
    private int _scanned;

    public async IAsyncEnumerable<RawRecord> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            while (TryNext(out var record)) yield return record;

            if (_atEnd)
            {
                if (_inArray && !_isBroken) yield return new(default, _arrayLine, "The array that begins here is not closed: the input is cut off.");

                yield break;
            }

            await FillAsync(cancellationToken);
        }
    }

    private async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        if (_start > 0)
        {
            Array.Copy(_buffer, _start, _buffer, 0, _end - _start);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _buffer.Length) Array.Resize(ref _buffer, _buffer.Length * 2);

        var read = await input.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
        _end += read;
        _atEnd = read == 0;
    }

    /// <summary>False when more of the stream is needed.</summary>
    private bool TryNext(out RawRecord record)
    {
        if (_ofPage.TryDequeue(out var part))
        {
            record = new(_buffer.AsMemory(part.Start, part.Length), part.Line, null);
            return true;
        }

        record = default;
        if (_scanned == 0 && !SkipBetween()) return false;

        var reader = new Utf8JsonReader(_buffer.AsSpan(_start + _scanned, _end - _start - _scanned), _atEnd, _state);
        try
        {
            while (reader.Read())
            {
                if (reader.CurrentDepth == 0 && reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray))
                {
                    return Complete(_scanned + (int)reader.BytesConsumed, out record);
                }
            }
        }
        catch (JsonException e)
        {
            return Broken(e.Message.Split(" LineNumber:")[0], out record);
        }

        _scanned += (int)reader.BytesConsumed;
        _state = reader.CurrentState;
        if (_end - _start > MaxValueBytes) return Broken("It is larger than 512 MiB.", out record);

        return false;
    }

    private bool Complete(int length, out RawRecord record)
    {
        var value = _buffer.AsMemory(_start, length);
        record = new(value, _line, null);
        var isPage = value.Span[0] == '{' && QueuePage(value.Span);
        _line += value.Span.Count((byte)'\n');
        _start += length;
        Restart();
        return !isPage || TryNext(out record);
    }

    private bool Broken(string cause, out RawRecord record)
    {
        record = new(default, _line, cause);
        _skipsLine = _isBroken = true;
        Restart();
        return true;
    }

    private void Restart() => (_scanned, _state) = (0, new(Options));

    /// <summary>
    /// Steps over white space, over what stands between the elements of an array, and over the rest of a broken line. False when the
    /// buffer ends with it.
    /// </summary>
    private bool SkipBetween()
    {
        for (; _start < _end; _start++)
        {
            var b = _buffer[_start];
            if (b == '\n')
            {
                _line++;
                _skipsLine = false;
            }
            else if (!_skipsLine)
            {
                switch (b)
                {
                    // White space, the separator of JSON text sequences, and the byte order mark of Windows' tools.
                    case (byte)' ' or (byte)'\t' or (byte)'\r' or 0x1E or 0xEF or 0xBB or 0xBF:
                    case (byte)',' when _inArray:
                        break;
                    case (byte)'[' when !_inArray:
                        _inArray = true;
                        _arrayLine = _line;
                        break;
                    case (byte)']' when _inArray:
                        _inArray = false;
                        break;
                    default:
                        return true;
                }
            }
        }

        return false;
    }

    /// <summary>True when the value is a vendor's answer: its records are then queued instead.</summary>
    private bool QueuePage(ReadOnlySpan<byte> value)
    {
        var reader = new Utf8JsonReader(value, new JsonReaderOptions { MaxDepth = Options.MaxDepth });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isList = PageElement.IsText(ref reader, _listName);
            reader.Read();
            if (!isList || reader.TokenType != JsonTokenType.StartArray)
            {
                reader.Skip();
                continue;
            }

            var (line, counted) = (_line, 0);
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                var from = (int)reader.TokenStartIndex;
                reader.Skip();
                line += value[counted..from].Count((byte)'\n');
                counted = from;
                _ofPage.Enqueue((_start + from, (int)reader.BytesConsumed - from, line));
            }

            return true;
        }

        return false;
    }
}
