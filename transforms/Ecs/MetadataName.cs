using System.Security.Cryptography;
using System.Text;
using ActivityConnector.Transforms.Records;

namespace ActivityConnector.Transforms.Ecs;

/// <summary>
/// One name for a path of free-form keys, which are joined by <c>_</c>. Of a key, letters, their marks and digits of every script stay, in lower case;
/// every run of other characters becomes one <c>_</c>, and none stands at its start or end. (Mapping 1.3.)
/// </summary>
internal static class MetadataName
{
    private const int MaxCharacters = 128;
    private const int DigestBytes = 4;

    /// <summary>The name of a key below the name of the path to it, or below none.</summary>
    public static Text Below(RecordTree record, Text path, Text key)
    {
        var part = PartOf(record, key);
        if (path.IsEmpty) return Shortened(record, part);

        var room = record.Room(path.Length + 1 + part.Length);
        record[path].CopyTo(room);
        room[path.Length] = (byte)'_';
        record[part].CopyTo(room[(path.Length + 1)..]);
        return Shortened(record, record.Commit(room.Length));
    }

    /// <summary>A name that is too long keeps its start, and has a digest of the whole instead of the rest.</summary>
    private static Text Shortened(RecordTree record, Text name)
    {
        if (Cut.To(record, name, MaxCharacters).Length == name.Length) return name;

        var digest = Convert.ToHexStringLower(SHA256.HashData(record[name]).AsSpan(0, DigestBytes));
        return record.Append($"{record.StringOf(Cut.To(record, name, MaxCharacters - 1 - digest.Length))}_{digest}");
    }

    /// <summary>What a key is in a name.</summary>
    public static Text PartOf(RecordTree record, Text key)
    {
        if (IsPart(record[key])) return key;

        // A letter of two bytes can have three in lower case.
        var room = record.Room(key.Length * 2);
        var (length, isGap) = (0, false);
        foreach (var rune in record.StringOf(key).EnumerateRunes())
        {
            if (!Rune.IsLetterOrDigit(rune) && (isGap || length == 0 || !CombiningMark.Is(rune)))
            {
                isGap = length > 0;
                continue;
            }

            if (isGap) room[length++] = (byte)'_';

            isGap = false;
            length += LowerCase.Of(rune).EncodeToUtf8(room[length..]);
        }

        return length > 0 ? record.Commit(length) : record.Append(CodePointsOf(record.StringOf(key)));
    }

    /// <summary>Whether a key is already as a name is: lower-case ASCII letters and digits, with single <c>_</c> between them.</summary>
    private static bool IsPart(ReadOnlySpan<byte> key)
    {
        var isGap = true;
        foreach (var b in key)
        {
            if (b == '_' ? isGap : !(char.IsAsciiLetterLower((char)b) || char.IsAsciiDigit((char)b))) return false;

            isGap = b == '_';
        }

        return !isGap;
    }

    /// <summary>What is left of a key without a letter or digit, so that two of them stay apart.</summary>
    private static string CodePointsOf(string key)
    {
        var name = new StringBuilder("u");
        foreach (var rune in key.EnumerateRunes()) name.Append(name.Length == 1 ? "" : "_").Append($"{rune.Value:x}");

        return name.ToString();
    }
}
