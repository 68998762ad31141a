using System.Globalization;
using System.Text;

namespace ActivityConnector.Tests.Detections;

/// <summary>What a token is.</summary>
internal enum QueryTokenKind
{
    End,
    Name,
    QuotedName,
    Text,
    Number,
    Symbol,
}

/// <summary>A token of a query: its text without quotes and escapes, and where it begins and ends.</summary>
internal readonly record struct QueryToken(QueryTokenKind Kind, string Text, int Position, int End)
{
    public bool IsSymbol(string symbol) => Kind == QueryTokenKind.Symbol && Text == symbol;

    public override string ToString() => Kind == QueryTokenKind.End ? "the end of the query" : $"'{Text}'";
}

/// <summary>The tokens of EQL and of ES|QL, which have the same strings, escapes, quoted names, numbers and comments.</summary>
internal sealed class QueryLexer
{
    private static readonly string[] Symbols =
        ["==", "!=", "<=", ">=", "=~", "<", ">", "=", "(", ")", "[", "]", ",", "|", ":", "~", "?", "!", "+", "-", "*", "/", "%"];

    private readonly string _text;
    private int _next;

    public QueryLexer(string text)
    {
        _text = text;
        Take();
    }

    /// <summary>The token that is read next.</summary>
    public QueryToken Current { get; private set; }

    public QueryToken Take()
    {
        var taken = Current;
        Current = Read();
        return taken;
    }

    public bool TakeIf(string symbol)
    {
        if (!Current.IsSymbol(symbol)) return false;

        Take();
        return true;
    }

    public QueryToken Expect(string symbol) => Current.IsSymbol(symbol) ? Take() : throw Error(Current.Position, $"'{symbol}' is expected before {Current}.");

    /// <summary>The text from the current token to before the given characters, as it stands; the token after it is read next.</summary>
    public (string Text, int Position) TakeRaw(Func<char, bool> isEnd)
    {
        var start = Current.Position;
        var end = start;
        while (end < _text.Length && !isEnd(_text[end])) end++;

        _next = end;
        Current = Read();
        return (_text[start..end], start);
    }

    public QuerySyntaxException Error(int position, string cause) => new(_text, position, cause);

    /// <summary>The text of an expression, for names of columns that have none.</summary>
    public string Between(int from, int to) => _text[from..to].Trim();

    private QueryToken Read()
    {
        SkipBlanks();
        if (_next >= _text.Length) return new(QueryTokenKind.End, "", _text.Length, _text.Length);

        var (start, first) = (_next, _text[_next]);
        if (first == '"') return ReadText();

        if (first == '`') return ReadQuotedName();

        if (char.IsAsciiDigit(first)) return ReadNumber();

        if (char.IsAsciiLetter(first) || first is '_' or '@')
        {
            while (_next < _text.Length && (char.IsAsciiLetterOrDigit(_text[_next]) || _text[_next] is '_' or '@' or '.')) _next++;

            return new(QueryTokenKind.Name, _text[start.._next], start, _next);
        }

        foreach (var symbol in Symbols)
        {
            if (string.CompareOrdinal(_text, start, symbol, 0, symbol.Length) != 0) continue;

            _next += symbol.Length;
            return new(QueryTokenKind.Symbol, symbol, start, _next);
        }

        throw Error(start, first == '\'' ? "Strings stand in double quotes, not in single ones." : $"The character '{first}' is not expected.");
    }

    private void SkipBlanks()
    {
        while (_next < _text.Length)
        {
            if (char.IsWhiteSpace(_text[_next]))
            {
                _next++;
            }
            else if (StartsWith("//"))
            {
                var end = _text.IndexOf('\n', _next);
                _next = end < 0 ? _text.Length : end;
            }
            else if (StartsWith("/*"))
            {
                var end = _text.IndexOf("*/", _next, StringComparison.Ordinal);
                _next = end < 0 ? throw Error(_next, "The comment has no end.") : end + 2;
            }
            else
            {
                return;
            }
        }
    }

    private bool StartsWith(string start) => string.CompareOrdinal(_text, _next, start, 0, start.Length) == 0;

    private QueryToken ReadText()
    {
        var start = _next;
        if (StartsWith("\"\"\""))
        {
            var end = _text.IndexOf("\"\"\"", start + 3, StringComparison.Ordinal);
            if (end < 0) throw Error(start, "The raw string has no end.");

            _next = end + 3;
            return new(QueryTokenKind.Text, _text[(start + 3)..end], start, _next);
        }

        var value = new StringBuilder();
        for (_next++; ; _next++)
        {
            if (_next >= _text.Length || _text[_next] is '\r' or '\n') throw Error(start, "The string has no end.");

            if (_text[_next] == '"') break;

            value.Append(_text[_next] == '\\' ? ReadEscape() : _text[_next].ToString());
        }

        _next++;
        return new(QueryTokenKind.Text, value.ToString(), start, _next);
    }

    private string ReadEscape()
    {
        _next++;
        switch (_next < _text.Length ? _text[_next] : '\0')
        {
            case 'n':
                return "\n";
            case 'r':
                return "\r";
            case 't':
                return "\t";
            case '\\':
                return "\\";
            case '"':
                return "\"";
            case 'u' when _text.IndexOf('}', _next) is var end and > 0 && _text[_next + 1] == '{':
                var hex = _text[(_next + 2)..end];
                if (hex.Length is < 2 or > 8 || !int.TryParse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code)
                    || !Rune.IsValid(code))
                {
                    throw Error(_next - 1, $"'{hex}' is not the code of a character.");
                }

                _next = end;
                return new Rune(code).ToString();
            default:
                throw Error(_next - 1, "The escape is unknown: \\n, \\r, \\t, \\\\, \\\" and \\u{...} exist.");
        }
    }

    private QueryToken ReadQuotedName()
    {
        var (start, name) = (_next, new StringBuilder());
        for (_next++; ; _next++)
        {
            if (_next >= _text.Length) throw Error(start, "The quoted name has no end.");

            if (_text[_next] == '`' && (_next + 1 >= _text.Length || _text[_next + 1] != '`')) break;

            if (_text[_next] == '`') _next++;

            name.Append(_text[_next]);
        }

        _next++;
        return new(QueryTokenKind.QuotedName, name.ToString(), start, _next);
    }

    private QueryToken ReadNumber()
    {
        var start = _next;
        while (_next < _text.Length && char.IsAsciiDigit(_text[_next])) _next++;

        if (_next + 1 < _text.Length && _text[_next] == '.' && char.IsAsciiDigit(_text[_next + 1]))
        {
            _next++;
            while (_next < _text.Length && char.IsAsciiDigit(_text[_next])) _next++;
        }

        return new(QueryTokenKind.Number, _text[start.._next], start, _next);
    }
}
