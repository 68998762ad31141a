using System.Globalization;
using System.Text;

namespace ActivityConnector.Terminals;

/// <summary>
/// Text that vendors, servers, files or strangers wrote, as a person may read it: the one place where it is escaped. What would steer a
/// terminal, forge a line or turn the order of letters is shown as JSON escapes it: control characters, line and paragraph separators, what is
/// invisible by Unicode's category Format (all that changes the direction of text is in it), and half surrogate pairs.
/// </summary>
/// <remarks>What is escaped is plain: doing it again changes nothing.</remarks>
internal static class PlainText
{
    /// <summary>The longest line of a log or an error, in characters.</summary>
    public const int MostOfLine = 8_192;

    private const int MostLines = 200;

    /// <summary>The text in one line, and no longer than that; what is cut says how long it was.</summary>
    /// <param name="most">The most characters, without the remark.</param>
    public static string Of(string text, int most = MostOfLine)
    {
        if (text.Length <= most && text.EnumerateRunes().All(rune => IsPlain(rune) && rune != Rune.ReplacementChar)) return text;

        var plain = new StringBuilder();
        var at = 0;
        while (at < text.Length)
        {
            var isWhole = Rune.TryGetRuneAt(text, at, out var rune);
            var length = plain.Length;
            if (isWhole)
            {
                Append(plain, rune);
            }
            else
            {
                Append(plain, text[at]);
            }

            if (plain.Length > most)
            {
                plain.Length = length;
                return plain.Append(CultureInfo.InvariantCulture, $"… (cut: {text.Length} characters in all)").ToString();
            }

            at += isWhole ? rune.Utf16SequenceLength : 1;
        }

        return plain.ToString();
    }

    /// <summary>The details of an error: each of its lines indented and plain, and not without end.</summary>
    public static IEnumerable<string> Indented(Exception exception) =>
        exception.ToString().ReplaceLineEndings("\n").Split('\n').Take(MostLines).Select(line => "    " + Of(line.Trim()));

    /// <summary>Whether it may stand in a line as it is.</summary>
    public static bool IsPlain(Rune rune) => Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate);

    /// <summary>The character, or its escape.</summary>
    public static void Append(StringBuilder plain, Rune rune)
    {
        Span<char> units = stackalloc char[2];
        units = units[..rune.EncodeToUtf16(units)];
        if (IsPlain(rune))
        {
            plain.Append(units);
        }
        else
        {
            foreach (var unit in units) Append(plain, unit);
        }
    }

    private static void Append(StringBuilder plain, char unit) => plain.Append(unit switch
    {
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        _ => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}"),
    });
}
