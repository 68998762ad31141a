using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using ActivityConnector.Transforms.Ecs;
using ActivityConnector.Transforms.Records;

namespace ActivityConnector.Transforms.Privacy;

/// <summary>
/// The values of one record that a rule hides, and where they stand: alone or inside another text, in any case of letters, encoded as URLs, JSON and HTML
/// encode, cut at the end of a text, as another spelling of an address, or in a field's name. (Mapping 7.)
/// </summary>
internal sealed partial class PrivateValues
{
    /// <summary>Of a shorter value only whole words are found: it may be part of any word by chance.</summary>
    private const int DistinctiveLength = 6;

    /// <summary>A text in which more is to be looked for is hidden as a whole.</summary>
    private const int MostWork = 4 * 1024 * 1024;

    private const int MostDecodings = 3;

    /// <summary>Only a text of at least so many characters, or a name of so many, can have been cut.</summary>
    private const int ShortestCut = 1000;
    private const int ShortestCutName = 100;

    /// <summary>The start of a value that is looked for at the end of a text.</summary>
    private const int ShortestStart = 4;

    private readonly Dictionary<string, PrivacyAction> _actions = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<IPAddress, PrivacyAction> _addresses = [];
    private readonly List<string> _names = [];
    private readonly RecordTree _text = new();
    private SearchValues<string>? _any;

    public void Clear()
    {
        _actions.Clear();
        _addresses.Clear();
        _names.Clear();
        _any = null;
    }

    public void Add(string value, PrivacyAction action)
    {
        _actions[value] = Stricter(ActionOf(value), action);
        if (AddressOf(value) is { } address) _addresses[address] = Stricter(_addresses.GetValueOrDefault(address), action);

        _names.Add(NameOf(value));
        _any = null;
    }

    /// <summary>What happens to a text that is a private value, and nothing else.</summary>
    private PrivacyAction ActionOf(string value) => _actions.GetValueOrDefault(value);

    /// <summary>Whether a name below a vendor's own, which is made of a key, holds a private value, or the start of one before a digest.</summary>
    public bool IsInName(string name) => _names.Exists(hidden =>
        hidden == name || (hidden.Length >= DistinctiveLength
            && (name.Contains(hidden, StringComparison.Ordinal)
                || (name.Length >= ShortestCutName && StartAtEnd(name[..Math.Max(0, name.LastIndexOf('_'))], hidden, StringComparison.Ordinal) > 0))));

    /// <summary>Whether a private value is anywhere in the text.</summary>
    public bool IsIn(string text) => Replace(text, (_, _) => "") != text;

    /// <summary>Whether an id contains a private value that cannot be there by chance: the number of a user may be that of an event.</summary>
    public bool IsInId(string id) => Replace(id, (found, _) => found.Length < DistinctiveLength ? found : "") != id;

    /// <summary>The text with what stands for each private value in it; the same instance where there is none.</summary>
    /// <param name="text">Any text of the event.</param>
    /// <param name="substitute">What stands for a value under its action.</param>
    public string Replace(string text, Func<string, PrivacyAction, string> substitute)
    {
        if (_actions.Count == 0) return text;

        var decoded = text;
        for (var i = 0; i < MostDecodings; i++)
        {
            if (decoded.Contains('+') && HasPlain(decoded.Replace('+', ' '))) return substitute(text, PrivacyAction.Drop);

            var encoded = decoded;
            decoded = Decoded(encoded);
            if (decoded == encoded) break;
            if (HasPlain(decoded)) return substitute(text, PrivacyAction.Drop);
        }

        return ReplaceStart(ReplacePlain(text, substitute), substitute);
    }

    private bool HasPlain(string text) => ReplacePlain(text, (_, _) => "") is var rest && (rest != text || ReplaceStart(rest, (_, _) => "") != rest);

