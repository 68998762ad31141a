using System.Globalization;

namespace ActivityConnector.Tests.Detections;

/// <summary>Reads the text of an EQL query, from Elastic's syntax reference.</summary>
internal sealed class EqlParser(string text)
{
    private const int MostRuns = 100;

    private static readonly HashSet<string> Keywords =
    [
        "and", "any", "by", "false", "in", "join", "like", "maxspan", "not", "null", "of", "or", "regex", "sample", "sequence", "true", "until", "where",
        "with",
    ];

    private readonly QueryLexer _lexer = new(text);

    public EqlQuery Parse()
    {
        var query = IsKeyword("sequence") ? Sequence() : new EqlQuery([Stage([])], false, null);
        if (_lexer.Current.IsSymbol("|")) throw Error("Pipes are not supported here.");

        if (IsKeyword("until")) throw Error("'until' is not supported here.");

        return _lexer.Current.Kind == QueryTokenKind.End ? query : throw Error($"The query should end before {_lexer.Current}.");
    }

    private EqlQuery Sequence()
    {
        _lexer.Take();
        IReadOnlyList<EqlField> by = TakeIfKeyword("by") ? FieldList() : [];
        TimeSpan? maxspan = TakeIfKeyword("with") ? Maxspan() : null;
        if (IsKeyword("by")) throw Error("'by' stands before 'with maxspan', not after it.");

        var start = _lexer.Current.Position;
        var stages = new List<EqlStage>();
        while (!(_lexer.Current.Kind == QueryTokenKind.End || _lexer.Current.IsSymbol("|") || IsKeyword("until"))) SequenceItem(by, stages);

        if (stages.Count < 2) throw _lexer.Error(start, "A sequence has two items or more.");

        var keys = stages.Select(s => s.By.Count).Distinct().Count();
        return keys == 1 ? new(stages, true, maxspan) : throw _lexer.Error(start, "Every item of a sequence has as many fields after 'by' as the others.");
    }

    private void SequenceItem(IReadOnlyList<EqlField> by, List<EqlStage> stages)
    {
        if (_lexer.Current.IsSymbol("!")) throw Error("Missing events (![...]) are not supported here.");

        _lexer.Expect("[");
        var stage = Stage(by);
        _lexer.Expect("]");
        if (TakeIfKeyword("by")) stage = stage with { By = [.. by, .. FieldList()] };

        var runs = 1;
        if (TakeIfKeyword("with"))
        {
            Keyword("runs");
            _lexer.Expect("=");
            var number = _lexer.Current;
            if (number.Kind != QueryTokenKind.Number || !int.TryParse(number.Text, CultureInfo.InvariantCulture, out runs) || runs is < 1 or > MostRuns)
            {
                throw Error($"'runs' is a whole number from 1 to {MostRuns}.");
            }

            _lexer.Take();
        }

        stages.AddRange(Enumerable.Repeat(stage, runs));
    }

    private TimeSpan Maxspan()
    {
        Keyword("maxspan");
        _lexer.Expect("=");
        var number = _lexer.Current;
        if (number.Kind != QueryTokenKind.Number || !double.TryParse(number.Text, CultureInfo.InvariantCulture, out var count) || count <= 0)
        {
            throw Error("'maxspan' is a number above 0 with a unit, such as 30m.");
        }

        _lexer.Take();
        var unit = _lexer.Current.Kind == QueryTokenKind.Name ? _lexer.Current.Text : "";
        var span = unit switch
        {
            "d" => TimeSpan.FromDays(count),
            "h" => TimeSpan.FromHours(count),
            "m" => TimeSpan.FromMinutes(count),
            "s" => TimeSpan.FromSeconds(count),
            "ms" => TimeSpan.FromMilliseconds(count),
            _ => throw Error("The unit of 'maxspan' is d, h, m, s or ms."),
        };
        _lexer.Take();
        return span;
    }

    private EqlStage Stage(IReadOnlyList<EqlField> by)
    {
        var category = _lexer.Current;
        if (category.Kind is not (QueryTokenKind.Name or QueryTokenKind.Text) || (category.Kind == QueryTokenKind.Name && category.Text.Contains('.')))
        {
            throw Error($"A category or 'any' is expected before {category}; one with other characters than letters stands in quotes.");
        }

        if (category.Kind == QueryTokenKind.Name && category.Text != "any" && Keywords.Contains(category.Text))
        {
            throw Error($"{category} cannot begin a query.");
        }

        _lexer.Take();
        Keyword("where");
        return new(category is { Kind: QueryTokenKind.Name, Text: "any" } ? null : category.Text, Either(), by);
    }

    private EqlCondition Either()
    {
        var left = Both();
        while (TakeIfKeyword("or")) left = new EqlEither(left, Both());

        return left;
    }

    private EqlCondition Both()
    {
        var left = Single();
        while (TakeIfKeyword("and")) left = new EqlBoth(left, Single());

        return left;
    }

    private EqlCondition Single()
    {
        if (TakeIfKeyword("not")) return Single().Negate();

        if (_lexer.TakeIf("("))
        {
            var inner = Either();
            _lexer.Expect(")");
            return inner;
        }

        if (IsKeyword("true") || IsKeyword("false")) return new EqlTruth(_lexer.Take().Text == "true");

        var condition = StartsField() ? FieldCondition(Field()) : ValueFirst();
        return _lexer.Current.Text is "==" or "!=" || EqlOrder.IsOperator(_lexer.Current.Text)
            ? throw Error("Comparisons cannot be chained: 'and' stands between them.")
            : condition;
    }

