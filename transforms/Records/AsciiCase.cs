namespace ActivityConnector.Transforms.Records;

/// <summary>Text in which only the letters of ASCII change their case: ſ, ı and the Kelvin sign match no word of a table.</summary>
internal static class AsciiCase
{
    public static string Lower(string text) => string.Create(text.Length, text, static (to, from) =>
    {
        for (var i = 0; i < to.Length; i++) to[i] = char.IsAsciiLetterUpper(from[i]) ? (char)(from[i] + ('a' - 'A')) : from[i];
    });

    public static string Upper(string text) => string.Create(text.Length, text, static (to, from) =>
    {
        for (var i = 0; i < to.Length; i++) to[i] = char.IsAsciiLetterLower(from[i]) ? (char)(from[i] - ('a' - 'A')) : from[i];
    });
}
