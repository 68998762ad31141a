namespace ActivityConnector.Tests.Detections;

/// <summary>Patterns in which <c>*</c> stands for any characters and <c>?</c> for one.</summary>
internal static class Wildcard
{
    /// <param name="escapes">Whether a backslash before a character takes its meaning away (ES|QL), or is a character as others are (EQL).</param>
    public static bool Matches(ReadOnlySpan<char> text, ReadOnlySpan<char> pattern, bool ignoreCase, bool escapes)
    {
        // Where to go on when what follows the last star did not match.
        var (t, p, star, from) = (0, 0, -1, 0);
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                (star, from) = (p++, t);
                continue;
            }

            var escaped = escapes && p + 1 < pattern.Length && pattern[p] == '\\';
            if (p < pattern.Length && (Same(text[t], pattern[escaped ? p + 1 : p], ignoreCase) || (!escaped && pattern[p] == '?')))
            {
                (t, p) = (t + 1, p + (escaped ? 2 : 1));
                continue;
            }

            if (star < 0) return false;

            (t, p) = (++from, star + 1);
        }

        return pattern[p..].TrimStart('*').IsEmpty;
    }

    private static bool Same(char a, char b, bool ignoreCase) => a == b || (ignoreCase && char.ToUpperInvariant(a) == char.ToUpperInvariant(b));
}