    private EqlCondition FieldCondition(EqlField field)
    {
        var negated = TakeIfKeyword("not");
        var (symbol, isName) = (_lexer.Current.Text, _lexer.Current.Kind == QueryTokenKind.Name);
        if (isName && symbol is "in" or "like")
        {
            _lexer.Take();
            var ignoreCase = _lexer.TakeIf("~");
            var values = symbol == "in" || _lexer.Current.IsSymbol("(") ? List() : [Value()];
            var one = new EqlOneOf(field, ignoreCase ? symbol + "~" : symbol, values, ignoreCase, symbol == "like");
            if (symbol == "like" && values.Any(v => v is not string)) throw Error($"'{one.Operator}' compares text only.");

            return negated ? one.Negate() : one;
        }

        if (isName && symbol == "regex") throw Error("'regex' is not supported here.");

        if (negated) throw Error("After 'not' behind a field stands 'in' or 'like'.");

        if (_lexer.Current.Kind != QueryTokenKind.Symbol) throw Error($"A comparison is expected before {_lexer.Current}.");

        if (symbol == "=") throw Error("'=' is not supported: '==' or ':' compares.");

        if (symbol is not ("==" or "!=" or ":") && !EqlOrder.IsOperator(symbol)) throw Error($"A comparison is expected before {_lexer.Current}.");

        _lexer.Take();
        return symbol == ":" ? Insensitive(field) : Comparison(field, symbol);
    }

    private EqlOneOf Insensitive(EqlField field)
    {
        IReadOnlyList<object> values = _lexer.Current.IsSymbol("(") ? List() : [Value()];
        return new(field, ":", values, true, values.All(v => v is string));
    }

    private EqlCondition Comparison(EqlField field, string symbol)
    {
        if (IsKeyword("null"))
        {
            if (symbol is not ("==" or "!=")) throw Error("null is compared with '==' or '!=' only.");

            _lexer.Take();
            return symbol == "!=" ? new EqlExists(field) : new EqlExists(field).Negate();
        }

        if (StartsField()) throw Error($"Comparisons against fields are not supported by Elasticsearch: {_lexer.Current} in '{symbol}'.");

        var value = Value();
        return symbol switch
        {
            "==" => new EqlEqual(field, value),
            "!=" => new EqlEqual(field, value).Negate(),
            _ => new EqlOrder(field, symbol, value),
        };
    }

    /// <summary>As in <c>47 &lt; event.severity</c>.</summary>
    private EqlCondition ValueFirst()
    {
        var value = Value();
        var symbol = _lexer.Current.Text;
        if (symbol is not ("==" or "!=") && !EqlOrder.IsOperator(symbol)) throw Error($"A comparison is expected before {_lexer.Current}.");

        _lexer.Take();
        if (!StartsField()) throw Error($"A field is expected before {_lexer.Current}.");

        var field = Field();
        return symbol switch
        {
            "==" => new EqlEqual(field, value),
            "!=" => new EqlEqual(field, value).Negate(),
            _ => new EqlOrder(field, symbol[0] == '<' ? ">" + symbol[1..] : "<" + symbol[1..], value),
        };
    }

    private List<object> List()
    {
        _lexer.Expect("(");
        var values = new List<object>();
        do values.Add(Value());
        while (_lexer.TakeIf(","));

        _lexer.Expect(")");
        return values.Select(v => v is string).Distinct().Count() == 1 ? values : throw Error("The values of a list are all text, or none is.");
    }

    private object Value()
    {
        var negative = _lexer.TakeIf("-");
        var token = _lexer.Current;
        if (token.Kind == QueryTokenKind.Number)
        {
            _lexer.Take();
            if (!token.Text.Contains('.') && long.TryParse(token.Text, CultureInfo.InvariantCulture, out var whole)) return negative ? -whole : whole;

            var number = double.Parse(token.Text, CultureInfo.InvariantCulture);
            return negative ? -number : number;
        }

        if (negative) throw Error("A number is expected after '-'.");

        if (token.Kind == QueryTokenKind.Text) return _lexer.Take().Text;

        if (IsKeyword("true") || IsKeyword("false")) return _lexer.Take().Text == "true";

        throw Error(StartsField() ? $"A field cannot stand here, only a value: {token}." : $"A value is expected before {token}.");
    }

    private List<EqlField> FieldList()
    {
        var fields = new List<EqlField>();
        do fields.Add(Field());
        while (_lexer.TakeIf(","));

        return fields;
    }

    private bool StartsField() =>
        _lexer.Current.Kind == QueryTokenKind.QuotedName || _lexer.Current.IsSymbol("?")
        || (_lexer.Current.Kind == QueryTokenKind.Name && !Keywords.Contains(_lexer.Current.Text));

    private EqlField Field()
    {
        if (!StartsField()) throw Error($"A field is expected before {_lexer.Current}.");

        var optional = _lexer.TakeIf("?");
        var name = _lexer.Current;
        if (name.Kind is not (QueryTokenKind.Name or QueryTokenKind.QuotedName)) throw Error("A field is expected after '?'.");

        _lexer.Take();
        return _lexer.Current.IsSymbol("(") || (_lexer.Current.IsSymbol("~") && name.Kind == QueryTokenKind.Name)
            ? throw _lexer.Error(name.Position, $"The function {name} is unknown: functions are not supported here.")
            : new(name.Text, optional);
    }

    private bool IsKeyword(string word) => _lexer.Current.Kind == QueryTokenKind.Name && _lexer.Current.Text == word;

    private bool TakeIfKeyword(string word)
    {
        if (!IsKeyword(word)) return false;

        _lexer.Take();
        return true;
    }

    private void Keyword(string word)
    {
        if (!TakeIfKeyword(word)) throw Error($"'{word}' is expected before {_lexer.Current}.");
    }

    private QuerySyntaxException Error(string cause) => _lexer.Error(_lexer.Current.Position, cause);
}
