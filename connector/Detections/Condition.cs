namespace ActivityConnector.Detections;

/// <summary>
/// Sigma's condition: names of selections with <c>and</c>, <c>or</c>, <c>not</c> and parentheses, <c>1 of NAME*</c>, <c>all of NAME*</c>,
/// <c>1 of them</c> and <c>all of them</c>. <c>not</c> binds before <c>and</c>, <c>and</c> before <c>or</c>.
/// </summary>
/// <remarks>The rule is the Sigma specification's, 2.0: https://sigmahq.io/sigma-specification.</remarks>
internal sealed class Condition
{
    private const int MostWords = 500;

    private readonly IReadOnlyDictionary<string, Predicate> _selections;
    private readonly string[] _words;
    private int _at;

    private Condition(string text, IReadOnlyDictionary<string, Predicate> selections)
    {
        _selections = selections;
        _words = text.Replace("(", " ( ", StringComparison.Ordinal).Replace(")", " ) ", StringComparison.Ordinal)
            .Split([' ', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries);
    }

    /// <exception cref="FormatException">It is no condition over these selections; the message says why.</exception>
    public static Predicate Parse(string text, IReadOnlyDictionary<string, Predicate> selections)
    {
        var condition = new Condition(text, selections);
        if (condition._words.Length > MostWords) throw new FormatException($"The condition has more than {MostWords} words.");

        var parsed = condition.Or();
        return condition._at == condition._words.Length
            ? parsed
            : throw new FormatException($"The condition has '{condition._words[condition._at]}' where 'and', 'or' or its end belongs.");
    }

    private Predicate Or() => Joined("or", And, parts => new AnyOf(parts));

    private Predicate And() => Joined("and", Term, parts => new AllOf(parts));

    private Predicate Joined(string word, Func<Predicate> part, Func<IReadOnlyList<Predicate>, Predicate> join)
    {
        var parts = new List<Predicate> { part() };
        while (Next(word)) parts.Add(part());

        return parts is [var only] ? only : join(parts);
    }

    private Predicate Term()
    {
        if (Next("not")) return new Not(Term());

        if (Next("("))
        {
            var inner = Or();
            return Next(")") ? inner : throw new FormatException("The condition has a parenthesis that is not closed.");
        }

        var word = Word();
        if (word is "1" or "all" && Next("of"))
        {
            var name = Word();
            var parts = _selections.Where(s => name == "them" || Matches(name, s.Key)).Select(s => s.Value).ToList();
            if (parts.Count == 0) throw new FormatException($"The condition names '{name}', and no selection has such a name.");

            return parts is [var only] ? only : word == "1" ? new AnyOf(parts) : new AllOf(parts);
        }

        return _selections.GetValueOrDefault(word)
            ?? throw new FormatException($"The condition names '{word}', and the selections are {string.Join(", ", _selections.Keys)}.");
    }

    private static bool Matches(string pattern, string name) =>
        pattern.EndsWith('*') ? name.StartsWith(pattern[..^1], StringComparison.Ordinal) : name == pattern;

    private bool Next(string word)
    {
        if (_at == _words.Length || _words[_at] != word) return false;

        _at++;
        return true;
    }

    private string Word() => _at < _words.Length ? _words[_at++] : throw new FormatException("The condition ends too early.");
}
