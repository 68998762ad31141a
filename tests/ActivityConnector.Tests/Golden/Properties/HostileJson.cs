using FsCheck;
using FsCheck.Fluent;

namespace ActivityConnector.Tests.Golden.Properties;

/// <summary>JSON that no vendor should send: valid text, every kind of value, names and sizes that break naive mapping.</summary>
internal static class HostileJson
{
    private static readonly string[] Pieces =
    [
        "", " ", "a", "x y", "jane@example.com", "JANE@Example.com", "a@b@c", "@", "10.0.0.1", "https://h.example/p", "h.example",
        "1.2.3", "::1", "=", "é", "😀", "\u2028", "\uFEFF", "\uFFFD", "\u007F", "\uFFFF", "İ", "ß", "\\n", "\\t", "\\\"", "\\\\", "\\/",
        "\\u0000",
        "\\u0001", "\\u001f", "\\ud800", "\\udc00", "\\udc00\\ud800", "\\ud83d\\ude00", "\\u00e9", "_", ".", "{", "null", "0", "-1",
        "1795280000", "2026-11-21T18:00:00Z", "2026-13-45T99:00:00Z", "9999-12-31T23:59:59.9999999-14:00", "0001-01-01T00:00:00+14:00",
    ];

    private static readonly string[] Names =
    [
        "message", "a.b", "a_b", "a", "b", "A B", "User.Id", "userId", "", "_", "...", "é", "ключ", "😀", "before", "after", "changes",
        "admin",
        "user", "teammate", "email", "id", "name", "team", "url", "webhook", "domains", "key", "value", "update_by", "update_by_name",
        "first_name", "entityType", "permissions", "\\u0000", "\\ud800", "\\u0061", "\\\"", "\\\\", "@timestamp", "event.id",
    ];

    private static readonly string[] Numbers =
    [
        "0", "-0", "1", "-1", "6", "1.0", "0.1", "-2.50", "1e5", "1E-7", "1e400", "-1e400", "1e999999999", "0e0", "1e-400", "1795280000",
        "1795280000123",
        "1795280000.1234567", "1795280000123456", "1795280000123456789", "9223372036854775808", "123456789012345678901234567890",
        "79228162514264337593543950336", "99999999999", "100000000000", "-62135596800", "253402300800",
    ];

    private static readonly Gen<string> LongText = Gen.Elements(8191, 8192, 8193, 9000).Select(n => $"\"{new string('x', n - 1)}😀\"");

    private static readonly Gen<string> Large = Gen.OneOf(
        LongText,
        Gen.Elements(63, 64, 65, 300).Select(n => $"[{string.Join(',', Enumerable.Range(0, n))}]"),
        Gen.Elements(255, 256, 257, 400).Select(n => $"{{{string.Join(',', Enumerable.Range(0, n).Select(i => $"\"k{i}\":{i}"))}}}"),
        Gen.Elements(15, 16, 17, 40, 60).Select(n => Nested(n, "{\"d\":", "}")),
        Gen.Elements(15, 16, 17, 40, 60).Select(n => Nested(n, "[", "]")));

    public static Gen<string> Text { get; } =
        Gen.Choose(0, 3).SelectMany(n => Gen.Elements(Pieces).ArrayOf(n)).Select(pieces => $"\"{string.Concat(pieces)}\"");

    public static Gen<string> Number { get; } = Gen.Elements(Numbers);

    public static Gen<string> Scalar { get; } =
        Gen.Frequency((4, Text), (3, Number), (1, Gen.Constant("true")), (1, Gen.Constant("false")), (1, Gen.Constant("null")));

    public static Gen<string> Name { get; } = Gen.Elements(Names).Select(name => $"\"{name}\"");

    public static Gen<string> Value { get; } = ValueOf(3);

    /// <summary>Members of an object, names possibly twice: each <c>"name":value</c>.</summary>
    public static Gen<string[]> Members { get; } = MembersOf(ValueOf(2));

    public static Gen<string> Object { get; } = Members.Select(members => $"{{{string.Join(',', members)}}}");

    private static Gen<string> ValueOf(int depth) => depth == 0
        ? Scalar
        : Gen.Frequency(
            (6, Scalar),
            (2, ItemsOf(ValueOf(depth - 1))),
            (3, MembersOf(ValueOf(depth - 1)).Select(members => $"{{{string.Join(',', members)}}}")),
            (1, Large));

    private static Gen<string> ItemsOf(Gen<string> value) =>
        Gen.Choose(0, 4).SelectMany(n => value.ArrayOf(n)).Select(items => $"[{string.Join(',', items)}]");

    private static Gen<string[]> MembersOf(Gen<string> value) => Gen.Choose(0, 5).SelectMany(n => Member(value).ArrayOf(n));

    private static Gen<string> Member(Gen<string> value) => Name.SelectMany(name => value.Select(v => $"{name}:{v}"));

    private static string Nested(int depth, string open, string close) =>
        string.Concat(Enumerable.Repeat(open, depth)) + "\"deep\"" + string.Concat(Enumerable.Repeat(close, depth));
}
