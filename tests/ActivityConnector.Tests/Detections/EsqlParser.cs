using System.Globalization;

namespace ActivityConnector.Tests.Detections;

/// <summary>Reads the text of an ES|QL query, from Elastic's reference.</summary>
internal sealed class EsqlParser(string text)
{
    private static readonly string[] Aggregates = ["COUNT", "COUNT_DISTINCT", "MAX", "MIN", "VALUES"];

    private static readonly HashSet<string> Keywords = new(
        ["AND", "OR", "NOT", "IN", "IS", "NULL", "LIKE", "RLIKE", "TRUE", "FALSE", "BY", "ASC", "DESC", "NULLS", "METADATA"], StringComparer.OrdinalIgnoreCase);

    private readonly QueryLexer _lexer = new(text);
    private readonly List<FieldUse> _uses = [];
    private readonly HashSet<string> _made = [];

    /// <summary>The columns there are; null while every field of the index is one.</summary>
    private HashSet<string>? _columns;

    public EsqlQuery Parse()
    {
        Keyword("FROM");
        var sources = Sources();
        if (TakeIfKeyword("METADATA"))
        {
            do _made.Add(Name());
            while (_lexer.TakeIf(","));
        }

        var commands = new List<EsqlCommand>();
        while (_lexer.TakeIf("|")) commands.Add(Command());

        return _lexer.Current.Kind == QueryTokenKind.End
            ? new(sources, commands, [.. _uses.Distinct()])
            : throw Error($"'|' or the end of the query is expected before {_lexer.Current}.");
    }

    private List<string> Sources()
    {
        var sources = new List<string>();
        do
        {
            var (pattern, position) = _lexer.TakeRaw(c => c is ',' or '|' || char.IsWhiteSpace(c));
            if (pattern.Length == 0 || pattern.Contains('"')) throw _lexer.Error(position, "FROM names index patterns, without quotes.");

            sources.Add(pattern);
        }
        while (_lexer.TakeIf(","));

        return sources;
    }

    private EsqlCommand Command()
    {
        var command = _lexer.Current;
        if (command.Kind != QueryTokenKind.Name) throw Error($"A command is expected before {command}.");

        _lexer.Take();
        switch (command.Text.ToUpperInvariant())
        {
            case "WHERE":
                var condition = Either();
                Use(condition, "WHERE");
                return new EsqlWhere(condition);
            case "EVAL":
                return Eval();
            case "STATS":
                return Stats();
            case "KEEP":
                return Keep();
            case "SORT":
                return new EsqlSort(SeparatedBy(SortKey));
            case "LIMIT":
                if (_lexer.Current.Kind != QueryTokenKind.Number || !int.TryParse(_lexer.Current.Text, CultureInfo.InvariantCulture, out var rows))
                {
                    throw Error("LIMIT is a whole number.");
                }

                _lexer.Take();
                return new EsqlLimit(rows);
            default:
                throw _lexer.Error(command.Position, $"The command {command} is unknown or not supported here.");
        }
    }

    private EsqlEval Eval()
    {
        var columns = new List<(string, EsqlExpression)>();
        do
        {
            var named = Named("EVAL");
            Make(named.Name);
            columns.Add(named);
        }
        while (_lexer.TakeIf(","));

        return new(columns);
    }

    private EsqlStats Stats()
    {
        List<EsqlAggregate> aggregates = IsKeyword("BY") ? [] : SeparatedBy(Aggregate);
        var by = TakeIfKeyword("BY") ? SeparatedBy(() => Named("BY")) : [];
        _made.Clear();
        _columns = [.. aggregates.Select(a => a.Name), .. by.Select(b => b.Name)];
        return new(aggregates, by);
    }

    private EsqlKeep Keep()
    {
        var columns = SeparatedBy(() =>
        {
            var position = _lexer.Current.Position;
            var name = Name();
            if (_lexer.Current.IsSymbol("*")) throw Error("Patterns of names are not supported here.");

            Use(new EsqlColumn(name, position), "KEEP");
            return name;
        });
        _made.Clear();
        _columns = [.. columns];
        return new(columns);
    }

    private EsqlSortKey SortKey()
    {
        var value = Sum();
        Use(value, "SORT");
        var descending = TakeIfKeyword("DESC");
        if (!descending) TakeIfKeyword("ASC");

        if (!TakeIfKeyword("NULLS")) return new(value, descending, descending);

        var first = TakeIfKeyword("FIRST");
        if (!first) Keyword("LAST");

        return new(value, descending, first);
    }

