using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using ActivityConnector.Pipeline;
using ActivityConnector.Terminals;

namespace ActivityConnector.Configuration;

/// <summary>What the types of options mean: which are single values, how each is read, and how it is shown to a person.</summary>
internal static partial class OptionTypes
{
    private const string Bytes = "bytes";

    public static IReadOnlyList<PropertyInfo> Properties(Type type) =>
        [.. type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite && p.GetIndexParameters().Length == 0)];

    public static bool IsScalar(Type type)
    {
        var bare = Bare(type);
        return bare == typeof(string) || bare.IsEnum || bare.IsPrimitive || bare == typeof(TimeSpan);
    }

    /// <summary>The T of a list of T; null for any other type.</summary>
    public static Type? ElementOf(Type type) =>
        type.IsGenericType && type != typeof(string) && type.GetGenericArguments() is [var element]
        && type.IsAssignableFrom(typeof(List<>).MakeGenericType(element))
            ? element
            : null;

    /// <summary>The T of a dictionary from names to T; null for any other type.</summary>
    public static Type? DictionaryValueOf(Type type) =>
        type.IsGenericType && type.GetGenericArguments() is [var key, var value] && key == typeof(string)
        && type.IsAssignableFrom(typeof(Dictionary<,>).MakeGenericType(key, value))
            ? value
            : null;

    public static IList NewList(Type element) => (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(element))!;

    public static IDictionary NewDictionary(Type value) =>
        (IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(typeof(string), value))!;

    /// <summary>Whether the option names a file or folder: a relative one starts from where it was written.</summary>
    public static bool IsPath(PropertyInfo property) => property.PropertyType == typeof(string)
        && (property.Name == "Path" || property.Name.EndsWith("File", StringComparison.Ordinal) || property.Name.EndsWith("Folder", StringComparison.Ordinal));

    /// <summary>Whether the option holds a secret: each of them can also be given as a file, by an option of that name with <c>File</c>.</summary>
    public static bool IsSecret(PropertyInfo property) => property.DeclaringType!.GetProperty(property.Name + "File") is not null;

    /// <summary>What the number of an option counts, in the plural; null where it counts nothing.</summary>
    public static string? UnitOf(PropertyInfo property) => property.GetCustomAttribute<UnitAttribute>()?.Unit;

    /// <summary>A key without the places in arrays: <c>Sources:Intercom:1:Account</c> is <c>Sources:Intercom:Account</c>.</summary>
    public static string WithoutNumbers(string key) => string.Join(':', key.Split(':').Where(part => part.Length == 0 || !part.All(char.IsAsciiDigit)));

    public static bool TryParse(Type type, string text, string? unit, out object? value)
    {
        var bare = Bare(type);
        value = bare switch
        {
            _ when bare == typeof(string) => text,
            _ when bare == typeof(bool) => bool.TryParse(text, out var b) ? b : null,
            _ when bare == typeof(int) && unit == Bytes => SizeText.Bytes(text) is >= int.MinValue and <= int.MaxValue and var s ? (int)s : null,
            _ when bare == typeof(int) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var i) ? i : null,
            _ when bare == typeof(long) && unit == Bytes => SizeText.Bytes(text),
            _ when bare == typeof(long) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var l) ? l : null,
            _ when bare == typeof(TimeSpan) => TimeText.Duration(text),
            _ when bare.IsEnum => EnumValue(bare, text),
            _ => throw new NotSupportedException($"Options of type {bare} cannot be read."),
        };
        return value is not null;
    }

    /// <summary>How a valid value looks, to stand after "Give".</summary>
    public static string Wanted(Type type, PropertyInfo property)
    {
        var bare = Bare(type);
        var unit = UnitOf(property) is { } counted ? $" of {counted}" : "";
        var range = property.GetCustomAttribute<RangeAttribute>() switch
        {
            null => "",
            { Maximum: >= (double)long.MaxValue } r => $"{(unit.Length > 0 ? "," : " of")} at least {r.Minimum}",
            var r => $" between {r.Minimum} and {r.Maximum}",
        };
        return bare switch
        {
            _ when bare == typeof(bool) => "true or false",
            _ when bare == typeof(int) || bare == typeof(long) =>
                $"a whole number{unit}{range}{(UnitOf(property) == Bytes ? ", or a size such as 500MB" : "")}",
            _ when bare == typeof(TimeSpan) => $"a duration{range} as hh:mm:ss or d.hh:mm:ss or with a unit, for example 00:15:00 or 15m",
            _ when bare.IsEnum => string.Join(" or ", EnumNames(bare)),
            _ => "one text",
        };
    }

    /// <summary>The names of an enum as they are written in configuration.</summary>
    public static IEnumerable<string> EnumNames(Type type) => Enum.GetValues(type).Cast<Enum>().Select(NameOf);

    /// <summary>A value as it is written in configuration: the kind of journal as a name, the others as words in lower case, with _ between.</summary>
    public static string NameOf(Enum value) => value is JournalKind ? value.ToString() : WordStart().Replace(value.ToString(), "_").ToLowerInvariant();

    // Enum.TryParse would take numbers too.
    private static Enum? EnumValue(Type type, string text) =>
        Enum.GetValues(type).Cast<Enum>().FirstOrDefault(v => NameOf(v).Equals(text, StringComparison.OrdinalIgnoreCase));

    [GeneratedRegex("(?<=[a-z])(?=[A-Z])")]
    private static partial Regex WordStart();

    private static Type Bare(Type type) => Nullable.GetUnderlyingType(type) ?? type;
}
