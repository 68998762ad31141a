using System.Text;
using ActivityConnector.Transforms.Records;

namespace ActivityConnector.Transforms.Ecs;

/// <summary>Fields that never change, written once. Each starts with a comma, so they join.</summary>
internal static class JsonFragment
{
    public static string Field(string name, string? value) => Clean(value) is { Length: > 0 } text ? $",\"{name}\":{Quote(text)}" : "";

    public static string Field(string name, IReadOnlyList<string> values)
    {
        var quoted = values.Select(Clean).Where(value => value.Length > 0).Select(Quote).ToList();
        return quoted.Count == 0 ? "" : $",\"{name}\":[{string.Join(',', quoted)}]";
    }

    private static string Quote(string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        var to = new byte[utf8.Length * Escapes.MaxBytes];
        return $"\"{Encoding.UTF8.GetString(to, 0, Escapes.Write(utf8, to))}\"";
    }

    private static string Clean(string? text) => (text ?? "").Replace("\0", "", StringComparison.Ordinal);
}