    private EsqlAggregate Aggregate()
    {
        var start = _lexer.Current;
        var name = start.Kind is QueryTokenKind.Name or QueryTokenKind.QuotedName ? Name() : throw Error($"A column is expected before {start}.");
        var isNamed = _lexer.TakeIf("=");
        var function = isNamed ? Name() : name;
        var upper = function.ToUpperInvariant();
        if (!_lexer.Current.IsSymbol("(") || !Aggregates.Contains(upper))
        {
            throw _lexer.Error(start.Position, $"'{function}' is not one of the aggregates {string.Join(", ", Aggregates)}.");
        }

        _lexer.Expect("(");
        EsqlExpression? argument = null;
        if (upper != "COUNT" || !_lexer.TakeIf("*"))
        {
            argument = Sum();
            Use(argument, upper);
        }

        var end = _lexer.Expect(")").End;
        return new(isNamed ? name : _lexer.Between(start.Position, end), upper, argument);
    }

    private (string Name, EsqlExpression Value) Named(string kind)
    {
        var start = _lexer.Current.Position;
        var value = Either();
        var end = _lexer.Current.Position;
        if (value is not EsqlColumn column || !_lexer.TakeIf("="))
        {
            Use(value, kind);
            return (value is EsqlColumn plain ? plain.Name : _lexer.Between(start, end), value);
        }

        value = Either();
        Use(value, kind);
        return (column.Name, value);
    }

    private EsqlExpression Either()
    {
        var left = Both();
        while (TakeIfKeyword("OR")) left = new EsqlLogic("OR", left, Both());

        return left;
    }

    private EsqlExpression Both()
    {
        var left = Negation();
        while (TakeIfKeyword("AND")) left = new EsqlLogic("AND", left, Negation());

        return left;
    }

    private EsqlExpression Negation()
    {
        var position = _lexer.Current.Position;
        return TakeIfKeyword("NOT") ? Not(Negation(), position) : Comparison();
    }

    private EsqlExpression Comparison()
    {
        var left = Sum();
        var (symbol, position) = (_lexer.Current, _lexer.Current.Position);
        if (TakeIfKeyword("IS"))
        {
            var not = TakeIfKeyword("NOT");
            Keyword("NULL");
            return new EsqlIsNull(left, not);
        }

        var negated = TakeIfKeyword("NOT");
        if (TakeIfKeyword("IN"))
        {
            _lexer.Expect("(");
            var one = new EsqlIn(left, SeparatedBy(Sum));
            _lexer.Expect(")");
            return negated ? Not(one, position) : one;
        }

        if (TakeIfKeyword("LIKE"))
        {
            if (_lexer.Current.Kind != QueryTokenKind.Text) throw Error("LIKE is followed by a string.");

            var pattern = _lexer.Take().Text;
            var like = new EsqlCall(
                "LIKE",
                [left, new EsqlLiteral(pattern, position)],
                (_, v) => Wildcard.Matches(Text(v[0]), pattern, ignoreCase: false, escapes: true),
                position);
            return negated ? Not(like, position) : like;
        }

        if (negated) throw Error("After NOT behind a value stands IN or LIKE.");

        if (symbol.Kind != QueryTokenKind.Symbol || symbol.Text is not ("==" or "!=" or "<" or "<=" or ">" or ">=")) return left;

        _lexer.Take();
        var right = Sum();
        return new EsqlCall(symbol.Text, [left, right], (_, v) => Holds(symbol.Text, EsqlValue.Compare(v[0], v[1])), position);
    }

    private EsqlExpression Sum()
    {
        var left = Product();
        while (_lexer.Current is { Kind: QueryTokenKind.Symbol, Text: "+" or "-" })
        {
            var symbol = _lexer.Take();
            var sign = symbol.Text == "+" ? 1 : -1;
            left = new EsqlCall(symbol.Text, [left, Product()], (_, v) => EsqlValue.Add(v[0], v[1], sign), symbol.Position);
        }

        return left;
    }

    private EsqlExpression Product()
    {
        var left = Primary();
        while (_lexer.Current is { Kind: QueryTokenKind.Symbol, Text: "*" or "/" or "%" })
        {
            var symbol = _lexer.Take();
            left = new EsqlCall(symbol.Text, [left, Primary()], (_, v) => EsqlValue.Multiply(v[0], v[1], symbol.Text), symbol.Position);
        }

        return left;
    }

    private EsqlExpression Primary()
    {
        var token = _lexer.Current;
        if (_lexer.TakeIf("("))
        {
            var inner = Either();
            _lexer.Expect(")");
            return inner;
        }

        if (_lexer.TakeIf("-")) return new EsqlCall("-", [Primary()], (_, v) => EsqlValue.Add(0L, v[0], -1), token.Position);

        switch (token.Kind)
        {
            case QueryTokenKind.Text:
                return new EsqlLiteral(_lexer.Take().Text, token.Position);
            case QueryTokenKind.Number:
                return Number();
            case QueryTokenKind.QuotedName:
                return new EsqlColumn(_lexer.Take().Text, token.Position);
            case QueryTokenKind.Name when IsKeyword("TRUE") || IsKeyword("FALSE"):
                return new EsqlLiteral(_lexer.Take().Text.Equals("TRUE", StringComparison.OrdinalIgnoreCase), token.Position);
            case QueryTokenKind.Name when TakeIfKeyword("NULL"):
                return new EsqlLiteral(null, token.Position);
            case QueryTokenKind.Name when !Keywords.Contains(token.Text):
                _lexer.Take();
                return _lexer.Current.IsSymbol("(") ? Function(token) : new EsqlColumn(token.Text, token.Position);
            default:
                throw Error($"A value is expected before {token}.");
        }
    }

