using System.Globalization;
using System.Text;

namespace ActivityConnector.Tests.Golden.Properties;

/// <summary>JSON that no vendor should send: valid text, every kind of value, names and sizes that break naive mapping. The same seed gives the same.</summary>
internal sealed class HostileJson(Random random)
{
    /// <summary>
    /// Characters that are treated apart somewhere: white space, letters of every kind, marks, digits and numbers, escapes. Unicode 14 at most.
    /// </summary>
    private static readonly string[] Characters =
    [
        " ", "a", "Z", "k", "S", "i", "0", "9", "_", "-", ".", ":", "/", "@", "=", "%", ",", "[", "]", "(", "<", ";", "#", "?", "&", "~", "{", "'", "*",
        "\u00A0", "\u0085", "\u2003", "\u2028", "\u3000", "\uFEFF", "\u200B", "\u007F", "\uFFFD", "\uFFFF", "é", "É", "ß", "ẞ", "ſ", "ı", "İ", "\u212A",
        "Σ", "σ", "ς", "Ⱥ", "ǅ", "ﬁ", "ｅ", "。", "Ж", "ж", "ي", "א", "ह", "ि", "न", "漢", "ا\u0651", "e\u0301", "٣", "५", "²",
        "Ⅷ", "½", "ªº", "𐐀", "𐐨", "😀", "👩\u200D💻",
        "\\n", "\\t", "\\r", "\\b", "\\f", "\\\"", "\\\\", "\\/", "\\u0000", "\\u0001", "\\u001c", "\\u001f", "\\u0085", "\\u00a0", "\\ud800", "\\udc00",
        "\\udc00\\ud800", "\\ud83d\\ude00", "\\u00e9", "\\u0041", "\\u0040",
    ];

    private static readonly string[] Names =
    [
        "message", "a.b", "a_b", "a-b", "a", "b", "A B", "User.Id", "userId", "", "_", "...", "!!!", "é", "É", "größe", "名前", "हिन्दी", "ไทยน้ำ",
        "ключ", "😀", "before", "after",
        "changes", "admin", "user", "teammate", "email", "id", "name", "team", "url", "webhook_url", "Domain", "domains", "host", "endpoint", "key", "value",
        "update_by", "update_by_name", "first_name", "last_name", "entityType", "entityId", "permissions", "role", "@timestamp", "event.id", "i\\u0000d",
        "\\u0061", "\\ud800", "\\\"",
    ];

    private static readonly string[] Numbers =
    [
        "0", "-0", "0.0", "-0.0e5", "1", "-1", "6", "1.0", "0.1", "-2.50", "1e5", "1E+5", "1E-7", "1e400", "-1e400", "1e999999999", "0e0", "1e-400",
        "1e-99999999999999999999", "1e99999999999999999999", "1e999999999999999999", "10e999999999999999999",
        "1e1000000000000000000", "1e-999999999999999999", "1795280000", "1795280000123", "1795280000.1234567", "1795280000123456",
        "1795280000123456789", "9223372036854775808", "123456789012345678901234567890", "79228162514264337593543950336", "99999999999", "100000000000",
        "99999999999.99999999999999999999999", "1547669358.99999999999999999999", "-62135596800", "253402300799", "253402300800", "253402300799.99999999",
        "253402300799999999999",
    ];

    public bool Happens(int oneIn) => random.Next(oneIn) == 0;

    public T Any<T>(params IReadOnlyList<T> values) => values[random.Next(values.Count)];

    public int Between(int least, int most) => random.Next(least, most + 1);

    /// <summary>The inside of a string, as JSON writes it.</summary>
    public string Inside(int most = 4)
    {
        var text = new StringBuilder();
        for (var i = random.Next(most + 1); i > 0; i--) text.Append(Any(Characters));

        return text.ToString();
    }