    /// <summary>As a URL, a JSON text or an HTML page would be read.</summary>
    private static string Decoded(string text)
    {
        if (text.Contains('%')) text = Uri.UnescapeDataString(text);
        if (text.Contains('\\')) text = JsonEscape().Replace(text, match => match.Value is ['\\', 'u', .. var digits]
            ? ((char)int.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToString()
            : match.Value[1..]);

        return text.Contains('&') ? WebUtility.HtmlDecode(text) : text;
    }

    /// <summary>Without the start of a value at the end of a text that may have been cut there.</summary>
    private string ReplaceStart(string text, Func<string, PrivacyAction, string> substitute)
    {
        if (text.Length < ShortestCut) return text;

        var length = _actions.Keys.Max(value => StartAtEnd(text, value, StringComparison.OrdinalIgnoreCase));
        return length == 0 ? text : text[..^length] + substitute(text[^length..], PrivacyAction.Drop);
    }

    /// <summary>How many characters at the end of a text are the start of a value; 0 when they may be by chance.</summary>
    private static int StartAtEnd(string text, string value, StringComparison comparison)
    {
        for (var length = Math.Min(value.Length - 1, text.Length); length >= ShortestStart; length--)
        {
            if (text.AsSpan(text.Length - length).Equals(value.AsSpan(0, length), comparison)) return length;
        }

        return 0;
    }

    private string ReplacePlain(string text, Func<string, PrivacyAction, string> substitute)
    {
        _any ??= SearchValues.Create([.. _actions.Keys], StringComparison.OrdinalIgnoreCase);
        if (text.AsSpan().ContainsAny(_any))
        {
            // What is left of a large text would take too long to find.
            if ((long)text.Length * _actions.Count > MostWork) return substitute(text, PrivacyAction.Drop);

            foreach (var (value, action) in _actions.OrderByDescending(pair => pair.Key.Length))
            {
                text = ReplaceOne(text, value, substitute, action);
            }
        }

        return _addresses.Count == 0 ? text : AddressLike().Replace(text, match =>
            AddressOf(match.Value) is { } address && _addresses.TryGetValue(address, out var action) ? substitute(match.Value, action) : match.Value);
    }

    private static string ReplaceOne(string text, string value, Func<string, PrivacyAction, string> substitute, PrivacyAction action)
    {
        StringBuilder? replaced = null;
        var (start, from) = (0, 0);
        while (text.IndexOf(value, from, StringComparison.OrdinalIgnoreCase) is var at and >= 0)
        {
            var end = at + value.Length;
            from = end;
            if (value.Length < DistinctiveLength && (IsWordAt(text, at - 1) || IsWordAt(text, end))) continue;

            (replaced ??= new()).Append(text, start, at - start).Append(substitute(text[at..end], action));
            start = end;
        }

        return replaced is null ? text : replaced.Append(text, start, text.Length - start).ToString();
    }

    private static bool IsWordAt(string text, int at) => at >= 0 && at < text.Length && char.IsLetterOrDigit(text[at]);

    private static IPAddress? AddressOf(string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        return StrictAddress.TryReadV4(utf8, out var address) || StrictAddress.TryReadV6(utf8, out address) ? address : null;
    }

    private string NameOf(string value)
    {
        _text.Read("0"u8);
        return _text.StringOf(MetadataName.PartOf(_text, _text.Append(value)));
    }

    private static PrivacyAction Stricter(PrivacyAction a, PrivacyAction b)
        => a == PrivacyAction.Drop || b == PrivacyAction.Drop ? PrivacyAction.Drop : a > b ? a : b;

    [GeneratedRegex("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*[0-9a-fA-F:]|[0-9]{1,3}(?:\\.[0-9]{1,3}){3}", RegexOptions.NonBacktracking)]
    private static partial Regex AddressLike();

    [GeneratedRegex("""\\(?:u[0-9a-fA-F]{4}|["'\\/])""", RegexOptions.NonBacktracking)]
    private static partial Regex JsonEscape();
}