    private EsqlLiteral Number()
    {
        var number = _lexer.Take();
        if (!long.TryParse(number.Text, CultureInfo.InvariantCulture, out var count))
        {
            return new(double.Parse(number.Text, CultureInfo.InvariantCulture), number.Position);
        }

        if (_lexer.Current.Kind != QueryTokenKind.Name) return new(count, number.Position);

        TimeSpan? span = _lexer.Current.Text.ToUpperInvariant() switch
        {
            "SECOND" or "SECONDS" or "S" => TimeSpan.FromSeconds(count),
            "MINUTE" or "MINUTES" or "MIN" => TimeSpan.FromMinutes(count),
            "HOUR" or "HOURS" or "H" => TimeSpan.FromHours(count),
            "DAY" or "DAYS" or "D" => TimeSpan.FromDays(count),
            "WEEK" or "WEEKS" or "W" => TimeSpan.FromDays(7 * count),
            _ => null,
        };
        if (span is null) return new(count, number.Position);

        _lexer.Take();
        return new(span, number.Position);
    }

    private EsqlCall Function(QueryToken name)
    {
        _lexer.Expect("(");
        var arguments = _lexer.Current.IsSymbol(")") ? [] : SeparatedBy(Sum);
        _lexer.Expect(")");
        switch (name.Text.ToUpperInvariant(), arguments)
        {
            case ("NOW", []):
                return new("NOW", [], (context, _) => context.Now, name.Position);
            case ("DATE_DIFF", [EsqlLiteral { Value: string unit }, _, _]):
                if (!EsqlDateDifference.IsUnit(unit)) throw _lexer.Error(arguments[0].Position, $"'{unit}' is not a unit of DATE_DIFF.");

                return new(
                    "DATE_DIFF", [arguments[1], arguments[2]], (_, v) => EsqlDateDifference.Between(unit, Time(v[0]), Time(v[1])), name.Position);
            case ("DATE_DIFF", _):
                throw _lexer.Error(name.Position, "DATE_DIFF takes a unit as a string, a start and an end.");
            case (var other, _) when Aggregates.Contains(other):
                throw _lexer.Error(name.Position, $"{other} is an aggregate and stands in STATS only.");
            default:
                throw _lexer.Error(name.Position, $"The function {name} is unknown or not supported here.");
        }
    }

    private static EsqlCall Not(EsqlExpression inner, int position) => new("NOT", [inner], (_, v) => !(bool)v[0], position);

    private static bool Holds(string symbol, int order) => symbol switch
    {
        "==" => order == 0,
        "!=" => order != 0,
        "<" => order < 0,
        "<=" => order <= 0,
        ">" => order > 0,
        _ => order >= 0,
    };

    private static string Text(object value) => value as string ?? throw new ArgumentException("LIKE is for text.");

    private static DateTimeOffset Time(object value) => value as DateTimeOffset? ?? throw new ArgumentException("DATE_DIFF is for times.");

    private void Use(EsqlExpression expression, string kind)
    {
        foreach (var (column, use, literal) in expression.Columns(kind))
        {
            if (_made.Contains(column.Name)) continue;

            if (_columns is null)
            {
                _uses.Add(new(column.Name, use, Literal: literal));
            }
            else if (!_columns.Contains(column.Name))
            {
                throw _lexer.Error(column.Position, $"There is no column '{column.Name}' after STATS or KEEP.");
            }
        }
    }

    private void Make(string column)
    {
        _made.Add(column);
        _columns?.Add(column);
    }

    private List<T> SeparatedBy<T>(Func<T> item)
    {
        var items = new List<T>();
        do items.Add(item());
        while (_lexer.TakeIf(","));

        return items;
    }

    private string Name()
    {
        var token = _lexer.Current;
        return token.Kind == QueryTokenKind.QuotedName || (token.Kind == QueryTokenKind.Name && !Keywords.Contains(token.Text))
            ? _lexer.Take().Text
            : throw Error($"A name is expected before {token}.");
    }

    private bool IsKeyword(string word) => _lexer.Current.Kind == QueryTokenKind.Name && _lexer.Current.Text.Equals(word, StringComparison.OrdinalIgnoreCase);

    private bool TakeIfKeyword(string word)
    {
        if (!IsKeyword(word)) return false;

        _lexer.Take();
        return true;
    }

    private void Keyword(string word)
    {
        if (!IsKeyword(word)) throw Error($"{word} is expected before {_lexer.Current}.");

        // What follows FROM is read as it stands.
        _lexer.Take();
    }

    private QuerySyntaxException Error(string cause) => _lexer.Error(_lexer.Current.Position, cause);
}