    /// <summary>A text that is nearly the given one, as JSON writes it.</summary>
    public string Near(string text) => random.Next(8) switch
    {
        0 => text + Any(Characters),
        1 => Any(Characters) + text,
        2 when text.Length > 0 => text.Remove(random.Next(text.Length), 1),
        3 => text.Insert(random.Next(text.Length + 1), Any(Characters)),
        4 => text.Replace("k", "\u212A", StringComparison.OrdinalIgnoreCase).Replace("s", "ſ", StringComparison.OrdinalIgnoreCase),
        5 => text.ToUpperInvariant(),
        6 => text.ToLowerInvariant(),
        _ => $" {text}\u00A0",
    };

    public string Text(int most = 4) => $"\"{Inside(most)}\"";

    public string Name() => Happens(4) ? Text(3) : $"\"{Any(Names)}\"";

    public string Number()
    {
        if (Happens(2)) return Any(Numbers);

        var digits = Digits(Between(1, Any(2, 11, 14, 19, 40))).TrimStart('0');
        var fraction = Happens(2) ? "." + Digits(Between(1, Any(3, 9, 30))) : "";
        var exponent = Happens(4) ? string.Create(CultureInfo.InvariantCulture, $"{Any("e", "E", "e+", "e-")}{random.Next(30)}") : "";
        return (Happens(8) ? "-" : "") + (digits.Length == 0 ? "0" : digits) + fraction + exponent;
    }

    public string Digits(int count)
    {
        var digits = new StringBuilder();
        for (var i = 0; i < count; i++) digits.Append((char)('0' + random.Next(10)));

        return digits.ToString();
    }

    public string Scalar() => random.Next(10) switch
    {
        < 4 => Text(),
        < 7 => Number(),
        7 => "true",
        8 => "false",
        _ => "null",
    };

    public string Value(int depth = 3)
    {
        if (depth == 0 || Happens(2)) return Scalar();

        return random.Next(60) switch
        {
            < 21 => "[" + string.Join(',', Many(4, () => Value(depth - 1))) + "]",
            < 59 => Braces(Members(depth - 1)),
            _ => Large(),
        };
    }

    /// <summary>Members of an object, names possibly twice.</summary>
    public string[] Members(int depth = 2) => Many(5, () => $"{Name()}:{Value(depth)}");

    public string[] Many(int most, Func<string> make)
    {
        var made = new string[random.Next(most + 1)];
        for (var i = 0; i < made.Length; i++) made[i] = make();

        return made;
    }

    public static string Braces(IEnumerable<string> members) => $"{{{string.Join(',', members)}}}";

    /// <summary>Something on either side of a limit.</summary>
    private string Large()
    {
        switch (random.Next(12))
        {
            case 0: return $"\"{new string('x', Between(8188, 8194))}😀\"";
            case 1: return $"[{string.Join(',', Enumerable.Range(0, Any(63, 64, 65, 300)))}]";
            case 2: return $"{{{string.Join(',', Enumerable.Range(0, Any(127, 129, 255, 256, 257, 400)).Select(i => $"\"k{i}\":{i}"))}}}";
            case 3: return Nested(Any(15, 16, 17, 40), $"{{{Name()}:", Scalar(), "}");
            case 4: return Nested(Any(15, 16, 17, 40), "[", Scalar(), "]");
            case 5: return $"{{\"{new string('n', Between(116, 130))}{Inside()}\":{{{Name()}:{Scalar()}}}}}";
            case 6: return $"{{\"{string.Concat(Enumerable.Repeat(Any("é", "漢", "𐐀", "!", "Ⱥ"), Between(30, 130)))}\":{Scalar()}}}";
            case 7: return $"\"{string.Concat(Enumerable.Repeat("é", Between(4090, 8200)))}\"";
            case 8: return $"[{string.Join(',', Enumerable.Range(0, 64))},{Any("null", "\"\"", "null,1", "{}", "[]")}]";
            case 9: return Nested(Between(41, 180), $"{{{Name()}:", Scalar(), "}");
            case 10: return Nested(Between(41, 180), "[", Scalar(), "]");
            default: return $"[{string.Join(',', Enumerable.Range(0, Any(19, 20, 21, 40)).Select(i => $"\"u{i}@example.com\""))}]";
        }
    }

    private static string Nested(int depth, string open, string inner, string close) =>
        string.Concat(Enumerable.Repeat(open, depth)) + inner + string.Concat(Enumerable.Repeat(close, depth));
}
