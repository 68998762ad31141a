namespace ActivityConnector.Tests.Detections;

/// <summary>What an expression is computed from: a row's columns, and the time that <c>NOW()</c> gives.</summary>
internal sealed record EsqlContext(Func<string, object?> Column, DateTimeOffset Now);

/// <summary>An expression of ES|QL. A condition is true, false or null.</summary>
/// <param name="Position">Where it stands in the query.</param>
internal abstract record EsqlExpression(int Position)
{
    public abstract object? Of(EsqlContext context);

    /// <summary>The columns that it reads, and for what.</summary>
    public abstract IEnumerable<(EsqlColumn Column, string Kind, object? Literal)> Columns(string kind);
}

internal sealed record EsqlLiteral(object? Value, int Position) : EsqlExpression(Position)
{
    public override object? Of(EsqlContext context) => Value;

    public override IEnumerable<(EsqlColumn, string, object?)> Columns(string kind) => [];
}

internal sealed record EsqlColumn(string Name, int Position) : EsqlExpression(Position)
{
    public override object? Of(EsqlContext context) => context.Column(Name);

    public override IEnumerable<(EsqlColumn Column, string Kind, object? Literal)> Columns(string kind) => [(this, kind, null)];
}

/// <summary>A function, or an operator, whose operands are given to it as values.</summary>
/// <param name="Compute">Is called with single values only; a null or a list among them gives null.</param>
internal sealed record EsqlCall(
    string Name, IReadOnlyList<EsqlExpression> Operands, Func<EsqlContext, object[], object?> Compute, int Position) : EsqlExpression(Position)
{
    public override object? Of(EsqlContext context)
    {
        var values = new object[Operands.Count];
        for (var i = 0; i < values.Length; i++)
        {
            var value = Operands[i].Of(context);
            if (!EsqlValue.IsSingle(value)) return null;

            values[i] = value!;
        }

        return Compute(context, values);
    }

    public override IEnumerable<(EsqlColumn Column, string Kind, object? Literal)> Columns(string kind)
    {
        var literal = Operands.OfType<EsqlLiteral>().Select(l => l.Value).FirstOrDefault();
        return Operands.SelectMany(o => o is EsqlColumn column ? [(column, Name, literal)] : o.Columns(Name));
    }
}

/// <summary>The logic of three values.</summary>
internal sealed record EsqlLogic(string Operator, EsqlExpression Left, EsqlExpression Right) : EsqlExpression(Left.Position)
{
    public override object? Of(EsqlContext context)
    {
        var (isAnd, left, right) = (Operator == "AND", Left.Of(context) as bool?, Right.Of(context) as bool?);
        if (left == !isAnd || right == !isAnd) return !isAnd;

        return left is null || right is null ? null : isAnd;
    }

    public override IEnumerable<(EsqlColumn Column, string Kind, object? Literal)> Columns(string kind) => Left.Columns(kind).Concat(Right.Columns(kind));
}

internal sealed record EsqlIsNull(EsqlExpression Inner, bool Negated) : EsqlExpression(Inner.Position)
{
    public override object? Of(EsqlContext context) => Inner.Of(context) is null != Negated;

    public override IEnumerable<(EsqlColumn Column, string Kind, object? Literal)> Columns(string kind) => Inner.Columns("IS NULL");
}

/// <summary>A value is in a list; null when it is not and one of the list is null.</summary>
internal sealed record EsqlIn(EsqlExpression Value, IReadOnlyList<EsqlExpression> List) : EsqlExpression(Value.Position)
{
    public override object? Of(EsqlContext context)
    {
        var value = Value.Of(context);
        if (!EsqlValue.IsSingle(value)) return null;

        var isUnknown = false;
        foreach (var item in List)
        {
            var other = item.Of(context);
            if (!EsqlValue.IsSingle(other))
            {
                isUnknown = true;
            }
            else if (EsqlValue.Compare(value!, other!) == 0)
            {
                return true;
            }
        }

        return isUnknown ? null : false;
    }

    public override IEnumerable<(EsqlColumn Column, string Kind, object? Literal)> Columns(string kind)
    {
        var literal = List.OfType<EsqlLiteral>().Select(l => l.Value).FirstOrDefault();
        return (Value is EsqlColumn column ? [(column, "IN", literal)] : Value.Columns("IN")).Concat(List.SelectMany(e => e.Columns("IN")));
    }
}
